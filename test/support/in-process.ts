// The proxy in the test's own process, the test receiver as its upstream and a file as its configuration: a case takes
// milliseconds, and still everything between is a real socket.

import { request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { onTestFinished } from 'vitest'
import { printDiagnostics } from '../../src/config/diagnostics.ts'
import { loadConfiguration } from '../../src/config/load.ts'
import { type ProxySettings, resolveProxySettings } from '../../src/config/proxy-settings.ts'
import { decodeLokiPush, decodeWriteRequest } from '../../src/dev/encode.ts'
import { EVERY_TENANT } from '../../src/dev/sink/fault.ts'
import { seriesText } from '../../src/dev/sink/series-text.ts'
import type { Sink } from '../../src/dev/sink/sink.ts'
import { type RunningProxy, startProxy } from '../../src/proxy/proxy.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { testSink } from './test-sink.ts'

/** The settings of a file's text and variables; throws the diagnostics where they are wrong. */
export function settingsOf(config: string, env: Readonly<Record<string, string>> = {}): ProxySettings {
  const loaded = loadConfiguration({ file: { name: 'ct.yml', text: config }, env })
  if (!loaded.ok) throw new Error(printDiagnostics(loaded.diagnostics))
  return resolveProxySettings(loaded.configuration.settings)
}

/** One request as upstream got it. */
export interface Sent {
  readonly tenant: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Series (`up{job="a"}`) or the text of streams, in wire order. */
  readonly items: readonly string[]
  /** Families of metadata records. */
  readonly metadata: readonly string[]
  /** The body uncompressed. */
  readonly bytes: Uint8Array
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface AskOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Without a Content-Length. */
  readonly chunked?: boolean
  /** PEM of the authority of an https listener. */
  readonly ca?: string
  /** What it shows of itself to one. */
  readonly certificate?: { readonly cert: string; readonly key: string }
}

export interface ProxyHere {
  readonly proxy: RunningProxy
  /** What the log said, a line each. */
  readonly log: readonly string[]
}

export interface InProcess extends ProxyHere {
  /** Answers 200 "Ok" unless a fault is set, as the upstream of cortex-tenant's own tests. */
  readonly sink: Sink
  readonly settings: ProxySettings
  /** What upstream got since the last call, by tenant; a tenant's requests in order. Waits for none. */
  sent(): Sent[]
  /** As `sent`, tenant → items. */
  tenants(): Record<string, readonly string[]>
  ask(path: string, options?: AskOptions): Promise<Answer>
  /** POST /push with the headers of remote write 1; those in `headers` are added. */
  push(body: Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** POST /loki/push of protobuf. */
  pushLogs(body: Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Answer>
}

export interface InProcessOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Upstream refuses what breaks the specs; default true. */
  readonly strict?: boolean
  /** Put in place of the receiver's own URL, such as that of an https server before it. */
  readonly upstream?: (sink: Sink) => string | Promise<string>
}

/** Ends with the test. */
export async function startProxyHere(settings: ProxySettings): Promise<ProxyHere> {
  const log: string[] = []
  const proxy = await startProxy({
    settings,
    log: createLogger({ level: settings.logLevel, write: (line) => log.push(line) }),
    version: 'test',
    processMetrics: false,
  })
  onTestFinished(() => proxy.stop(AbortSignal.abort()))
  return { proxy, log }
}

/** `config` without `listen` and targets. Ends with the test. */
export async function startInProcess(config: string, options: InProcessOptions = {}): Promise<InProcess> {
  let arrived: Sent[] = []
  const sink = await testSink({
    strict: options.strict ?? true,
    onPush: ({ tenant, path, headers, metadata }, bytes) => {
      arrived.push({ tenant, path, headers, bytes, ...contentOf(path, bytes, metadata) })
    },
  })
  sink.setFault(EVERY_TENANT, { status: 200, body: 'Ok' })
  const upstream = (await options.upstream?.(sink)) ?? sink.url
  const own =
    `listen: 127.0.0.1:0\nlisten_metrics_address: 127.0.0.1:0\n` +
    `target: ${upstream}/api/v1/push\ntarget_loki: ${upstream}/loki/api/v1/push\n`
  const settings = settingsOf(own + config, options.env)
  const { proxy, log } = await startProxyHere(settings)
  const sent = (): Sent[] => {
    const all = arrived
    arrived = []
    return all.sort((a, b) => (a.tenant < b.tenant ? -1 : a.tenant > b.tenant ? 1 : 0))
  }
  const send =
    (path: string, headers: Readonly<Record<string, string>>) =>
    (body: Uint8Array, more = {}) =>
      ask(`${proxy.url}${path}`, { body, headers: { ...headers, ...more } })
  return {
    proxy,
    sink,
    settings,
    log,
    sent,
    tenants: () => Object.fromEntries(sent().map(({ tenant, items }) => [tenant, items])),
    ask: (path, ask1) => ask(`${proxy.url}${path}`, ask1),
    push: send('/push', { ...content, 'user-agent': 'Prometheus/3', 'x-prometheus-remote-write-version': '0.1.0' }),
    pushLogs: send('/loki/push', content),
  }
}

const content = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }

function contentOf(path: string, bytes: Uint8Array, metadata: number): Pick<Sent, 'items' | 'metadata'> {
  if (path.startsWith('/loki'))
    return { items: decodeLokiPush(bytes).streams.map(({ labels }) => labels), metadata: [] }
  const request = decodeWriteRequest(bytes)
  return {
    items: request.series.map(({ labels }) => seriesText(labels)),
    metadata: metadata === 0 ? [] : request.metadata.map(({ family }) => family),
  }
}

/** One request over a connection of its own, with these headers and no others but Host and the length. */
export function ask(url: string, options: AskOptions = {}): Promise<Answer> {
  const { method = 'POST', headers = {}, body, chunked = false, ca, certificate = {} } = options
  const length = body === undefined || chunked ? {} : { 'content-length': String(body.length) }
  const { protocol, hostname, port, origin } = new URL(url)
  const make = protocol === 'https:' ? secureRequest : request
  // The path as it stands in `url`: a URL would straighten it.
  const path = url.slice(origin.length)
  return new Promise((resolve, reject) => {
    const own = {
      hostname,
      port,
      path,
      method,
      headers: { ...length, ...headers },
      agent: false,
      ...(ca !== undefined && { ca, ...certificate }),
    } as const
    const sending = make(own, (response) => {
      const chunks: Buffer[] = []
      response.on('error', reject)
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      )
    })
    sending.on('error', reject)
    if (chunked && body !== undefined) sending.write(body.subarray(0, 3))
    sending.end(chunked ? body?.subarray(3) : body)
  })
}
