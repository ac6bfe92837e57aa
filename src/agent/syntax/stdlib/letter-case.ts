// Upper and lower case as Go's strings have it: each character to one character. JavaScript follows the full mapping,
// in which one letter may become several.

/** Capital letters of one character, where the full mapping has two: Greek with iota subscript. */
function titleOf(char: string): string | undefined {
  const code = char.codePointAt(0) as number
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCodePoint(code | 8)
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCodePoint(code + 9)
  return undefined
}

const isOne = (text: string): boolean => text.length === 1 || Array.from(text).length === 1

export const toSimpleUpper = (text: string): string =>
  /^[\x00-\x7f]*$/.test(text) ? text.toUpperCase() : Array.from(text, upper).join('')

function upper(char: string): string {
  const full = char.toUpperCase()
  return isOne(full) ? full : (titleOf(char) ?? char)
}

export const toSimpleLower = (text: string): string =>
  /^[\x00-\x7f]*$/.test(text) ? text.toLowerCase() : Array.from(text, lower).join('')

function lower(char: string): string {
  const full = char.toLowerCase()
  return isOne(full) ? full : char === 'İ' ? 'i' : char
}
