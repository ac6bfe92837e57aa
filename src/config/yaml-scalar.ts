// What a scalar of a YAML file means to Go's yaml.v2: YAML 1.1's booleans and nulls, Go's integers, floats; and a
// scalar in quotes is a text whatever it says.

import type { Scalar } from 'yaml'

export type YamlScalar =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'text' }

const words: ReadonlyMap<string, YamlScalar> = new Map(
  (
    [
      [{ kind: 'null' }, ['', '~', 'null', 'Null', 'NULL']],
      [{ kind: 'boolean', value: true }, ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']],
      [{ kind: 'boolean', value: false }, ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']],
    ] as const
  ).flatMap(([meaning, spellings]) => spellings.map((spelling) => [spelling, meaning] as const)),
)

/** Go's strconv.ParseInt with base 0, of any size. */
function integer(text: string): bigint | undefined {
  const match = /^([+-]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+)|(0|[1-9]\d*))$/.exec(text)
  if (match === null) return undefined
  const [, sign, hex, octal, binary, decimal] = match
  const digits =
    hex !== undefined ? `0x${hex}` : octal !== undefined ? `0o${octal}` : binary !== undefined ? `0b${binary}` : decimal
  const value = BigInt(digits as string)
  return sign === '-' ? -value : value
}

/** A plain scalar, by yaml.v2's rules. */
export function plainScalar(text: string): YamlScalar {
  const word = words.get(text)
  if (word !== undefined) return word
  if (!/^[-+.\d]/.test(text)) return { kind: 'text' }
  const digits = text.startsWith('.') ? text : text.replaceAll('_', '')
  const whole = integer(digits)
  if (whole !== undefined) return { kind: 'integer', value: whole }
  if (/^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(digits)) return { kind: 'float', value: Number(digits) }
  return { kind: 'text' }
}

/** Of YAML's own tags. */
export const tagPrefix = 'tag:yaml.org,2002:'
const tagNames = { null: 'null', boolean: 'bool', integer: 'int', float: 'float', text: '' } as const

/** What the scalar means; undefined if it has a tag that it does not fit. An unknown tag makes it a text. */
export function scalarMeaning(scalar: Scalar.Parsed): YamlScalar | undefined {
  const { tag, source, type } = scalar
  if (tag === undefined) return type === 'PLAIN' ? plainScalar(source) : { kind: 'text' }
  const name = tag.startsWith(tagPrefix) ? tag.slice(tagPrefix.length) : 'str'
  if (name === 'str') return { kind: 'text' }
  const meaning = plainScalar(source)
  if (name === 'float' && meaning.kind === 'integer') return { kind: 'float', value: Number(meaning.value) }
  return tagNames[meaning.kind] === name ? meaning : undefined
}
