// Endpoints of an agent between real sockets: a listener whose pushes they take, and upstreams that keep what they are
// sent. The graph that would hold them together is the test.

import { onTestFinished } from 'vitest'
import type { EndpointSpec } from '../../src/agent/flow/endpoint-spec.ts'
import { Endpoints } from '../../src/agent/flow/endpoints.ts'
import { flowWatch } from '../../src/agent/flow/forward-send.ts'
import type { Receiver } from '../../src/agent/flow/receiver.ts'
import { takePush } from '../../src/agent/flow/take-push.ts'
import { defaultHttpClient } from '../../src/config/http-client/settle-http-client.ts'
import { defaultTenancy, type TenancySettings } from '../../src/config/tenancy-settings.ts'
import { decodeLokiPush, decodeWriteRequest } from '../../src/dev/encode.ts'
import { seriesText } from '../../src/dev/sink/series-text.ts'
import { createAdmission } from '../../src/receive/admission.ts'
import { startListener } from '../../src/receive/listener.ts'
import type { Store } from '../../src/send/store/store.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { createRegistry } from '../../src/telemetry/registry.ts'
import { createRejectionLog } from '../../src/telemetry/rejections.ts'
import { uncompress } from '../../src/wire/snappy.ts'
import { remoteWrite1 } from '../../src/wire/v1/codec.ts'
import { type Answer, ask } from './in-process.ts'
import { type Answer as StandInAnswer, standIn } from './stand-in.ts'

/** What an upstream got: `tenant: item item`, or `: item` without a tenant; and how it answers. */
export interface Upstream {
  readonly url: string
  readonly got: string[]
  readonly headers: Readonly<Record<string, unknown>>[]
  answer: (tenant: string) => StandInAnswer | Promise<StandInAnswer>
}

export async function startUpstream(answer: Upstream['answer'] = () => ({ status: 200 })): Promise<Upstream> {
  const upstream: Upstream = { url: '', got: [], headers: [], answer }
  const { url } = await standIn(({ headers, body, path }) => {
    const bytes = uncompress(body, 1 << 24)
    const items =
      path === '/logs'
        ? decodeLokiPush(bytes).streams.map(({ labels }) => labels)
        : decodeWriteRequest(bytes).series.map(({ labels }) => seriesText(labels))
    const tenant = String(headers['x-scope-orgid'] ?? '')
    upstream.got.push(`${tenant}: ${items.join(' ')}`)
    upstream.headers.push(headers)
    return upstream.answer(tenant)
  })
  return Object.assign(upstream, { url })
}

export interface FlowBench {
  readonly endpoints: Endpoints
  readonly registry: ReturnType<typeof createRegistry>
  readonly rejections: ReturnType<typeof createRejectionLog>
  readonly log: { readonly key: string; readonly msg: string; readonly fields: Record<string, unknown> }[]
  /** A listener whose pushes go to `receiver`; the function pushes to it. */
  listen(
    receiver: Receiver,
    signal?: Receiver['signal'],
  ): Promise<(body: Uint8Array, headers?: Record<string, string>) => Promise<Answer>>
}

export function startFlowBench(store?: Store): FlowBench {
  const registry = createRegistry({ includeTenant: true, processMetrics: false })
  const rejections = createRejectionLog()
  const log: FlowBench['log'] = []
  const endpoints = new Endpoints({
    meter: registry.meter,
    refusals: rejections,
    log: (key, _level, msg, fields) => void log.push({ key, msg, fields: fields?.() ?? {} }),
    userAgent: 'Sluice/test',
    maxRetryAfter: 30,
    maxDecompressedBytes: 64 << 20,
    onUrlGone: (url, id) => registry.forgetUrl(url, id),
    ...(store && { store }),
  })
  onTestFinished(async () => {
    await Promise.all(
      [...new Set(endpoints.live().map(({ id }) => ownerOf(id)))].map((owner) => endpoints.remove(owner, 200)),
    )
    await endpoints.ended()
  })
  return {
    endpoints,
    registry,
    rejections,
    log,
    async listen(receiver, signal = 'metrics') {
      const listener = await startListener({
        address: '127.0.0.1:0',
        handler: takePush({ receiver, maxRetryAfter: 30, maxDecompressedBytes: 64 << 20, userAgent: 'Sluice/test' }),
        admission: createAdmission({ maxBytes: 1 << 28, meter: registry.meter }),
        maxBodySize: 32 << 20,
        timeoutMs: 10_000,
        idleTimeoutMs: 1000,
        log: createLogger({ level: 'error', write: () => undefined }),
        meter: registry.meter,
      })
      onTestFinished(async () => void (await listener.close(0)))
      const content = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
      return (body, headers = {}) =>
        ask(`${listener.url}${signal === 'logs' ? '/loki/push' : '/push'}`, {
          body,
          headers: { ...content, ...headers },
        })
    },
  }
}

/** The component of an endpoint's id. */
export const ownerOf = (id: string): string => id.slice(0, id.lastIndexOf('/'))

/** An endpoint to a URL or to receivers. */
export function specOf(id: string, to: string | readonly Receiver[], more: Partial<EndpointSpec> = {}): EndpointSpec {
  return {
    id,
    signal: 'metrics',
    to: typeof to === 'string' ? { url: to, client: defaultHttpClient } : { forwardTo: to },
    tenancy: defaultTenancy,
    timeoutMs: 5000,
    ...more,
  }
}

export const tenancy = (more: Partial<TenancySettings>): TenancySettings => ({ ...defaultTenancy, ...more })

/** Gives an uncompressed body as scraped data comes: nobody waits. */
export const scraped = (receiver: Receiver, bytes: Uint8Array) =>
  receiver.receive({
    batch: remoteWrite1.scan(bytes, flowWatch),
    ...{ travelling: {}, identity: '', isAwaited: false, client: '' },
  })
