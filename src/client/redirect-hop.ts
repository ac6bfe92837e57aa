// Which requests a redirect has led away from the host that they were meant for: credentials don't go there. The mark
// is a field of the request, not a header, so that no sender can set it; and it is one that `{ ...request }` copies, so
// that a caller's own link cannot lose it by accident.

import type { HttpRequest } from '../wire/message.ts'

const foreign: unique symbol = Symbol.for('sluice.foreign')

/** Whether a redirect led the request to another host than it was first sent to. */
export const isForeign = (request: HttpRequest): boolean => foreign in request

/** The request, marked for itself and all its copies. */
export const markForeign = (request: HttpRequest): HttpRequest => Object.assign({ ...request }, { [foreign]: true })
