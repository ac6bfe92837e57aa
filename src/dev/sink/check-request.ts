// What a push has to have outside its body: method, tenant, headers. Pure; reports every fault that it finds.

import type { IncomingHttpHeaders } from 'node:http'
import type { Violation } from './violation.ts'

export type PushKind = 'metrics' | 'logs'

/** Paths that take pushes. */
export const pushPaths: Readonly<Record<string, PushKind>> = {
  '/api/v1/push': 'metrics',
  '/api/v1/write': 'metrics',
  '/loki/api/v1/push': 'logs',
}

/** Tenant of requests that name none, when the receiver is not strict. */
export const ANONYMOUS = 'anonymous'

const tenantId = /^[A-Za-z0-9!\-_.*'()]{1,150}$/
const reserved = new Set(['.', '..', '__mimir_cluster'])
const protobufTypes: ReadonlyMap<string, 1 | 2> = new Map([
  ['application/x-protobuf', 1],
  ['application/x-protobuf;proto=prometheus.writerequest', 1],
  ['application/x-protobuf;proto=io.prometheus.write.v2.request', 2],
])

/** Which remote write the Content-Type announces; undefined: none that is known. */
export function remoteWriteIn({ 'content-type': type = '' }: IncomingHttpHeaders): 1 | 2 | undefined {
  return protobufTypes.get(type.toLowerCase().replaceAll(/\s/g, ''))
}

export function checkTenant(header: string | undefined): Violation[] {
  if (header === undefined || header === '') return [{ rule: 'tenant-missing', text: 'no org id' }]
  if (tenantId.test(header) && !reserved.has(header)) return []
  return [{ rule: 'tenant-invalid', text: `tenant ID ${JSON.stringify(header)} is not a valid one` }]
}

/** Content-Type, Content-Encoding, User-Agent and the protocol's version. */
export function checkHeaders(kind: PushKind, headers: IncomingHttpHeaders): Violation[] {
  const found: Violation[] = []
  const message = remoteWriteIn(headers)
  const type = (headers['content-type'] ?? '').toLowerCase().trim()
  const typeKnown = kind === 'metrics' ? message !== undefined : type === 'application/x-protobuf'
  if (!typeKnown) {
    found.push({
      rule: 'content-type',
      text: `Content-Type ${quoted(headers['content-type'])} is not application/x-protobuf`,
    })
  }
  const encoding = headers['content-encoding']
  if (encoding !== 'snappy' && !(kind === 'logs' && encoding === undefined)) {
    found.push({ rule: 'content-encoding', text: `Content-Encoding ${quoted(encoding)} is not snappy` })
  }
  if (!headers['user-agent']) found.push({ rule: 'user-agent', text: 'User-Agent is missing' })
  const version = headers['x-prometheus-remote-write-version']?.toString()
  const wanted = message === 2 ? '2.0.0' : '0.1.0'
  if (kind === 'metrics' && version !== wanted) {
    found.push({ rule: 'version', text: `X-Prometheus-Remote-Write-Version ${quoted(version)} is not ${wanted}` })
  }
  return found
}

const quoted = (value: string | undefined): string => (value === undefined ? '(none)' : JSON.stringify(value))
