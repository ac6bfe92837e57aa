// Takes apart the regular expressions that mean the same to RE2 and to JavaScript: characters, classes and groups, of
// which only characters and classes repeat. Any other pattern it leaves alone.

import { anyChar, type CharSet, charSet, complement } from './char-set.ts'
import { trimAnchors } from './plain-pattern.ts'

/** A character of `set`, from `min` to `max` times; or a group, which may be left out if it is optional. */
export type Node =
  | { readonly set: CharSet; readonly min: number; readonly max: number }
  | { readonly alternatives: readonly Sequence[]; readonly isCapturing: boolean; readonly isOptional: boolean }

export type Sequence = readonly Node[]

/** The alternatives that a pattern stands for; undefined: it holds something else. */
export function parseScript(pattern: string): readonly Sequence[] | undefined {
  const text = trimAnchors(pattern)
  if (!/^[ -~]*$/.test(text)) return undefined
  const parser = new ScriptParser(text)
  try {
    return parser.parse()
  } catch (thrown) {
    if (thrown === otherPattern) return undefined
    throw thrown
  }
}

const otherPattern = Symbol('another pattern')

const digits: CharSet = [[0x30, 0x39]]
const wordChars = charSet([...digits, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]])
const spaces = charSet([...'\t\n\f\r '].map((char) => [char.charCodeAt(0), char.charCodeAt(0)]))
/** What a letter behind a backslash stands for. */
const escapes: ReadonlyMap<string, CharSet> = new Map([
  ['d', digits],
  ['D', complement(digits)],
  ['w', wordChars],
  ['W', complement(wordChars)],
  ['s', spaces],
  ['S', complement(spaces)],
])

/** No number is no bound. */
const boundOf = (text: string): number => (text === '' ? Number.POSITIVE_INFINITY : Number(text))

const one = (char: string): CharSet => [[char.charCodeAt(0), char.charCodeAt(0)]]

/** The code of a character that may begin or end a range. */
function singleOf([range, ...more]: CharSet): number {
  if (range === undefined || more.length > 0 || range[0] !== range[1] || range[0] === 0x2d) throw otherPattern
  return range[0]
}

class ScriptParser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): readonly Sequence[] {
    const all = this.#alternatives()
    if (this.#at < this.#text.length) throw otherPattern
    return all
  }

  #alternatives(): Sequence[] {
    const all = [this.#sequence()]
    while (this.#take('|') !== undefined) all.push(this.#sequence())
    return all
  }

  #sequence(): Sequence {
    const nodes: Node[] = []
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined || char === '|' || char === ')') return nodes
      nodes.push(char === '(' ? this.#group() : this.#repeated())
    }
  }

  #group(): Node {
    const opening = this.#takeMatch(/\((?:\?:|\?P?<\w+>|(?!\?))/y)
    const alternatives = this.#alternatives()
    if (this.#take(')') === undefined) throw otherPattern
    const isOptional = this.#take('?') !== undefined
    if (/[*+?{]/.test(this.#text[this.#at] ?? '')) throw otherPattern
    return { alternatives, isCapturing: opening !== '(?:', isOptional }
  }

  #repeated(): Node {
    const set = this.#set()
    const quantifier = this.#takeMatch(/(?:[*+?]|\{\d+(?:,\d*)?\})?/y)
    if (/[*+?{]/.test(this.#text[this.#at] ?? '')) throw otherPattern
    if (quantifier === '*') return { set, min: 0, max: Number.POSITIVE_INFINITY }
    if (quantifier === '+') return { set, min: 1, max: Number.POSITIVE_INFINITY }
    if (quantifier === '?') return { set, min: 0, max: 1 }
    if (quantifier === '') return { set, min: 1, max: 1 }
    const [min = 1, max = min] = quantifier.slice(1, -1).split(',').map(boundOf)
    if (min > max) throw otherPattern
    return { set, min, max }
  }

  #set(): CharSet {
    const char = this.#next()
    if (char === '.') return anyChar
    if (char === '[') return this.#class()
    if (char === '\\') return this.#escape()
    if ('*+?{}]^$'.includes(char)) throw otherPattern
    return one(char)
  }

  #escape(): CharSet {
    const char = this.#next()
    if (/[!-/:-@[-`{-~]/.test(char)) return one(char)
    const set = escapes.get(char)
    if (set === undefined) throw otherPattern
    return set
  }

  #class(): CharSet {
    const isNegated = this.#take('^') !== undefined
    const ranges: CharSet[number][] = []
    do {
      const first = this.#classChar()
      const isRange = this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']'
      if (!isRange) {
        ranges.push(...first)
        continue
      }
      this.#at++
      const range = [singleOf(first), singleOf(this.#classChar())] as const
      if (range[0] > range[1]) throw otherPattern
      ranges.push(range)
    } while (this.#take(']') === undefined)
    return isNegated ? complement(charSet(ranges)) : charSet(ranges)
  }

  #classChar(): CharSet {
    const char = this.#next()
    if (char === '\\') return this.#escape()
    if ('[]^'.includes(char)) throw otherPattern
    return one(char)
  }

  #next(): string {
    const char = this.#text[this.#at++]
    if (char === undefined) throw otherPattern
    return char
  }

  #take(char: string): string | undefined {
    if (this.#text[this.#at] !== char) return undefined
    this.#at++
    return char
  }

  /** What an expression with `y` matches here. */
  #takeMatch(expression: RegExp): string {
    expression.lastIndex = this.#at
    const found = expression.exec(this.#text)?.[0]
    if (found === undefined) throw otherPattern
    this.#at += found.length
    return found
  }
}
