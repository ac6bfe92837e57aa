// In remote write 1 exemplars may come as a series of their own, and Prometheus sends them so. In 2 a series without a
// sample or histogram is refused, by some receivers with the whole request: another one of the same labels takes them.

import type { Batch } from '../batch.ts'
import { contentAt, cursor, readTag, skipValue } from '../protobuf.ts'
import { LABEL } from '../v1/shapes.ts'

const decoder = new TextDecoder('latin1')
const none: ExemplarCarriers = { of: new Map(), left: [] }

export interface ExemplarCarriers {
  /** Series with data → those without whose exemplars it takes: the nearest before them, or else the first behind. */
  readonly of: ReadonlyMap<number, readonly number[]>
  /** Series without data whose labels no other has. */
  readonly left: readonly number[]
}

/** Finds them in a remote write 1 body. */
export function exemplarCarriers(batch: Batch): ExemplarCarriers {
  const { count, samples } = batch
  if (!samples.subarray(0, count).includes(0)) return none
  const of = new Map<number, number[]>()
  const carriers = new Map<string, number>()
  const waiting = new Map<string, number[]>()
  for (let i = 0; i < count; i++) {
    const key = labelsOf(batch, i)
    const carrier = samples[i] === 0 ? carriers.get(key) : i
    if (carrier === undefined) append(waiting, key, i)
    else if (carrier !== i) append(of, carrier, i)
    else {
      carriers.set(key, i)
      const before = waiting.get(key)
      if (before === undefined) continue
      of.set(i, before)
      waiting.delete(key)
    }
  }
  return { of, left: [...waiting.values()].flat() }
}

function append<Key>(lists: Map<Key, number[]>, key: Key, i: number): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [i])
  else list.push(i)
}

/** The label fields as they came: a sender writes the labels of a series in one way. */
function labelsOf({ bytes, start, end }: Batch, i: number): string {
  const seriesEnd = end[i]!
  let key = ''
  for (let p = contentAt(bytes, start[i]!, seriesEnd); p < seriesEnd; ) {
    const fieldAt = p
    const tag = readTag(bytes, p, seriesEnd)
    p = skipValue(bytes, cursor.at, seriesEnd, tag)
    if (tag === LABEL) key += decoder.decode(bytes.subarray(fieldAt, p))
  }
  return key
}
