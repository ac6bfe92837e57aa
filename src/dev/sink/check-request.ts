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
const protobufTypes = new Set(['application/x-protobuf', 'application/x-protobuf;proto=prometheus.writerequest'])

export function checkTenant(header: string | undefined): Violation[] {
  if (header === undefined || header === '') return [{ rule: 'tenant-missing', text: 'no org id' }]
  if (tenantId.test(header) && !reserved.has(header)) return []
  return [{ rule: 'tenant-invalid', text: `tenant ID ${JSON.stringify(header)} is not a valid one` }]
}

/** Content-Type, Content-Encoding, User-Agent and the protocol's version. */
export function checkHeaders(kind: PushKind, headers: IncomingHttpHeaders): Violation[] {
  const found: Violation[] = []
  const type = (headers['content-type'] ?? '').toLowerCase().replaceAll(/\s/g, '')
  const typeKnown = kind === 'metrics' ? protobufTypes.has(type) : type === 'application/x-protobuf'
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
  const version = headers['x-prometheus-remote-write-version']
  if (kind === 'metrics' && version !== '0.1.0') {
    found.push({
      rule: 'version',
      text: `X-Prometheus-Remote-Write-Version ${quoted(version?.toString())} is not 0.1.0`,
    })
  }
  return found
}

const quoted = (value: string | undefined): string => (value === undefined ? '(none)' : JSON.stringify(value))
