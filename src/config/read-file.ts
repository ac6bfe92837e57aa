// A configuration file to entries: ct's keys at the top, every setting by its path under `sluice:`.

import type { ParsedNode } from 'yaml'
import type { Entry, Reading } from './origin.ts'
import { precedence } from './origin.ts'
import { readOverrides } from './override.ts'
import { type SettingPath, settingPaths, specOf } from './settings.ts'
import type { Span } from './source-file.ts'
import { treeOf } from './tree.ts'
import { readLeaf } from './yaml-leaf.ts'
import { isUnset } from './yaml-node.ts'
import { spanOf, type YamlReader, yamlReader } from './yaml-reader.ts'
import { type WalkOptions, walkMapping } from './yaml-walk.ts'

interface FileLeaf {
  readonly path: SettingPath
  readonly key: string
  readonly rank: number
}

const fileTree = treeOf<FileLeaf>([
  ...settingPaths
    .filter((path) => specOf(path).ct !== undefined)
    .map((path) => [path, { path, key: path, rank: precedence['ct key'] }] as const),
  ...settingPaths.map((path) => {
    const key = `sluice.${path}`
    return [key, { path, key, rank: precedence['sluice key'] }] as const
  }),
])

const ownGroups = new Set(
  settingPaths.filter((path) => specOf(path).ct === undefined).map((path) => path.split('.')[0] as string),
)

/** What to say about a key that is known elsewhere, or is like one that is. */
function unknownKey(path: string): { hint?: string } | undefined {
  const names = path.split('.')
  if (ownGroups.has(path)) return { hint: `Sluice’s own settings stand under \`sluice:\`, as sluice: { ${path}: … }` }
  const last = names.at(-1) as string
  const prefix = names[0] === 'sluice' ? 'sluice.' : ''
  const matching = settingPaths.filter(
    (known) => known.split('.').at(-1) === last && (prefix !== '' || specOf(known).ct !== undefined),
  )
  return matching.length === 1 ? { hint: `did you mean \`${prefix}${matching[0]}\`?` } : undefined
}

/** The row whose '' says that a group is there, if nothing in it is given. */
function firstRow(
  group: string,
  entries: ReadonlyMap<string, unknown>,
  failed: readonly SettingPath[],
): SettingPath | undefined {
  const inside = `${group.slice('sluice.'.length)}.`
  const isGiven = [...entries.keys()].some((key) => key.startsWith(`sluice.${inside}`))
  if (isGiven || failed.some((path) => path.startsWith(inside))) return undefined
  return settingPaths.find((path) => path.startsWith(inside))
}

export interface FileReading extends Reading {
  /** Fields of a diagnostic that is found later, about a place in the file. */
  readonly at: YamlReader['excerpt']
}

/** Reads the text of a file; `name` is what diagnostics call it. Never throws. */
export function readFile(name: string, text: string): FileReading {
  const real = yamlReader(name, text)
  const { root, problems } = real.document
  const broken = problems.some((problem) => problem.severity === 'error')
  // Of a broken file only the syntax is reported; it is walked for the secrets in it.
  const reader: YamlReader = broken ? { ...real, report: () => undefined } : real
  const entries = new Map<string, Entry>()
  const failed: SettingPath[] = []
  const groups = new Map<string, ParsedNode>()
  const options: WalkOptions<FileLeaf> = {
    leaf({ path, key, rank }, _, node) {
      const spec = specOf(path)
      const leaf = spec.type === 'overrides' ? readOverrides(reader, node) : readLeaf(reader, spec, node)
      if (leaf === undefined) {
        // A later empty value takes back what a merge key brought.
        if (isUnset(reader, node)) entries.delete(key)
        else failed.push(path)
        return
      }
      const parts: { parts?: ReadonlyMap<string, Span> } = leaf.parts === undefined ? {} : { parts: leaf.parts }
      const position = reader.source.position(spanOf(node))
      entries.set(key, { path, rank, value: leaf.value, origin: { kind: 'file', name: key, position, ...parts } })
    },
    group(path, key) {
      if (path.startsWith('sluice.client.')) groups.set(path, key)
    },
    unknown: unknownKey,
  }
  for (const { severity, span, message, hint } of problems) real.report(severity, span, message, hint)
  if (root !== null) walkMapping(reader, root, fileTree, options)
  for (const [group, key] of groups) {
    const first = firstRow(group, entries, failed)
    const origin = { kind: 'file', name: group, position: reader.source.position(spanOf(key)) } as const
    if (first !== undefined)
      entries.set(`sluice.${first}`, { path: first, rank: precedence['sluice key'], value: '', origin })
  }
  const read = { diagnostics: real.diagnostics(), at: real.excerpt }
  return broken ? { ...read, entries: [], failed: settingPaths } : { ...read, entries: [...entries.values()], failed }
}
