// Takes one push over HTTP: reads it whole, has it judged, applies the tenant's fault, keeps or refuses, logs. A rule
// broken in strict mode is refused before a fault is looked at, so a fault never hides a broken sender.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { PushKind } from './check-request.ts'
import type { Fault, FaultBoard } from './fault.ts'
import { type Contents, judge, type Verdict } from './judge.ts'
import type { LoggedRequest, RequestLog } from './request-log.ts'
import type { SinkStore } from './store.ts'
import { ruleStatus, type Violation } from './violation.ts'

export interface PushContext {
  readonly strict: boolean
  readonly store: SinkStore
  readonly faults: FaultBoard
  readonly log: RequestLog
  /** Largest body, packed and unpacked, in bytes. */
  readonly maxBytes: number
  /** ms since 1970. */
  readonly now: () => number
  /** Fires when the sink closes: delays end. */
  readonly closing: AbortSignal
  /** Called once a push is settled, with its uncompressed body. */
  readonly settled: (request: LoggedRequest, bytes: Uint8Array) => void
}

interface Reply {
  /** 0: none is sent. */
  readonly status: number
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
  readonly keep: boolean
  /** Not what was written, either. */
  readonly tellsNothing?: boolean
}

export async function receivePush(
  kind: PushKind,
  context: PushContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0] as string
  if (request.method !== 'POST') {
    context.store.addViolations('', path, [{ rule: 'method', text: `${request.method} ${path}: pushes are POSTs` }])
    request.resume()
    response.writeHead(405, { allow: 'POST', 'content-type': 'text/plain' }).end('pushes are POSTs\n')
    return
  }
  const body = await readBody(request, context.maxBytes)
  if (body === 'incomplete') return
  const verdict: Verdict =
    body === 'too large' ? tooLarge(request, context.maxBytes) : judge(kind, request.headers, body, context.maxBytes)
  context.store.addViolations(verdict.tenant, path, verdict.violations)

  const at = context.now()
  const refused = refusal(verdict, context.strict)
  const fault = refused === undefined ? context.faults.take(verdict.tenant) : undefined
  if (fault?.delayMs !== undefined) {
    const delayed = await wait(fault.delayMs, true, { signal: context.closing }).catch(() => false)
    if (!delayed) return
  }
  const reply = told(verdict, refused ?? fault2(verdict, fault) ?? faultReply(verdict.tenant, fault))
  if (reply.keep) {
    if (verdict.metrics !== undefined) context.store.addMetrics(verdict.tenant, verdict.metrics)
    if (verdict.logs !== undefined) context.store.addLogs(verdict.tenant, verdict.logs)
  }
  const logged = context.log.add({
    at,
    method: 'POST',
    path,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    tenant: verdict.tenant,
    status: reply.status,
    text: reply.text,
    compressedBytes: body.length,
    bytes: verdict.bytes.length,
    ...summary(verdict),
  })
  if (fault?.reset === true) request.socket.resetAndDestroy()
  else if (reply.status !== 0) {
    response.writeHead(reply.status, {
      ...(reply.text === '' ? {} : { 'content-type': 'text/plain; charset=utf-8' }),
      ...reply.headers,
    })
    response.end(reply.text)
  }
  context.settled(logged, verdict.bytes)
}

/** Strict: the first rule that is broken. If not: only what makes the body unreadable, which is judged last. */
function refusal({ violations, metrics, logs }: Verdict, strict: boolean): Reply | undefined {
  const readable = metrics !== undefined || logs !== undefined
  if (readable && !strict) return undefined
  const broken = strict ? violations[0] : violations.at(-1)
  return broken && { status: ruleStatus[broken.rule], text: `${broken.text}\n`, keep: false }
}

/** Faults that hit pushes of remote write 2 alone. */
function fault2({ contents }: Verdict, fault: Fault | undefined): Reply | undefined {
  if (contents === undefined) return undefined
  if (fault?.refuse2 === true) return { status: 415, text: 'remote write 1 only\n', keep: false, tellsNothing: true }
  return fault?.unread2 === true ? { status: 204, text: '', keep: false, tellsNothing: true } : undefined
}

/** Every answer to remote write 2 after content negotiation says what was written. */
function told({ contents }: Verdict, reply: Reply): Reply {
  if (contents === undefined || reply.tellsNothing === true || reply.status === 415) return reply
  const count = (of: keyof Contents): string => String(reply.keep ? contents[of] : 0)
  const headers = {
    ...reply.headers,
    'x-prometheus-remote-write-samples-written': count('samples'),
    'x-prometheus-remote-write-histograms-written': count('histograms'),
    'x-prometheus-remote-write-exemplars-written': count('exemplars'),
  }
  return { ...reply, headers }
}

function faultReply(tenant: string, fault: Fault | undefined): Reply {
  if (fault?.hang === true || fault?.reset === true) return { status: 0, text: '', keep: fault.store === true }
  if (fault?.status === undefined) return { status: 204, text: '', keep: true }
  return {
    status: fault.status,
    text: fault.body ?? `fault set for tenant ${tenant}: ${fault.status}\n`,
    headers: fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) },
    keep: fault.store ?? (fault.status >= 200 && fault.status < 300),
  }
}

function summary({
  metrics,
  logs,
}: Verdict): Pick<LoggedRequest, 'series' | 'samples' | 'metadata' | 'firstSeries' | 'unknownFields'> {
  const unknownFields = (metrics ?? logs)?.unknown
    .slice(0, 16)
    .map(({ raw }) => Buffer.from(raw.subarray(0, 1024)).toString('hex'))
  const common = { unknownFields: unknownFields ?? [], metadata: metrics?.metadata.length ?? 0 }
  if (logs !== undefined) {
    const samples = logs.streams.reduce((sum, { entries }) => sum + entries.length, 0)
    return { ...common, series: logs.streams.length, samples, firstSeries: [['stream', logs.streams[0]?.labels ?? '']] }
  }
  const series = metrics?.series ?? []
  const samples = series.reduce((sum, one) => sum + one.samples.length + one.histograms.length, 0)
  return { ...common, series: series.length, samples, firstSeries: series[0]?.labels ?? [] }
}

function tooLarge(request: IncomingMessage, maxBytes: number): Verdict {
  const tenant = String(request.headers['x-scope-orgid'] ?? '')
  const violation: Violation = { rule: 'body-size', text: `the body is longer than ${maxBytes} bytes` }
  return { tenant, violations: [violation], bytes: new Uint8Array() }
}

/** The body, or why there is none. What is too long is read to its end and thrown away, so that the answer arrives. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too large' | 'incomplete'> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
    }
  } catch {
    return 'incomplete'
  }
  return size > maxBytes ? 'too large' : Buffer.concat(chunks)
}
