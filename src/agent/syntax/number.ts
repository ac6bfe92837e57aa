// Numbers as Go has them: int64, uint64, float64; the conversions between them, and their texts.

import { floatValue, intValue, uintValue } from './make-value.ts'
import type { NumberValue } from './value.ts'

/** As float64. */
export const floatOf = (number: NumberValue): number => Number(number.value)

const truncated = (value: number): bigint => (Number.isFinite(value) ? BigInt(Math.trunc(value)) : -(2n ** 63n))

/** As int64: a float without its fraction; beyond 64 bits it wraps, except a float, which gives the least int64. */
export function intOf(number: NumberValue): bigint {
  if (number.kind !== 'float') return BigInt.asIntN(64, number.value)
  const whole = truncated(number.value)
  return BigInt.asIntN(64, whole) === whole ? whole : -(2n ** 63n)
}

/** As uint64. */
export function uintOf(number: NumberValue): bigint {
  return BigInt.asUintN(64, number.kind === 'float' ? truncated(number.value) : number.value)
}

/** A float without an exponent, in as few digits as say it: Go's FormatFloat with 'f' and -1. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  const [mantissa, exponent] = String(value).split('e') as [string, string | undefined]
  if (exponent === undefined) return mantissa
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole, fraction = ''] = mantissa.replace('-', '').split('.') as [string, string | undefined]
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return `${sign}${digits.padEnd(point, '0')}`
}

/** The number as a text, where a text is wanted. */
export const numberText = (number: NumberValue): string =>
  number.kind === 'float' ? floatText(number.value) : String(number.value)

const maxInt = 2n ** 63n - 1n
const maxUint = 2n ** 64n - 1n
const isFloat = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/** Go's ParseFloat for decimal texts; undefined for anything else and beyond a float64. */
function parseFloat64(text: string): number | undefined {
  if (!isFloat.test(text)) return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** A text where a number is wanted: whole with `-` as int64, with `.`, `e` or `E` as float64, else as uint64. */
export function parseNumber(text: string): NumberValue | undefined {
  if (text.startsWith('-')) {
    if (!/^-\d{1,40}$/.test(text)) return undefined
    const value = BigInt(text)
    return value >= -maxInt - 1n ? intValue(value) : undefined
  }
  if (/[.eE]/.test(text)) {
    const value = parseFloat64(text)
    return value === undefined ? undefined : floatValue(value)
  }
  if (!/^\d{1,40}$/.test(text)) return undefined
  const value = BigInt(text)
  return value <= maxUint ? uintValue(value) : undefined
}

/** A number as expressions write it; a leading 0 makes octals of it where it can. undefined: beyond a float64. */
export function parseLiteral(text: string, type: 'number' | 'float'): NumberValue | undefined {
  if (type === 'number' && text.length <= 40 && /^(0[0-7]*|[1-9]\d*)$/.test(text)) {
    const value = BigInt(/^0\d/.test(text) ? `0o${text.slice(1)}` : text)
    if (value <= maxInt) return intValue(value)
    if (value <= maxUint) return uintValue(value)
  }
  const value = parseFloat64(text)
  return value === undefined ? undefined : floatValue(value)
}
