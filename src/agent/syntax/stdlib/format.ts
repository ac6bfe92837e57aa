// `string.format`: Go's fmt.Sprintf, its error forms (`%!d(string=x)`, `%!d(MISSING)`) included.

import { intOf } from '../number.ts'
import { maxTextLength } from '../operators.ts'
import type { Value } from '../value.ts'
import { CallError } from '../value-error.ts'
import { type Flags, noFlags } from './format-flags.ts'
import { formatValue, goType } from './format-value.ts'

/** Widths and precisions beyond it are mistakes; Go's bound is ten times as high. */
const maxNumber = 1_000_000

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** The text. Throws ValueError at a secret, a function, a capsule; CallError if it grows too long. */
export const format = (spec: string, args: readonly Value[]): string => new Formatter(spec, args).run()

class Formatter {
  readonly #spec: string
  readonly #args: readonly Value[]
  readonly #parts: string[] = []
  #length = 0
  #at = 0
  #next = 0
  /** Arguments were asked for by number: those left over are no mistake. */
  #isReordered = false
  #isGoodIndex = true

  constructor(spec: string, args: readonly Value[]) {
    this.#spec = spec
    this.#args = args
  }

  readonly #write = (text: string): void => {
    this.#length += text.length
    if (this.#length > maxTextLength) throw new CallError(`the text is longer than ${maxTextLength} characters`)
    this.#parts.push(text)
  }

  run(): string {
    while (this.#at < this.#spec.length) {
      const percent = this.#spec.indexOf('%', this.#at)
      this.#write(this.#spec.slice(this.#at, percent < 0 ? undefined : percent))
      if (percent < 0) break
      this.#at = percent + 1
      this.#verb()
    }
    if (!this.#isReordered && this.#next < this.#args.length) this.#extra()
    return this.#parts.join('')
  }

  #extra(): void {
    this.#write('%!(EXTRA ')
    this.#args.slice(this.#next).forEach((arg, index) => {
      if (index > 0) this.#write(', ')
      if (arg.type !== 'null') this.#write(`${goType(arg)}=`)
      formatValue(arg, 'v', noFlags, this.#write)
    })
    this.#write(')')
  }

  #verb(): void {
    this.#isGoodIndex = true
    const flags: Mutable<Flags> = { ...noFlags }
    for (; ; this.#at++) {
      const char = this.#spec[this.#at]
      if (char === '#') flags.sharp = true
      else if (char === '0') flags.zero = true
      else if (char === '+') flags.plus = true
      else if (char === '-') flags.minus = true
      else if (char === ' ') flags.space = true
      else break
    }
    this.#quantities(flags)
    const code = this.#spec.codePointAt(this.#at)
    const verb = code === undefined ? '' : String.fromCodePoint(code)
    this.#at += verb.length
    const mistake = this.#mistake(verb)
    if (mistake !== undefined) {
      this.#write(mistake)
      return
    }
    const arg = this.#args[this.#next++] as Value
    const own = verb === 'v' || verb === 'w' ? { ...flags, sharpV: flags.sharp, sharp: false, plus: false } : flags
    formatValue(arg, verb, own, this.#write)
  }

  /** What stands instead of an argument; undefined: the argument does. */
  #mistake(verb: string): string | undefined {
    if (verb === '') return '%!(NOVERB)'
    if (verb === '%') return '%'
    if (!this.#isGoodIndex) return `%!${verb}(BADINDEX)`
    return this.#next < this.#args.length ? undefined : `%!${verb}(MISSING)`
  }

  /** Index of the argument, width, precision. */
  #quantities(flags: Mutable<Flags>): void {
    let afterIndex = this.#index()
    if (this.#spec[this.#at] === '*') {
      const width = this.#numberArgument()
      if (width === undefined) this.#write('%!(BADWIDTH)')
      else flags.width = Math.abs(width)
      if (width !== undefined && width < 0) flags.minus = true
      afterIndex = false
    } else {
      flags.width = this.#number()
      if (afterIndex && flags.width !== undefined) this.#isGoodIndex = false
    }
    if (this.#spec[this.#at] === '.') {
      this.#at++
      if (afterIndex) this.#isGoodIndex = false
      afterIndex = this.#index()
      if (this.#spec[this.#at] === '*') {
        const precision = this.#numberArgument()
        if (precision === undefined || precision < 0) this.#write('%!(BADPREC)')
        else flags.precision = precision
        afterIndex = false
      } else {
        flags.precision = this.#number() ?? 0
      }
    }
    if (!afterIndex) this.#index()
  }

  /** Digits; a number beyond the bound ends the format. */
  #number(): number | undefined {
    const start = this.#at
    while (/\d/.test(this.#spec[this.#at] ?? '')) this.#at++
    if (this.#at === start) return undefined
    const value = Number(this.#spec.slice(start, this.#at))
    if (value <= maxNumber) return value
    this.#at = this.#spec.length
    return undefined
  }

  /** The next argument, where it is a whole number within the bounds. */
  #numberArgument(): number | undefined {
    this.#at++
    const arg = this.#args[this.#next]
    if (arg === undefined) return undefined
    this.#next++
    if (arg.type !== 'number' || arg.kind === 'float') return undefined
    const value = Number(intOf(arg))
    return Math.abs(value) <= maxNumber ? value : undefined
  }

  /** `[n]`; true: there was one, well formed. */
  #index(): boolean {
    if (this.#spec[this.#at] !== '[') return false
    this.#isReordered = true
    const end = this.#spec.indexOf(']', this.#at)
    const text = this.#spec.slice(this.#at + 1, end)
    this.#at = end < 0 ? this.#at + 1 : end + 1
    const isNumber = end >= 0 && /^\d{1,7}$/.test(text)
    const index = Number(text) - 1
    if (isNumber && index >= 0 && index < this.#args.length) this.#next = index
    else this.#isGoodIndex = false
    return isNumber
  }
}
