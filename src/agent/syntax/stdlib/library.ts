// The standard library: its namespaces, its other functions, and the old names that still work.

import { hostname } from 'node:os'
import { version } from '../../../version.ts'
import { toSecret, toText } from '../convert.ts'
import { objectValue, stringValue } from '../make-value.ts'
import type { Library } from '../scope.ts'
import type { FunctionValue, Value } from '../value.ts'
import { arrayFunctions } from './array.ts'
import { coalesce } from './coalesce.ts'
import { encodingFunctions } from './encoding.ts'
import { fileFunctions } from './file.ts'
import { boundedArray, fn } from './function.ts'
import { decodeJsonExactly } from './json-decode.ts'
import { jsonPath } from './json-path.ts'
import { stringFunctions } from './string.ts'

/** Old name → the function's name now. */
const oldNames = {
  env: 'sys.env',
  nonsensitive: 'convert.nonsensitive',
  concat: 'array.concat',
  json_decode: 'encoding.from_json',
  yaml_decode: 'encoding.from_yaml',
  base64_decode: 'encoding.from_base64',
  format: 'string.format',
  join: 'string.join',
  replace: 'string.replace',
  split: 'string.split',
  to_lower: 'string.to_lower',
  to_upper: 'string.to_upper',
  trim: 'string.trim',
  trim_prefix: 'string.trim_prefix',
  trim_suffix: 'string.trim_suffix',
  trim_space: 'string.trim_space',
} as const

/** What the evaluator must say of functions. */
export const notes = {
  /** Deprecated name → what to use instead. */
  deprecated: new Map<string, string>(Object.entries(oldNames)),
  /** Full names of functions that only the experimental level has. */
  experimental: new Set(['array.combine_maps', 'array.group_by']),
}

export interface LibraryOptions {
  /** What `sys.env` reads. Default: this process' environment, at the time of the call. */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

const goSystem: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' }
const goArchitecture: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' }

const constants = (): Value =>
  objectValue(
    Object.entries({
      hostname: hostname(),
      os: goSystem[process.platform] ?? process.platform,
      arch: goArchitecture[process.arch] ?? process.arch,
      version: `v${version}`,
    }).map(([name, text]) => [name, stringValue(text)]),
  )

const jsonPathFunction = fn('json_path', [toText, toText] as const, (json, path) =>
  boundedArray(jsonPath(decodeJsonExactly(json), path)),
)

/** The library over an environment. */
export function standardLibrary({ environment = process.env }: LibraryOptions = {}): Library {
  const functions = new Map<string, FunctionValue>(
    [
      fn('sys.env', [toText] as const, (name) => stringValue(environment[name] ?? '')),
      fn('convert.nonsensitive', [toSecret] as const, (secret) => stringValue(secret.reveal())),
      ...arrayFunctions,
      ...encodingFunctions,
      ...fileFunctions,
      ...stringFunctions,
    ].map((value) => [value.name, value]),
  )
  const namespaces = new Map<string, [string, Value][]>()
  for (const [name, value] of functions) {
    const [namespace, short] = name.split('.') as [string, string]
    namespaces.set(namespace, [...(namespaces.get(namespace) ?? []), [short, value]])
  }
  return new Map<string, Value>([
    ['constants', constants()],
    ['coalesce', coalesce],
    ['json_path', jsonPathFunction],
    ...Array.from(namespaces, ([name, fields]) => [name, objectValue(fields)] as const),
    ...Object.entries(oldNames).map(([old, name]) => [old, functions.get(name) as Value] as const),
  ])
}

let shared: Library | undefined

/** One for everyone who has no own environment. */
export const defaultLibrary = (): Library => (shared ??= standardLibrary())
