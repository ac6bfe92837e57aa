// A pipeline whose upstream is a function, with clocks in the test's hand.

import { onTestFinished } from 'vitest'
import { defaultTenancy, type TenancySettings } from '../../src/config/tenancy-settings.ts'
import { encodeWriteRequest, type LabelInput, snappyBlock, type WriteRequestInput } from '../../src/dev/encode.ts'
import { SluiceError } from '../../src/errors.ts'
import { Pipeline, type PipelineOptions } from '../../src/pipeline/pipeline.ts'
import type { PipelineSettings } from '../../src/pipeline/settings.ts'
import type { Answer, Push } from '../../src/receive/push.ts'
import type { Meter } from '../../src/telemetry/meter.ts'
import { createRegistry } from '../../src/telemetry/registry.ts'
import { createRejectionLog, type RejectionLog } from '../../src/telemetry/rejections.ts'
import type { HttpRequest, HttpResponse } from '../../src/wire/message.ts'

/** What upstream says: a status, more of an answer, or a function of the request. */
type Told = number | Partial<HttpResponse>
export type Upstream = (request: HttpRequest, tenant: string) => Told | Promise<Told>

export interface BenchOptions {
  readonly tenancy?: Partial<TenancySettings>
  readonly settings?: Partial<PipelineSettings>
  readonly upstream?: Upstream
  /** Default: a clock that stands still until `clock.now` is set. */
  readonly now?: () => number
  /** What else the pipeline is given. */
  readonly pipeline?: Pick<PipelineOptions, 'store' | 'random' | 'onQueueDropped'>
}

export interface Bench {
  readonly pipeline: Pipeline
  readonly clock: { now: number }
  /** What went upstream, in order. */
  readonly sent: { readonly tenant: string; readonly request: HttpRequest }[]
  readonly lines: string[]
  readonly rejections: RejectionLog
  upstream: Upstream
  readonly settingsOf: (options: BenchOptions) => PipelineSettings
  /** A refusal of the whole push is an answer here, as the listener makes it one. */
  readonly push: (push: Push) => Promise<Answer>
  readonly tally: (...args: Parameters<Meter['tally']>) => number
}

export function startBench(options: BenchOptions = {}): Bench {
  const registry = createRegistry({ includeTenant: true, processMetrics: false })
  const rejections = createRejectionLog()
  const clock = { now: 0 }
  const lines: string[] = []
  const sent: Bench['sent'] = []
  const settingsOf = ({ tenancy, settings }: BenchOptions): PipelineSettings => {
    const endpoint = (url: string) => ({
      tenancy: { ...defaultTenancy, labels: ['tenant'], ...tenancy },
      url,
      headers: { 'x-fixed': 'yes' },
      send: async (request: HttpRequest): Promise<HttpResponse> => {
        const tenant = request.headers['x-scope-orgid'] ?? ''
        sent.push({ tenant, request })
        const told = await bench.upstream(request, tenant)
        return {
          status: 200,
          headers: {},
          body: new Uint8Array(0),
          ...(typeof told === 'number' ? { status: told } : told),
        }
      },
    })
    return {
      metrics: endpoint('http://up/metrics'),
      logs: endpoint('http://up/logs'),
      timeoutMs: 10_000,
      maxInFlight: 64,
      maxRetryAfter: 30,
      maxDecompressedBytes: 64 << 20,
      acceptAll: false,
      dryRun: false,
      logResponseErrors: true,
      ...settings,
    }
  }
  const now = options.now ?? (() => clock.now)
  const pipeline = new Pipeline(
    {
      meter: registry.meter,
      refusals: rejections,
      log: (_key, _level, msg) => lines.push(msg),
      userAgent: 'Sluice/test',
      now,
      wallClock: now,
      ...options.pipeline,
    },
    settingsOf(options),
  )
  onTestFinished(() => pipeline.close())
  const bench: Bench = {
    pipeline,
    clock,
    sent,
    lines,
    rejections,
    upstream: options.upstream ?? (() => 200),
    settingsOf,
    push: (push) => pipeline.push(push).catch(refusal),
    tally: (...args) => registry.meter.tally(...args).value,
  }
  return bench
}

function refusal(error: unknown): Answer {
  if (!(error instanceof SluiceError)) throw error
  const { status, message, retryAfter } = error
  return { status, body: message, headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) } }
}

export function pushOf(body: Uint8Array, more: Partial<Push> = {}): Push {
  return {
    kind: 'remote-write',
    path: '/push',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    body: body as Buffer,
    client: '192.0.2.1:4000',
    encoding: 'snappy',
    format: 'protobuf',
    protocol: more.kind === 'loki' ? 'loki' : 'remote-write-1',
    reserve: () => true,
    ...more,
  }
}

/** One series of one sample for each tenant: `m{tenant="…"}`; '' for a series without the label. */
export function metricsOf(
  tenants: readonly string[],
  more: WriteRequestInput & { readonly value?: number } = {},
): Buffer {
  const series = tenants.map((tenant, i) => {
    const labels: LabelInput[] = [
      ['__name__', 'm'],
      ['i', String(i)],
    ]
    if (tenant !== '') labels.push(['tenant', tenant])
    return { labels, samples: [[more.value ?? 1, 1000] as const] }
  })
  return snappyBlock(encodeWriteRequest({ ...more, series: [...series, ...(more.series ?? [])] }))
}

export const textOf = (answer: Answer): string => Buffer.from(answer.body ?? '').toString()
