// Rows from a mapping of a file that has a table of its own (an HTTP client, an override), with the place of each, so
// that whatever is found wrong with them later can point there.

import type { ParsedNode } from 'yaml'
import { markGroups } from './http-client/client-values.ts'
import type { SettingSpec, SettingValue } from './setting-spec.ts'
import type { Span } from './source-file.ts'
import { type Tree, treeOf } from './tree.ts'
import { readLeaf } from './yaml-leaf.ts'
import { isUnset } from './yaml-node.ts'
import { spanOf, type YamlReader } from './yaml-reader.ts'
import { walkMapping } from './yaml-walk.ts'

interface Row {
  readonly path: string
}

export interface YamlRows {
  readonly values: Map<string, SettingValue>
  readonly failed: Set<string>
  /** Keys of rows and groups by path; names in a row's mapping by path, dot, name. */
  readonly spans: Map<string, Span>
}

export const rowTree = (fields: Readonly<Record<string, SettingSpec>>): Tree<Row> =>
  treeOf(Object.keys(fields).map((path) => [path, { path }] as const))

export function readRows(
  reader: YamlReader,
  node: ParsedNode | undefined,
  tree: Tree<Row>,
  fields: Readonly<Record<string, SettingSpec>>,
): YamlRows {
  const values = new Map<string, SettingValue>()
  const failed = new Set<string>()
  const spans = new Map<string, Span>()
  const groups = new Set<string>()
  if (node === undefined) return { values, failed, spans }
  walkMapping(reader, node, tree, {
    leaf({ path }, key, value) {
      const leaf = readLeaf(reader, fields[path] as SettingSpec, value)
      if (leaf === undefined) {
        if (isUnset(reader, value)) values.delete(path)
        else failed.add(path)
      } else values.set(path, leaf.value)
      spans.set(path, spanOf(key))
      for (const [part, span] of leaf?.parts ?? []) spans.set(`${path}.${part}`, span)
    },
    group(path, key) {
      groups.add(path)
      spans.set(path, spanOf(key))
    },
  })
  markGroups(values, failed, groups, fields)
  return { values, failed, spans }
}
