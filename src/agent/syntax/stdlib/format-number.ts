// Numbers under Go's verbs, as package fmt writes them.

import { goCharacter, goQuoted } from '../go-quote.ts'
import { signedFloat } from './float-text.ts'
import { type Flags, padded } from './format-flags.ts'

const bases: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }

/** undefined: the verb is none for whole numbers. */
export function formatWhole(value: bigint, verb: string, flags: Flags): string | undefined {
  const base = bases[verb]
  if (base !== undefined) return inBase(value, base, verb, flags)
  const isCharacter = value >= 0n && value <= 0x10ffffn && (value < 0xd800n || value > 0xdfffn)
  const char = isCharacter ? String.fromCodePoint(Number(value)) : '\ufffd'
  if (verb === 'c') return padded(char, flags)
  if (verb === 'q') return padded(quotedCharacter(char, flags.plus), flags)
  if (verb !== 'U') return undefined
  const code = BigInt.asUintN(64, value).toString(16).toUpperCase()
  const name = `U+${code.padStart(Math.max(4, flags.precision ?? 0), '0')}`
  const shown = flags.sharp && isCharacter && goCharacter(Number(value)).includes("'") ? `${name} '${char}'` : name
  return padded(shown, { ...flags, zero: false })
}

function quotedCharacter(char: string, ascii: boolean): string {
  if (char === "'") return "'\\''"
  const inner = char === '"' ? '"' : (ascii ? asciiQuoted(char) : goQuoted(char)).slice(1, -1)
  return `'${inner}'`
}

/** In double quotes, with everything beyond ASCII escaped. */
export const asciiQuoted = (text: string): string =>
  goQuoted(text).replace(/[\u0080-\u{10ffff}]/gu, (char) => {
    const code = char.codePointAt(0) as number
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  })

function inBase(value: bigint, base: number, verb: string, flags: Flags): string {
  const { plus, minus, space, sharp, zero, width, precision } = flags
  if (precision === 0 && value === 0n) return padded('', { ...flags, zero: false })
  const isSigned = value < 0n || plus || space
  const least = precision ?? (zero && !minus && width !== undefined ? width - (isSigned ? 1 : 0) : 0)
  let digits = (value < 0n ? -value : value).toString(base).padStart(least, '0')
  if (verb === 'X') digits = digits.toUpperCase()
  if (sharp && base === 2) digits = `0b${digits}`
  if (sharp && base === 8 && digits[0] !== '0') digits = `0${digits}`
  if (sharp && base === 16) digits = `0${verb}${digits}`
  if (verb === 'O') digits = `0o${digits}`
  const sign = value < 0n ? '-' : plus ? '+' : space ? ' ' : ''
  return padded(sign + digits, { ...flags, zero: false })
}

/** undefined: the verb is none for floats. */
export function formatFloat(value: number, verb: string, flags: Flags): string | undefined {
  if (!'vbgGxXfFeE'.includes(verb)) return undefined
  const plain = verb === 'v' ? 'g' : verb === 'F' ? 'f' : verb
  const precision = flags.precision ?? ('efE'.includes(plain) ? 6 : undefined)
  let text = signedFloat(value, plain, precision)
  const hasDigits = Number.isFinite(value)
  const { plus, minus, space, sharp, zero, width = 0 } = flags
  if (hasDigits && sharp && plain !== 'b') text = withPoint(text, plain, flags.precision)
  if (space && !plus && text[0] === '+') text = ` ${text.slice(1)}`
  if (!hasDigits) {
    const bare = Number.isNaN(value) && !space && !plus ? text.slice(1) : text
    return padded(bare, { ...flags, zero: false })
  }
  if (!plus && text[0] === '+') return padded(text.slice(1), flags)
  if (zero && !minus && width > text.length) return text[0] + text.slice(1).padStart(width - 1, '0')
  return padded(text, flags)
}

/** `#`: always a point, and under %g the zeros after it up to the precision; under %x the x counts as a digit. */
function withPoint(text: string, verb: string, precision: number | undefined): string {
  const [, sign, mantissa, tail = ''] = /^([+-])((?:0[xX])?[\d.a-fA-F]+?)((?:[eE]|[pP])[+-]\d+)?$/.exec(text) ?? []
  if (sign === undefined || mantissa === undefined) return text
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.`
  if (!'gGx'.includes(verb)) return sign + pointed + tail
  const significant = pointed.replace('.', '').replace(/^0+/, '').length
  const missing = Math.max(0, (precision ?? 6) - Math.max(1, significant))
  return sign + pointed + '0'.repeat(missing) + tail
}
