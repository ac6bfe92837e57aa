// Texts and characters as Go's fmt shows them in messages, which are kept to the letter: %q and %#U.

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

const hex = (code: number, width: number): string => code.toString(16).padStart(width, '0')

function escaped(char: string): string {
  const short = shortEscapes[char]
  if (short !== undefined) return short
  if (printable.test(char)) return char
  const code = char.codePointAt(0) as number
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`
  if (code >= 0xd800 && code <= 0xdfff) return '\\ufffd'
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
}

/** `%q`: in double quotes; what can't be printed is escaped. */
export const goQuoted = (text: string): string => `"${Array.from(text, escaped).join('')}"`

/** `%#U`: `U+2026 '…'`, or only `U+0007` where nothing can be printed. */
export function goCharacter(code: number): string {
  const name = `U+${hex(code, 4).toUpperCase()}`
  const char = String.fromCodePoint(code)
  return printable.test(char) ? `${name} '${char}'` : name
}
