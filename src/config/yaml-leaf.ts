// The value of one setting from its node in a file. An empty scalar is unset, as in ct; what ct refuses (a boolean in
// quotes, a text where a list belongs) is refused here too.

import { isSeq, type ParsedNode } from 'yaml'
import { isMapSpec } from './decode-map.ts'
import {
  checkQuantity,
  type Decoded,
  decodeText,
  itemHint,
  itemProblem,
  listHint,
  wholeNumberHint,
} from './decode-text.ts'
import { quoted } from './diagnostics.ts'
import { fromNanoseconds } from './duration.ts'
import type { ListSpec, QuantitySpec, SettingSpec } from './setting-spec.ts'
import type { Span } from './source-file.ts'
import { readMap } from './yaml-map.ts'
import { type Leaf, readScalar } from './yaml-node.ts'
import { spanOf, type YamlReader } from './yaml-reader.ts'
import type { YamlScalar } from './yaml-scalar.ts'

const nouns: Readonly<Record<SettingSpec['type'], string>> = {
  string: 'a text',
  secret: 'a text',
  address: 'an address',
  header: 'a header name',
  url: 'a URL',
  boolean: 'true or false',
  integer: 'a whole number',
  duration: 'a duration',
  size: 'a size',
  enum: 'one word',
  list: 'a list',
  headers: 'a mapping',
  map: 'a mapping',
  http_headers: 'a mapping',
  object: 'a mapping',
  overrides: 'a list',
}

function number(spec: QuantitySpec, text: string, meaning: YamlScalar): Decoded {
  if (meaning.kind !== 'integer' && meaning.kind !== 'float') {
    if (spec.type === 'integer')
      return { problem: `${quoted(text)} is not a whole number`, hint: wholeNumberHint, ...unquote(meaning, text) }
    return decodeText(spec, text)
  }
  if (spec.type === 'size') return decodeText(spec, text)
  if (spec.type === 'duration') {
    // Go reads a bare number as nanoseconds; Prometheus' grammar wants a unit for all but 0.
    if (spec.ct === undefined) return decodeText(spec, text)
    const nanoseconds = meaning.kind === 'integer' ? meaning.value : BigInt(Math.trunc(meaning.value))
    return checkQuantity(spec, fromNanoseconds(nanoseconds))
  }
  const value = Number(meaning.value)
  if (Number.isInteger(value)) return checkQuantity(spec, value)
  // ct cuts the fraction off without a word.
  if (spec.ct === undefined) return { problem: `${quoted(text)} is not a whole number`, hint: wholeNumberHint }
  const checked = checkQuantity(spec, Math.trunc(value))
  return 'value' in checked ? { ...checked, warning: `read as ${Math.trunc(value)}: the fraction is cut off` } : checked
}

const unquote = (meaning: YamlScalar, text: string): { hint?: string } =>
  meaning.kind === 'text' && /^(true|false|yes|no|on|off|[+-]?\d+)$/i.test(text) ? { hint: 'leave the quotes out' } : {}

function scalar(spec: SettingSpec, text: string, meaning: YamlScalar): Decoded {
  switch (spec.type) {
    case 'boolean':
      if (meaning.kind === 'boolean') return { value: meaning.value }
      return { problem: `${quoted(text)} is not a boolean`, hint: 'write true or false', ...unquote(meaning, text) }
    case 'integer':
    case 'duration':
    case 'size':
      return number(spec, text, meaning)
    default:
      return decodeText(spec, text)
  }
}

/** Keeps the password of a URL out of excerpts, wherever in the scalar it is. */
function hidePassword(reader: YamlReader, node: ParsedNode, text: string): void {
  const target = reader.document.resolve(node) ?? node
  if (!text.includes('@')) return
  const { start, end } = spanOf(target)
  const raw = reader.source.text.slice(start, end)
  const scheme = raw.indexOf('//')
  const colon = raw.indexOf(':', scheme < 0 ? 0 : scheme + 2)
  const at = raw.lastIndexOf('@')
  if (at < 0) reader.secret(target)
  else if (colon >= 0 && colon < at) reader.secret({ start: start + colon + 1, end: start + at })
}

function list(reader: YamlReader, spec: ListSpec, node: ParsedNode): Leaf | undefined {
  const target = reader.document.resolve(node)
  if (!isSeq(target)) {
    const read = readScalar(reader, node, nouns.list)
    if (read !== undefined && read.meaning.kind !== 'null') {
      reader.report('error', spanOf(node), 'a list belongs here, not a single value', listHint)
    }
    return undefined
  }
  const value: string[] = []
  const parts = new Map<string, Span>()
  for (const item of target.items as ParsedNode[]) {
    if (!reader.step(spanOf(node))) return undefined
    const read = readScalar(reader, item, 'a text')
    if (read === undefined) continue
    const text = read.meaning.kind === 'null' ? '' : read.text
    const problem = itemProblem(spec, text)
    if (problem !== undefined && spec.of === 'label' && spec.ct !== undefined) {
      // ct takes it, and no label matches it.
      reader.report('warning', spanOf(item), 'an empty label name matches nothing and is left out')
      continue
    }
    if (problem !== undefined) reader.report('error', spanOf(item), problem, itemHint(spec))
    parts.set(String(value.length), spanOf(item))
    value.push(text)
  }
  if (target.items.length < (spec.minItems ?? 0)) {
    reader.report('error', spanOf(node), `the list needs at least ${spec.minItems} item`, itemHint(spec))
  }
  return { value, parts }
}

/** Reads a leaf; undefined if it is unset, or wrong and reported. Overrides are no leaf: override.ts reads them. */
export function readLeaf(reader: YamlReader, spec: SettingSpec, node: ParsedNode): Leaf | undefined {
  if (spec.secret || spec.type === 'secret') reader.secret(node)
  if (spec.type === 'list') return list(reader, spec, node)
  if (isMapSpec(spec)) return readMap(reader, spec, node)
  const read = readScalar(reader, node, nouns[spec.type])
  if (read === undefined || read.meaning.kind === 'null') return undefined
  if (spec.type === 'url') hidePassword(reader, node, read.text)
  const decoded = scalar(spec, read.text, read.meaning)
  if ('problem' in decoded) {
    reader.report('error', spanOf(node), decoded.problem, decoded.hint)
    return undefined
  }
  if (decoded.warning !== undefined) reader.report('warning', spanOf(node), decoded.warning, decoded.hint)
  return { value: decoded.value }
}
