// Takes apart the regular expressions that need no engine: literals, `.*` and `.+`, groups and alternatives of these.
// What it makes of a pattern matches exactly what the pattern does, groups included; any other pattern it leaves alone.

/** A piece of a sequence: text, a run of any characters (at least `min`), or where group `open`/`close` begins or ends. */
export type Piece = string | { readonly min: 0 | 1 } | { readonly open: number } | { readonly close: number }

/** One alternative. */
export type Sequence = readonly Piece[]

/** The alternatives that a pattern stands for, in order of preference. */
export interface PlainPattern {
  readonly sequences: readonly Sequence[]
  readonly groups: number
}

const mostSequences = 1000
/** Runs in one sequence: with more, where one ends is no longer told by where a text occurs last. */
const mostRuns = 2

/** undefined: the pattern holds something else, and is for the engine. */
export function parsePlain(pattern: string): PlainPattern | undefined {
  const parser = new PlainParser(trimAnchors(pattern))
  try {
    return parser.parse()
  } catch (thrown) {
    if (thrown === notPlain) return undefined
    throw thrown
  }
}

const notPlain = Symbol('not plain')

/** `^` in front and `$` at the end say what is so anyway, unless they belong to one alternative alone. */
export function trimAnchors(pattern: string): string {
  if (pattern.includes('|')) return pattern
  const start = pattern.startsWith('^') ? 1 : 0
  const end = /(?<!\\)(?:\\\\)*\$$/.test(pattern) ? pattern.length - 1 : pattern.length
  return start < end ? pattern.slice(start, end) : pattern.slice(0, end).slice(start)
}

class PlainParser {
  readonly #text: string
  #at = 0
  #groups = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): PlainPattern {
    const sequences = this.#alternatives().map(joinTexts)
    if (this.#at < this.#text.length) throw notPlain
    for (const sequence of sequences) {
      const runs = sequence.filter(isRun).length
      if (runs > mostRuns || (runs === 2 && textBetweenRuns(sequence) === '')) throw notPlain
    }
    // Two alternatives after a run: the run's length comes first, the alternative second, and groups would tell.
    const isOrdered = sequences.length === 1 || !this.#alternativeAfterRun || this.#groups === 0
    if (!isOrdered) throw notPlain
    return { sequences, groups: this.#groups }
  }

  #alternativeAfterRun = false

  #alternatives(): Piece[][] {
    const all = this.#concatenation()
    while (this.#text[this.#at] === '|') {
      this.#at++
      all.push(...this.#concatenation())
      if (all.length > mostSequences) throw notPlain
    }
    return all
  }

  #concatenation(): Piece[][] {
    let all: Piece[][] = [[]]
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined || char === '|' || char === ')') return all
      const next = this.#atom(char)
      if ('*+?{'.includes(this.#text[this.#at] ?? ' ')) throw notPlain
      if (all.length * next.length > mostSequences) throw notPlain
      if (next.length > 1 && all.some((sequence) => sequence.some(isRun))) this.#alternativeAfterRun = true
      all = all.flatMap((sequence) => next.map((more) => [...sequence, ...more]))
    }
  }

  #atom(char: string): Piece[][] {
    if (char === '(') return this.#group()
    this.#at++
    if (char === '.') {
      const quantifier = this.#text[this.#at]
      if (quantifier !== '*' && quantifier !== '+') throw notPlain
      this.#at++
      return [[{ min: quantifier === '*' ? 0 : 1 }]]
    }
    if (char === '\\') {
      const escaped = this.#text[this.#at] ?? ''
      if (!/^[!-/:-@[-`{-~]$/.test(escaped)) throw notPlain
      this.#at++
      return [[escaped]]
    }
    if ('*+?[]{}^$'.includes(char)) throw notPlain
    // Half of a character stands for nothing that a text could hold.
    if (char >= '\ud800' && char <= '\udfff') {
      const whole = String.fromCodePoint(this.#text.codePointAt(this.#at - 1)!)
      if (whole.length !== 2) throw notPlain
      this.#at++
      return [[whole]]
    }
    return [[char]]
  }

  #group(): Piece[][] {
    const opening = /^\((?:\?:|\?P?<\w+>|(?!\?))/.exec(this.#text.slice(this.#at))?.[0]
    if (opening === undefined) throw notPlain
    this.#at += opening.length
    const group = opening === '(?:' ? undefined : ++this.#groups
    const inner = this.#alternatives()
    if (this.#text[this.#at] !== ')') throw notPlain
    this.#at++
    return group === undefined ? inner : inner.map((sequence) => [{ open: group }, ...sequence, { close: group }])
  }
}

export function isRun(piece: Piece): piece is { readonly min: 0 | 1 } {
  return typeof piece === 'object' && 'min' in piece
}

/** Neighbouring texts become one. */
function joinTexts(sequence: Sequence): Piece[] {
  const joined: Piece[] = []
  for (const piece of sequence) {
    const last = joined.at(-1)
    if (typeof piece === 'string' && typeof last === 'string') joined[joined.length - 1] = last + piece
    else joined.push(piece)
  }
  return joined
}

function textBetweenRuns(sequence: Sequence): string {
  const first = sequence.findIndex(isRun)
  const second = sequence.findLastIndex(isRun)
  return sequence
    .slice(first + 1, second)
    .filter((piece) => typeof piece === 'string')
    .join('')
}
