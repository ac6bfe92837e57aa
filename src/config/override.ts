// `tenancy.override`: a list of mappings, each with a small table of settings of its own, read like any other.

import { isSeq, type ParsedNode } from 'yaml'
import { type OverrideField, overrideFields } from './override-fields.ts'
import type { SettingValue } from './setting-spec.ts'
import type { Span } from './source-file.ts'
import type { Override, RateLimit } from './tenancy-settings.ts'
import { treeOf } from './tree.ts'
import { parseUpstream } from './upstream-url.ts'
import { readLeaf } from './yaml-leaf.ts'
import { isUnset, type Leaf } from './yaml-node.ts'
import { spanOf, type YamlReader } from './yaml-reader.ts'
import { walkMapping } from './yaml-walk.ts'

type Field = OverrideField

const planned: ReadonlySet<string> = new Set([
  'authorization',
  'azuread',
  'basic_auth.password_file',
  'basic_auth.username_file',
  'bearer_token',
  'bearer_token_file',
  'enable_http2',
  'follow_redirects',
  'google_iam',
  'http_headers',
  'no_proxy',
  'oauth2',
  'protobuf_message',
  'proxy_connect_header',
  'proxy_from_environment',
  'proxy_url',
  'queue_config',
  'send_exemplars',
  'send_native_histograms',
  'sigv4',
  'tls_config',
])

const tree = treeOf(Object.keys(overrideFields).map((path) => [path, { path: path as Field }] as const))

/** Assembles an override from its fields; what is given counts, whatever else is missing. */
function assemble(fields: ReadonlyMap<Field, SettingValue>): Override {
  const upstream = fields.has('url') ? parseUpstream(fields.get('url') as string) : undefined
  const username = fields.get('basic_auth.username') as string | undefined
  const password = fields.get('basic_auth.password') as string | undefined
  const basicAuth = username !== undefined && password !== undefined ? { username, password } : upstream?.basicAuth
  const rateLimit: RateLimit | undefined =
    fields.has('rate_limit.samples_per_second') || fields.has('rate_limit.burst')
      ? {
          samplesPerSecond: (fields.get('rate_limit.samples_per_second') as number | undefined) ?? 0,
          burst: (fields.get('rate_limit.burst') as number | undefined) ?? 0,
        }
      : undefined
  return {
    tenants: (fields.get('tenants') as readonly string[] | undefined) ?? [],
    ...(upstream === undefined ? {} : { url: upstream.url }),
    ...(fields.has('remote_timeout') ? { remoteTimeoutMs: fields.get('remote_timeout') as number } : {}),
    ...(fields.has('headers') ? { headers: fields.get('headers') as Readonly<Record<string, string>> } : {}),
    ...(basicAuth === undefined ? {} : { basicAuth }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
  }
}

function readOverride(reader: YamlReader, node: ParsedNode, parts: Map<string, Span>, index: number): Override {
  const fields = new Map<Field, SettingValue>()
  const keys = new Map<Field, ParsedNode>()
  walkMapping(reader, node, tree, {
    leaf({ path }, key, value) {
      if (isUnset(reader, value)) return
      keys.set(path, key)
      parts.set(`${index}.${path}`, spanOf(key))
      const leaf = readLeaf(reader, overrideFields[path], value)
      if (leaf === undefined) return
      fields.set(path, leaf.value)
      for (const [part, span] of leaf.parts ?? []) parts.set(`${index}.${path}.${part}`, span)
    },
    unknown: (path) =>
      planned.has(path)
        ? {
            secret: true,
            message: `\`${path}\` is not available in an override in this version`,
            hint: `an override may set ${[...tree.leaves.keys(), ...tree.branches.keys()].join(', ')}`,
          }
        : undefined,
  })
  const start = spanOf(node).start
  const line = { start, end: reader.source.lineAt(start).span.end }
  if (!keys.has('tenants')) reader.report('error', line, 'an override needs `tenants`', 'add tenants: ["team-*"]')
  for (const [one, other] of [
    ['basic_auth.username', 'basic_auth.password'],
    ['basic_auth.password', 'basic_auth.username'],
  ] as const) {
    const key = keys.get(one)
    if (key !== undefined && !keys.has(other))
      reader.report('error', spanOf(key), `\`${one}\` needs \`${other}\` too`, `add ${other}, or take it out`)
  }
  return assemble(fields)
}

/** Reads the list of overrides; undefined if it is unset, or no list and reported. */
export function readOverrides(reader: YamlReader, node: ParsedNode): Leaf | undefined {
  const target = reader.document.resolve(node)
  if (!isSeq(target)) {
    reader.secret(node)
    readLeaf(reader, overrideFields.tenants, node)
    return undefined
  }
  const parts = new Map<string, Span>()
  const value = (target.items as ParsedNode[]).map((item, index) => readOverride(reader, item, parts, index))
  return { value, parts }
}
