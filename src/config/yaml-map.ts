// Settings that are mappings with names of the user's own, from their nodes in a file. All that they hold is kept out
// of excerpts, as most of it is secret; decode-map.ts judges it.

import { isMap, isScalar, isSeq, type ParsedNode } from 'yaml'
import { type AnyMapSpec, decodeMap, maxDepth, Pairs } from './decode-map.ts'
import type { Span } from './source-file.ts'
import { isUnset, type Leaf, readScalar, shapeHints } from './yaml-node.ts'
import { spanOf, type YamlReader } from './yaml-reader.ts'
import type { YamlScalar } from './yaml-scalar.ts'

const plain = (text: string, meaning: YamlScalar): unknown =>
  meaning.kind === 'text'
    ? text
    : meaning.kind === 'null'
      ? null
      : meaning.kind === 'integer'
        ? Number(meaning.value)
        : meaning.value

/** Reads a mapping; undefined if it is unset, or no mapping and reported. */
export function readMap(reader: YamlReader, spec: AnyMapSpec, node: ParsedNode): Leaf | undefined {
  const values = new Map<string, Span>()
  const names = new Map<string, Span>()
  const isTyped = spec.type === 'object'

  /** The value of a node; undefined if it is unset or reported. */
  const contentOf = (node: ParsedNode, at: string, depth: number): unknown => {
    values.set(at, spanOf(node))
    if (!reader.step(spanOf(node))) return undefined
    const target = reader.document.resolve(node)
    // What is deeper is refused where it begins; an alias may stand inside what it repeats.
    if (depth > maxDepth + 2) return undefined
    if (isSeq(target)) {
      const items = (target.items as ParsedNode[]).map((item, index) => contentOf(item, `${at}[${index}]`, depth + 1))
      return items.map((item) => (item === undefined ? '' : item))
    }
    if (isMap(target)) return pairsOf(target.items as unknown as Pair[], at, depth)
    const read = readScalar(reader, node, 'a text')
    if (read === undefined) return undefined
    if (isTyped) return plain(read.text, read.meaning)
    return read.meaning.kind === 'null' ? undefined : read.text
  }

  const pairsOf = (pairs: readonly Pair[], at: string, depth: number): Pairs =>
    new Pairs(
      pairs.flatMap(({ key, value }) => {
        const name = readScalar(reader, key, 'a name')?.text
        if (name === undefined) return []
        names.set(`${at}.${name}`, spanOf(key))
        if (value !== null) reader.secret(value)
        return [[name, value === null ? undefined : contentOf(value, `${at}.${name}`, depth + 1)] as const]
      }),
    )

  if (isUnset(reader, node)) return undefined
  const target = reader.document.resolve(node)
  if (!isMap(target)) {
    reader.secret(node)
    if (target === undefined || !isScalar(target)) return void readScalar(reader, node, 'a mapping')
    return void reader.report('error', spanOf(node), 'a mapping belongs here', shapeHints['a mapping'])
  }
  const value = decodeMap(spec, contentOf(node, '', 0), (at, message, hint, what) =>
    reader.report('error', (what === 'name' ? names : values).get(at) ?? spanOf(node), message, hint),
  )
  if (value === undefined) return undefined
  const parts = new Map(Object.keys(value).flatMap((name) => entryOf(name, names.get(`.${name}`))))
  return { value, parts }
}

interface Pair {
  readonly key: ParsedNode
  readonly value: ParsedNode | null
}

const entryOf = (name: string, span: Span | undefined): readonly (readonly [string, Span])[] =>
  span === undefined ? [] : [[name, span]]
