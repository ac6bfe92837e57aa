// The body of an answer, bounded: what is beyond the bound is read and dropped, never held. A status that has
// arrived is worth more than the text after it, so a long body is cut short and is no failure.

/** Of a body that is not kept to its end this much is read, to use the connection again; beyond, it is closed. */
export const maxDroppedBytes = 256 * 1024

const empty = new Uint8Array(0)

export class AnswerBody {
  readonly #max: number
  #kept: Buffer | undefined
  #length = 0
  /** Bytes that came, kept or not. */
  seen = 0

  /** Keeps at most `max` bytes. */
  constructor(max: number) {
    this.#max = max
  }

  /** Copies `bytes[start] … bytes[end - 1]`; the caller may use them again. */
  append(bytes: Uint8Array, start: number, end: number): void {
    this.seen += end - start
    const stop = Math.min(end, start + this.#max - this.#length)
    if (stop <= start) return
    const length = this.#length + stop - start
    if (this.#kept === undefined) this.#kept = Buffer.allocUnsafeSlow(length)
    else if (length > this.#kept.length) {
      const more = Buffer.allocUnsafeSlow(Math.min(this.#max, Math.max(length, this.#kept.length * 2)))
      this.#kept.copy(more, 0, 0, this.#length)
      this.#kept = more
    }
    this.#kept.set(start === 0 && stop === bytes.length ? bytes : bytes.subarray(start, stop), this.#length)
    this.#length = length
  }

  /** What was kept; the collector is empty afterwards. */
  take(): Uint8Array {
    const body = this.#kept?.subarray(0, this.#length) ?? empty
    this.#kept = undefined
    this.#length = 0
    this.seen = 0
    return body
  }
}
