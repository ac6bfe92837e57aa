// Classes of characters, by code point, as Alloy (that is, Go's unicode package) has them.

export const charCode = {
  newline: 0x0a,
  carriageReturn: 0x0d,
  slash: 0x2f,
  star: 0x2a,
  backslash: 0x5c,
  byteOrderMark: 0xfeff,
  replacement: 0xfffd,
} as const

const letter = /^[\p{L}_]$/u
const decimalOfAnyScript = /^\p{Nd}$/u

export const isDecimal = (char: number): boolean => char >= 0x30 && char <= 0x39

export function isLetter(char: number): boolean {
  if (char < 0x80) return (char >= 0x61 && char <= 0x7a) || (char >= 0x41 && char <= 0x5a) || char === 0x5f
  return letter.test(String.fromCodePoint(char))
}

export function isDigit(char: number): boolean {
  return isDecimal(char) || (char >= 0x80 && decimalOfAnyScript.test(String.fromCodePoint(char)))
}

/** Value of a hexadecimal digit; 16 for what is none. */
export function digitValue(char: number): number {
  if (isDecimal(char)) return char - 0x30
  const lower = char | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : 16
}
