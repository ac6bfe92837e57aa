// Sluice as a sender: the proxy in the test's own process, pushed to over a real socket, and an upstream that shows what
// came of it and says what the test wants.

import { join } from 'node:path'
import type { DecodedWriteRequest } from '../../src/dev/decode.ts'
import { type Answer, ask, settingsOf, startProxyHere } from './in-process.ts'
import { allWritten2, contentType2, readEither } from './request-2.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { type Arrival, startTenantUpstream, type Told } from './tenant-upstream.ts'
import { until } from './until.ts'

/** The form of remote write. */
export type Form = 1 | 2

/** A request as upstream got it. */
export interface Leg {
  readonly method: string
  readonly form: Form
  readonly headers: Readonly<Record<string, string>>
  readonly tenant: string
  readonly body: Buffer
  readonly content: DecodedWriteRequest
  /** When it came, by `performance.now()`. */
  readonly at: number
}

export interface SenderLeg {
  /** The push listener's, without a path. */
  readonly url: string
  /** In the order of their arrival. */
  readonly legs: readonly Leg[]
  readonly log: readonly string[]
  push(form: Form, body: Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** Resolves when so many requests have come. */
  came(count: number): Promise<void>
  /** Nothing is stored any more. */
  drained(): Promise<void>
  /** `name`, or `name{labels}` as it is written. */
  metric(name: string): Promise<number>
  /** Swaps in the same settings with other rows. */
  reload(rows: string): void
  /** In order: what a queue has not sent is stored by then. */
  stop(): Promise<void>
}

/** A status (of a 2.0 body it took, an upstream says that all is written), a whole answer, or none. */
export type Say = (leg: Leg, nth: number) => Said | Promise<Said>
export type Said = number | Told | 'hang'

export interface LegOptions {
  readonly say?: Say
  /** Lanes store, and repeat what failed themselves; else they answer, and their senders repeat. */
  readonly queue?: boolean
  /** Rows under `sluice:`, in YAML's flow style; without `tenancy` the label is removed. */
  readonly rows?: string
  /** In place of the upstream. */
  readonly target?: string
  /** For an answer; default 20s. */
  readonly timeout?: string
  /** Where the queue stores; default: a folder of its own. */
  readonly storage?: string
}

/** Tenants by the label `tenant`. Ends with the test. */
export async function startLeg(options: LegOptions = {}): Promise<SenderLeg> {
  const {
    say = () => 204,
    queue = false,
    rows = '',
    timeout = '20s',
    storage = join(temporaryFolder(), 'store'),
  } = options
  const legs: Leg[] = []
  const upstream = await startTenantUpstream(async (arrival) => {
    const leg = legOf(arrival)
    const nth = legs.push(leg)
    const told = await say(leg, nth)
    if (typeof told !== 'number' || told >= 300 || leg.form === 1) return told
    return { status: told, headers: allWritten2(leg.body) }
  })
  const queued = `queue: { enabled: true, ack_grace: 60s, min_backoff: 20ms, max_backoff: 200ms }, storage: { path: ${JSON.stringify(storage)} },`
  const settingsWith = (own: string) =>
    settingsOf(
      `listen: 127.0.0.1:0\nlisten_metrics_address: 127.0.0.1:0\nlog_response_errors: true\ntarget: ${options.target ?? upstream.url}\ntimeout: ${timeout}\n` +
        `sluice: { ${queue ? queued : ''} ${own} ${own.includes('tenancy:') ? '' : 'tenancy: { labels: [tenant], keep_label: false }'} }\n`,
    )
  const { proxy, log } = await startProxyHere(settingsWith(rows))
  const metric = async (name: string): Promise<number> => {
    const line = (await proxy.metrics.exposition()).split('\n').find((text) => text.startsWith(`${name} `))
    return line === undefined ? 0 : Number(line.slice(name.length + 1))
  }
  return {
    url: proxy.url,
    legs,
    log,
    metric,
    reload: (own) => proxy.reload(settingsWith(own)),
    stop: () => proxy.stop(AbortSignal.abort()),
    push: (form, body, headers = {}) =>
      ask(`${proxy.url}/api/v1/push`, {
        body,
        headers: {
          'content-type': form === 2 ? contentType2 : 'application/x-protobuf',
          'content-encoding': 'snappy',
          'user-agent': 'sender/1',
          'x-prometheus-remote-write-version': form === 2 ? '2.0.0' : '0.1.0',
          ...headers,
        },
      }),
    came: (count) => upstream.until(() => legs.length >= count),
    drained: async () => {
      await until(async () => (await metric('sluice_store_batches')) === 0, { what: 'nothing is stored' })
    },
  }
}

function legOf({ method, tenant, headers, body }: Arrival): Leg {
  const type = headers['content-type'] ?? ''
  const form = type.includes('v2.Request') ? 2 : 1
  return { method, form, headers, tenant, body, content: readEither(type, body), at: performance.now() }
}

/** `name@ts,ts` of each series, in order. */
export const itemsOf = ({ content }: Leg): string[] =>
  content.series.map(({ labels, samples }) => {
    const name = labels.find(([key]) => key === '__name__')?.[1]
    return `${name}@${samples.map(({ tsMs }) => tsMs).join(',')}`
  })
