// Walks the mappings of a file along a tree of known names, as yaml.v2's strict decoder does: unknown and repeated
// names are errors, merge keys (`<<`) count where they stand, an empty mapping is unset.

import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type YAMLMap } from 'yaml'
import { quoted } from './diagnostics.ts'
import { looksSecret } from './excerpt.ts'
import { nearest, nearestHint } from './nearest.ts'
import type { Tree } from './tree.ts'
import { readScalar, shapeHints } from './yaml-node.ts'
import { spanOf, type YamlReader } from './yaml-reader.ts'

export interface WalkOptions<L extends object> {
  leaf(leaf: L, key: ParsedNode, value: ParsedNode): void
  /** A branch that has a mapping, be it empty. */
  group?(path: string, key: ParsedNode): void
  /** What to say about a name that the tree hasn't. */
  unknown?(path: string): UnknownName | undefined
}

export interface UnknownName {
  /** Instead of "unknown key". */
  readonly message?: string
  /** Instead of "did you mean". */
  readonly hint?: string
  /** The value may hold secrets. */
  readonly secret?: boolean
}

interface Pair {
  readonly key: ParsedNode
  readonly value: ParsedNode | null
}

function reportUnknown<L extends object>(
  reader: YamlReader,
  pair: Pair,
  name: string,
  path: string,
  tree: Tree<L>,
  options: WalkOptions<L>,
): void {
  if (looksSecret(name) && /[:=\s]/.test(name)) {
    reader.secret(pair.key)
    reader.report('error', spanOf(pair.key), 'unknown key', 'a colon and a blank belong between key and value')
    return
  }
  const names = [...tree.leaves.keys(), ...tree.branches.keys()]
  const known = nearest(name, names)
  const own = options.unknown?.(path)
  const hint = own?.hint ?? nearestHint(known, names)
  reader.report('error', spanOf(pair.key), own?.message ?? `unknown key ${quoted(name)}`, hint)
  if (pair.value === null) return
  if (own?.secret || looksSecret(`${name} ${known}`)) reader.secret(pair.value)
  else reader.secretIfSuspect(pair.value)
}

/** Walks one mapping; `prefix` is its own path with a dot, '' at the top. */
export function walkMapping<L extends object>(
  reader: YamlReader,
  node: ParsedNode,
  tree: Tree<L>,
  options: WalkOptions<L>,
  prefix = '',
  within: readonly ParsedNode[] = [],
): void {
  const target = reader.document.resolve(node)
  if (!isMap(target)) {
    const read = readScalar(reader, node, 'a mapping')
    if (read === undefined || read.meaning.kind === 'null') return
    reader.secretIfSuspect(node)
    reader.report('error', spanOf(node), 'a mapping belongs here', shapeHints['a mapping'])
    return
  }
  if (within.includes(target as ParsedNode)) {
    reader.report('error', spanOf(node), 'this alias stands inside what it repeats', 'take it out')
    return
  }
  const inside = [...within, target as ParsedNode]
  const first = new Map<string, ParsedNode>()
  for (const pair of (target as YAMLMap).items as unknown as Pair[]) {
    if (!reader.step(spanOf(node))) return
    const { key, value } = pair
    if (isMergeKey(key)) {
      mergeInto(reader, value, tree, options, prefix, inside)
      continue
    }
    const name = readScalar(reader, key, 'a name')?.text
    if (name === undefined) continue
    const leaf = tree.leaves.get(name)
    const branch = tree.branches.get(name)
    if (leaf === undefined && branch === undefined) {
      reportUnknown(reader, pair, name, prefix + name, tree, options)
      continue
    }
    const before = first.get(name)
    if (before === undefined) first.set(name, key)
    else {
      const line = reader.source.position(spanOf(before)).line
      reader.report('error', spanOf(key), `${quoted(name)} is set twice`, `the first is on line ${line}`)
    }
    if (value === null) continue
    if (branch !== undefined) {
      if (isMap(reader.document.resolve(value))) options.group?.(prefix + name, key)
      walkMapping(reader, value, branch, options, `${prefix}${name}.`, inside)
    } else if (leaf !== undefined) options.leaf(leaf, key, value)
  }
}

const isMergeKey = (key: ParsedNode): boolean =>
  isScalar(key) && key.type === 'PLAIN' && key.tag === undefined && key.source === '<<'

function mergeInto<L extends object>(
  reader: YamlReader,
  value: ParsedNode | null,
  tree: Tree<L>,
  options: WalkOptions<L>,
  prefix: string,
  inside: readonly ParsedNode[],
): void {
  const target = value === null ? undefined : reader.document.resolve(value)
  const merged = isSeq(target) && !isAlias(value) ? ([...target.items].reverse() as ParsedNode[]) : [value]
  for (const one of merged) {
    if (one !== null && isMap(reader.document.resolve(one))) walkMapping(reader, one, tree, options, prefix, inside)
    else reader.report('error', spanOf(one ?? inside[0]!), 'a merge key takes mappings only', shapeHints['a mapping'])
  }
}
