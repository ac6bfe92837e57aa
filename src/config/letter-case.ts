// Lower and upper case as Go's strings.ToLower and strings.ToUpper have them: each character by itself, to one
// character. JavaScript's own mapping looks at neighbours (Σ at a word's end) and may give several (ß → SS).

/** Characters whose JavaScript mapping is longer than one character, but which have a simple mapping too. */
const simpleUpper: ReadonlyMap<string, string> = new Map([
  ...[0x1f80, 0x1f90, 0x1fa0].flatMap((first) => Array.from({ length: 8 }, (_, k) => pair(first + k, first + k + 8))),
  pair(0x1fb3, 0x1fbc),
  pair(0x1fc3, 0x1fcc),
  pair(0x1ff3, 0x1ffc),
])
const simpleLower: ReadonlyMap<string, string> = new Map([['İ', 'i']])

function pair(from: number, to: number): [string, string] {
  return [String.fromCodePoint(from), String.fromCodePoint(to)]
}

/** Go's strings.ToLower. */
export function toLower(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapped(text, (char) => char.toLowerCase(), simpleLower)
}

/** Go's strings.ToUpper. */
export function toUpper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapped(text, (char) => char.toUpperCase(), simpleUpper)
}

function isAscii(text: string): boolean {
  for (let k = 0; k < text.length; k++) if (text.charCodeAt(k) > 0x7f) return false
  return true
}

function mapped(text: string, map: (char: string) => string, simple: ReadonlyMap<string, string>): string {
  let result = ''
  for (const char of text) {
    const other = map(char)
    const isOne = other.length === (other.codePointAt(0)! > 0xffff ? 2 : 1)
    result += isOne ? other : (simple.get(char) ?? char)
  }
  return result
}
