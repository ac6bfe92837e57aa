// A text that is never printed: not by string conversion, JSON, console.log or a debugger's inspector. Whoever needs
// it says so, with `reveal()`.

const inspect = Symbol.for('nodejs.util.inspect.custom')

/** What stands for every secret that is not empty. */
export const secretMask = '<secret>'

export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The text itself: for the wire, never for people. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return this.#text === '' ? '' : secretMask
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect](): string {
    return this.toString()
  }
}

/** Where a text comes from. A file is read again whenever it has changed, and what surrounds its text is trimmed. */
export type TextSource =
  | { readonly kind: 'inline'; readonly secret: Secret }
  | { readonly kind: 'file'; readonly path: string }

/** A text that is given as such. */
export const inline = (text: string): TextSource => ({ kind: 'inline', secret: new Secret(text) })
