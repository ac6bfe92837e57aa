// A flow with another batch in place of its own. The retry memory behind it may know batches by what they were made of,
// so whoever makes something else of the same leaves its mark.

import type { Batch } from '../../wire/batch.ts'
import type { Flow } from './receiver.ts'

let marks = 0

/** A mark that nobody has had. What turns batches into others takes one at its start and at each change of how it does. */
export const newMark = (): string => String(++marks)

/** The flow as it goes on. */
export const transformed = (flow: Flow, batch: Batch, mark: string): Flow => ({
  ...flow,
  batch,
  identity: `${flow.identity}\n${mark}`,
})
