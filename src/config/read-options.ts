// An object of options to values by path: names in camelCase, groups nested. Every problem is noted, none is thrown;
// `undefined` is unset. Any object at all gives values or problems.

import { isRecord, kindOf } from './decode-map.ts'
import { decodeOption } from './decode-option.ts'
import { quoted } from './diagnostics.ts'
import { nearest } from './nearest.ts'
import { optionName } from './option-name.ts'
import type { SettingSpec, SettingValue } from './setting-spec.ts'
import type { Tree } from './tree.ts'
import { treeOf } from './tree.ts'

export interface OptionProblem {
  /** Such as `rateLimit.burst` or `override[0].url`; '' for the whole. */
  readonly name: string
  readonly message: string
  readonly hint?: string
}

/** The rows of one kind of options, ready to read. */
export interface OptionTable {
  readonly specs: Readonly<Record<string, SettingSpec>>
  readonly tree: Tree<{ readonly path: string }>
}

export interface OptionReading {
  readonly values: Map<string, SettingValue>
  /** Paths that are named but could not be read. */
  readonly failed: Set<string>
  /** Groups that are given, even if empty. */
  readonly groups: Set<string>
}

export const optionTable = (specs: Readonly<Record<string, SettingSpec>>): OptionTable => ({
  specs,
  tree: treeOf(Object.keys(specs).map((path) => [path, { path }] as const)),
})

interface ReadOptions {
  /** What the object itself is called in problems. Default '': it is the argument of the call. */
  readonly name?: string
  /** Reads a value that is more than a setting; true if it did. */
  readonly special?: (path: string, value: unknown) => boolean
}

/** Reads an object along the rows; what is wrong is added to `problems`. */
export function readOptions(
  table: OptionTable,
  options: unknown,
  problems: OptionProblem[],
  { name: own = '', special }: ReadOptions = {},
): OptionReading {
  const reading: OptionReading = { values: new Map(), failed: new Set(), groups: new Set() }
  const report = (name: string, message: string, hint?: string): void =>
    void problems.push({ name, message, ...(hint === undefined ? {} : { hint }) })

  const leaf = (path: string, name: string, value: unknown): void => {
    if (special?.(path, value)) return
    let hasFailed = false
    const decoded = decodeOption(table.specs[path] as SettingSpec, value, (at, message, hint) => {
      hasFailed = true
      report(name + at, message, hint)
    })
    if (hasFailed) reading.failed.add(path)
    if (decoded !== undefined) reading.values.set(path, decoded)
  }

  const walk = (tree: Tree<{ readonly path: string }>, value: unknown, name: string, group: string): void => {
    if (!isRecord(value)) {
      report(name, `an object belongs here, not ${kindOf(value)}`)
      return
    }
    if (group !== '') reading.groups.add(group)
    const known = new Map([...tree.leaves.keys(), ...tree.branches.keys()].map((key) => [optionName(key), key]))
    const before = name === '' ? '' : `${name}.`
    for (const [given, content] of Object.entries(value)) {
      if (content === undefined) continue
      const key = known.get(given)
      const child = key === undefined ? undefined : tree.leaves.get(key)
      if (key === undefined) {
        const similar = nearest(given, known.keys())
        const hint =
          similar === undefined ? `known are ${[...known.keys()].join(', ')}` : `did you mean \`${similar}\`?`
        report(name, `unknown option ${quoted(given)}`, hint)
      } else if (child !== undefined) leaf(child.path, before + given, content)
      else
        walk(
          tree.branches.get(key) as Tree<{ readonly path: string }>,
          content,
          before + given,
          group === '' ? key : `${group}.${key}`,
        )
    }
  }

  walk(table.tree, options, own, '')
  return reading
}
