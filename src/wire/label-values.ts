// The values of some labels as one text that can be compared.

/** Bytes `[start … end)` as a text of as many characters. */
export const latin1 = Buffer.prototype.latin1Slice as (this: Uint8Array, start: number, end: number) => string

/** Collects values by the place of their label's name; several items one after the other. */
export class LabelValues {
  #values: string[] = []
  #found = false

  begin(names: number): void {
    this.#found = false
    if (this.#values.length !== names) this.#values = new Array<string>(names)
    this.#values.fill('')
  }

  /** `value` has a character for each byte. The first occurrence counts. */
  add(which: number, value: string): void {
    if (value === '' || this.#values[which] !== '') return
    this.#values[which] = value
    this.#found = true
  }

  /** Lengths go in front, since a value may hold any byte. */
  text(): string {
    if (!this.#found) return ''
    let text = ''
    for (const value of this.#values) text += `${text === '' ? '' : ','}${value.length}:${value}`
    return text
  }
}
