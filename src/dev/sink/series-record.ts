// One series as the store keeps it: times and value bits in flat arrays, so that a million samples cost the collector nothing.

import { type DecodedExemplar, type DecodedLabel, numberOfBits } from '../decode.ts'

/** Time in ms, value, and the value's eight bytes as hex, most significant first (`7ff0000000000002`: stale). */
export type StoredSample = readonly [tsMs: number, value: number, hex: string]

export class SeriesRecord {
  readonly labels: DecodedLabel[]
  readonly exemplars: DecodedExemplar[] = []
  /** Time in ms, and the Histogram message as hex. */
  readonly histograms: [tsMs: number, hex: string][] = []
  #times = new Float64Array(4)
  #bits = new BigUint64Array(4)
  #count = 0
  #newest = Number.NEGATIVE_INFINITY
  /** Made when the first time arrives that is not newer than all before it. */
  #seen: Set<number> | undefined

  constructor(labels: DecodedLabel[]) {
    this.labels = labels
  }

  addSample(tsMs: number, bits: bigint): void {
    if (this.#count === this.#times.length) {
      const [times, valueBits] = [new Float64Array(this.#count * 2), new BigUint64Array(this.#count * 2)]
      times.set(this.#times)
      valueBits.set(this.#bits)
      this.#times = times
      this.#bits = valueBits
    }
    this.#times[this.#count] = tsMs
    this.#bits[this.#count] = bits
    this.#count++
  }

  /** In order of arrival. */
  samples(): StoredSample[] {
    return Array.from({ length: this.#count }, (_, i) => {
      const bits = this.#bits[i] as bigint
      return [this.#times[i] as number, numberOfBits(bits), bits.toString(16).padStart(16, '0')]
    })
  }

  /** Notes the time of a sample or histogram before it is added, and says how it relates to those there. */
  note(tsMs: number): 'new' | 'old' | 'duplicate' {
    if (tsMs > this.#newest) {
      this.#newest = tsMs
      this.#seen?.add(tsMs)
      return 'new'
    }
    this.#seen ??= new Set([...this.#times.subarray(0, this.#count), ...this.histograms.map(([time]) => time)])
    if (this.#seen.has(tsMs)) return 'duplicate'
    this.#seen.add(tsMs)
    return 'old'
  }
}
