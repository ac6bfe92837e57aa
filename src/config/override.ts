// `tenancy.override`: a list of mappings, each with a table of settings of its own, read like any other.

import { isSeq, type ParsedNode } from 'yaml'
import { checkHttpClient } from './http-client/http-client-rules.ts'
import { authKeys } from './http-client/settle-auth.ts'
import { settlePart } from './http-client/settle-http-client.ts'
import { overrideClientFields, overrideFields, overrideOwnFields } from './override-fields.ts'
import { overriddenQueueConfig } from './resolve-queue.ts'
import { Secret } from './secret.ts'
import type { SettingValue } from './setting-spec.ts'
import type { Span } from './source-file.ts'
import type { BasicAuth, Override, ProtobufMessage, RateLimit } from './tenancy-settings.ts'
import { parseUpstream } from './upstream-url.ts'
import { readLeaf } from './yaml-leaf.ts'
import type { Leaf } from './yaml-node.ts'
import { spanOf, type YamlReader } from './yaml-reader.ts'
import { readRows, rowTree } from './yaml-rows.ts'

const tree = rowTree(overrideFields)

type Values = ReadonlyMap<string, SettingValue>

/** The client's rows. User and password of a URL are Basic auth, unless the override says how to sign in. */
function clientRowsOf(fields: Values, inUrl?: BasicAuth): Map<string, SettingValue> {
  const rows = new Map([...fields].filter(([path]) => Object.hasOwn(overrideClientFields, path)))
  const part = settlePart(rows)
  if (inUrl === undefined || authKeys.some((key) => part[key] !== undefined)) return rows
  return rows.set('basic_auth.username', inUrl.username).set('basic_auth.password', new Secret(inUrl.password))
}

/** Assembles an override from its fields; what is given counts, whatever else is missing. */
function assemble(fields: Values): Override {
  const upstream = fields.has('url') ? parseUpstream(fields.get('url') as string) : undefined
  const rows = clientRowsOf(fields, upstream?.basicAuth)
  const client = settlePart(rows)
  const rateLimit: RateLimit | undefined =
    fields.has('rate_limit.samples_per_second') || fields.has('rate_limit.burst')
      ? {
          samplesPerSecond: (fields.get('rate_limit.samples_per_second') as number | undefined) ?? 0,
          burst: (fields.get('rate_limit.burst') as number | undefined) ?? 0,
        }
      : undefined
  const queueConfig = overriddenQueueConfig(fields)
  return {
    tenants: (fields.get('tenants') as readonly string[] | undefined) ?? [],
    ...(upstream === undefined ? {} : { url: upstream.url }),
    ...(fields.has('remote_timeout') ? { remoteTimeoutMs: fields.get('remote_timeout') as number } : {}),
    ...(fields.has('headers') ? { headers: fields.get('headers') as Readonly<Record<string, string>> } : {}),
    ...(Object.keys(client).length === 0 ? {} : { client }),
    ...(rows.size === 0 ? {} : { clientRows: Object.fromEntries(rows) }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(fields.has('protobuf_message') ? { protobufMessage: fields.get('protobuf_message') as ProtobufMessage } : {}),
    ...(fields.has('send_exemplars') ? { sendExemplars: fields.get('send_exemplars') as boolean } : {}),
    ...(fields.has('send_native_histograms')
      ? { sendNativeHistograms: fields.get('send_native_histograms') as boolean }
      : {}),
    ...(queueConfig === undefined ? {} : { queueConfig }),
  }
}

function readOverride(reader: YamlReader, node: ParsedNode, parts: Map<string, Span>, index: number): Override {
  const { values, failed, spans } = readRows(reader, node, tree, overrideFields)
  for (const [path, span] of spans) parts.set(`${index}.${path}`, span)
  const start = spanOf(node).start
  const line = { start, end: reader.source.lineAt(start).span.end }
  if (!values.has('tenants') && !failed.has('tenants'))
    reader.report('error', line, 'an override needs `tenants`', 'add tenants: ["team-*"]')
  for (const { path, part, message, hint } of checkHttpClient(clientRowsOf(values), failed))
    reader.report('error', spans.get(part === undefined ? path : `${path}.${part}`) ?? line, message, hint)
  return assemble(values)
}

/** Reads the list of overrides; undefined if it is unset, or no list and reported. */
export function readOverrides(reader: YamlReader, node: ParsedNode): Leaf | undefined {
  const target = reader.document.resolve(node)
  if (!isSeq(target)) {
    reader.secret(node)
    readLeaf(reader, overrideOwnFields.tenants, node)
    return undefined
  }
  const parts = new Map<string, Span>()
  const value = (target.items as ParsedNode[]).map((item, index) => readOverride(reader, item, parts, index))
  return { value, parts }
}
