// The texts with which a push is refused because of Sluice's own limits. Each names the setting that moves the limit.

import { SluiceError } from '../errors.ts'

let turn = 0

/** Seconds, 1 to 5 in turn: those refused together must not all come back together. */
export const nextRetryAfter = (): number => (turn++ % 5) + 1

export const tooLarge = (maxBytes: number): SluiceError =>
  new SluiceError('BODY_TOO_LARGE', `the body is longer than ${maxBytes} bytes (receive.max_body_size)`)

export const noRoom = (): SluiceError =>
  new SluiceError('OVERLOADED', 'too many bytes of pushes are in flight (receive.max_in_flight_bytes)', {
    retryAfter: nextRetryAfter(),
  })

export const tooMany = (): SluiceError =>
  new SluiceError('OVERLOADED', 'too many pushes are in flight (concurrency)', { retryAfter: nextRetryAfter() })
