// Where nobody is told of what is refused, a log line a minute has to do: it names the metric that it happened to most
// since the last line.

import type { Reason } from '../tenancy/route.ts'
import { shorten } from '../tenancy/shown.ts'
import type { Batch } from '../wire/batch.ts'

/** Names that are counted for one reason between two lines; a refusal of more items than that is sampled. */
const mostNames = 1000

const decoder = new TextDecoder()

export class Commonest {
  readonly #byReason = new Map<Reason, Map<string, number>>()

  /** These items were dropped. */
  note(reason: Reason, batch: Batch, indexes: Uint32Array): void {
    const { bytes, nameStart, nameEnd } = batch.lean ?? batch
    let names = this.#byReason.get(reason)
    if (names === undefined) this.#byReason.set(reason, (names = new Map()))
    const step = Math.ceil(indexes.length / mostNames)
    for (let k = 0; k < indexes.length; k += step) {
      const i = indexes[k]!
      const name = shorten(decoder.decode(bytes.subarray(nameStart[i]!, nameEnd[i]!)))
      const before = names.get(name)
      if (before !== undefined || names.size < mostNames) names.set(name, (before ?? 0) + step)
    }
  }

  /** The metric that it happened to most since this was asked last; '' where none has a name. */
  take(reason: Reason): string {
    let commonest = ''
    let most = 0
    for (const [name, count] of this.#byReason.get(reason) ?? []) {
      if (count > most) {
        commonest = name
        most = count
      }
    }
    this.#byReason.delete(reason)
    return commonest
  }
}
