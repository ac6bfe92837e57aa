// The values of some labels as one text that can be compared.

const decoder = new TextDecoder('latin1')

/** Collects values by the place of their label's name; several items one after the other. */
export class LabelValues {
  #values: string[] = []
  #found = false

  begin(names: number): void {
    this.#found = false
    if (this.#values.length !== names) this.#values = new Array<string>(names)
    this.#values.fill('')
  }

  /** The first occurrence counts. */
  add(which: number, value: Uint8Array): void {
    if (value.length === 0 || this.#values[which] !== '') return
    this.#values[which] = decoder.decode(value)
    this.#found = true
  }

  /** Lengths go in front, since a value may hold any byte. */
  text(): string {
    return this.#found ? this.#values.map((value) => `${value.length}:${value}`).join() : ''
  }
}
