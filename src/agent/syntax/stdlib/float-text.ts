// Floats as Go's strconv writes them: %e, %f and %g, rounded half to even on the exact value, and %x and %b.

interface Parts {
  readonly mantissa: bigint
  /** The value is mantissa × 2^exponent. */
  readonly exponent: number
}

/** Of a finite number that is not negative. */
function partsOf(value: number): Parts {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const fraction = bits & 0xfffffffffffffn
  const biased = Number(bits >> 52n)
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 }
}

function dividedHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  const twice = (dividend % divisor) * 2n
  return twice > divisor || (twice === divisor && quotient % 2n === 1n) ? quotient + 1n : quotient
}

/** value × 10^digits, as a whole number. */
function scaled(value: number, digits: number): bigint {
  const { mantissa, exponent } = partsOf(value)
  const dividend = mantissa * 2n ** BigInt(Math.max(0, exponent)) * 10n ** BigInt(Math.max(0, digits))
  return dividedHalfEven(dividend, 2n ** BigInt(Math.max(0, -exponent)) * 10n ** BigInt(Math.max(0, -digits)))
}

/** No float has more digits after its point. */
const maxFraction = 1100

/** `d.ddd × 10^exponent`: its digits without the point. */
interface Digits {
  readonly digits: string
  readonly exponent: number
}

/** As few digits as say the value. */
function shortest(value: number): Digits {
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string]
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) }
}

/** Exactly so many digits, at least one. */
function rounded(value: number, count: number): Digits {
  if (value === 0) return { digits: '0'.repeat(count), exponent: 0 }
  const few = Math.min(count, maxFraction)
  // The shortest digits may be those of a neighbouring power of ten, as 1e23 for 9.9999999999999991611e22.
  let exponent = shortest(value).exponent - 1
  let digits = String(scaled(value, few - 1 - exponent))
  while (digits.length > few) digits = String(scaled(value, few - 1 - ++exponent))
  return { digits: digits.padEnd(count, '0'), exponent }
}

const signed = (exponent: number, atLeast: number): string =>
  `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(atLeast, '0')}`

function exponential({ digits, exponent }: Digits): string {
  return `${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}e${signed(exponent, 2)}`
}

function fixed(value: number, precision: number): string {
  const few = Math.min(precision, maxFraction)
  const digits = String(scaled(value, few)).padStart(few + 1, '0')
  const fraction = digits.slice(digits.length - few).padEnd(precision, '0')
  return `${few === 0 ? digits : digits.slice(0, -few)}${precision === 0 ? '' : `.${fraction}`}`
}

/** Digits with the point where it belongs, without zeros after them. */
function positional({ digits, exponent }: Digits): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return digits.length > exponent + 1 ? `${whole}.${digits.slice(exponent + 1)}` : whole
}

function general(value: number, precision: number | undefined): string {
  const exact = precision === undefined ? shortest(value) : rounded(value, Math.max(1, precision))
  const digits = precision === undefined ? exact.digits : exact.digits.replace(/(?<=.)0+$/, '')
  let threshold = precision === undefined ? 6 : Math.max(1, precision)
  if (precision !== undefined && threshold > digits.length && digits.length >= exact.exponent + 1) {
    threshold = digits.length
  }
  const isExponential = exact.exponent < -4 || exact.exponent >= threshold
  return (isExponential ? exponential : positional)({ digits, exponent: exact.exponent })
}

function hexadecimal(value: number, precision: number | undefined): string {
  if (value === 0) return `0x0${precision === undefined || precision === 0 ? '' : `.${'0'.repeat(precision)}`}p+00`
  let { mantissa, exponent } = partsOf(value)
  const up = BigInt(53 - mantissa.toString(2).length)
  mantissa <<= up
  exponent += 52 - Number(up)
  let digits = mantissa.toString(16)
  if (precision !== undefined && precision < 13) {
    digits = dividedHalfEven(mantissa, 1n << BigInt(52 - 4 * precision)).toString(16)
    if (digits[0] === '2') {
      digits = `1${'0'.repeat(precision)}`
      exponent++
    }
  }
  const fraction = precision === undefined ? digits.slice(1).replace(/0+$/, '') : digits.slice(1).padEnd(precision, '0')
  return `0x1${fraction === '' ? '' : `.${fraction}`}p${signed(exponent, 2)}`
}

function binary(value: number): string {
  const { mantissa, exponent } = partsOf(value)
  return `${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`
}

/** Without a sign; `precision` undefined means as few digits as say the value. */
function unsigned(value: number, verb: string, precision: number | undefined): string {
  switch (verb) {
    case 'e':
      return exponential(precision === undefined ? shortest(value) : rounded(value, precision + 1))
    case 'f':
      return precision === undefined ? positional(shortest(value)) : fixed(value, precision)
    case 'x':
      return hexadecimal(value, precision)
    case 'b':
      return binary(value)
    default:
      return general(value, precision)
  }
}

/** Always with a sign; verbs e f g x b, capitals for those. Inf and NaN as `+Inf`, `-Inf`, `+NaN`. */
export function signedFloat(value: number, verb: string, precision: number | undefined): string {
  if (Number.isNaN(value)) return '+NaN'
  const sign = value < 0 || Object.is(value, -0) ? '-' : '+'
  if (!Number.isFinite(value)) return `${sign}Inf`
  const lower = verb.toLowerCase()
  const text = unsigned(Math.abs(value), lower, precision)
  return sign + (lower === verb ? text : text.toUpperCase())
}
