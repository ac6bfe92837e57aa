// `sluice dev`: the test receiver, the proxy and the sample sender in one process, with one tenant broken on purpose
// for a while. The proxy comes as a value, so that this knows the wire and nothing of what it shows.

import { checkDelivery, type DeliveryCheck } from './check-delivery.ts'
import { type Clock, systemClock } from './clock.ts'
import { banner, brokenLine, goingOnLine, type Paint, recoveredLine, tenantLine, verdictLines } from './dev-screen.ts'
import { sampleTenants } from './sender/sample-metrics.ts'
import { makeSampleSender, type SampleSender } from './sender/sample-sender.ts'
import { type Sink, startSink } from './sink/sink.ts'

export interface DevProxyOptions {
  /** Where the tenants' metrics and logs go: the sink. */
  readonly target: string
  readonly targetLoki: string
  /** `host:port`; port 0 is a free one. */
  readonly listen: string
  /** Label that names the tenant, and that has to be removed. */
  readonly tenantLabel: string
}

export interface DevProxy {
  /** `http://host:port` of the push listener, without a path. */
  readonly url: string
  readonly metricsUrl?: string
  close(): Promise<void>
}

export interface DevOptions {
  readonly version: string
  /** Rejects with `code` EADDRINUSE, by itself or in a cause, where the address is taken: then a free port is used. */
  readonly startProxy: (options: DevProxyOptions) => Promise<DevProxy>
  readonly write: (line: string) => void
  readonly paint: Paint
  /** Ends it; everything is stopped then. */
  readonly signal?: AbortSignal
  /** Addresses asked for first. Defaults 127.0.0.1:8080 and 127.0.0.1:9009. */
  readonly listen?: string
  readonly sinkListen?: string
  /** Pushes to make before it ends by itself. Default: no end. */
  readonly until?: number
  /** ms between pushes. Default 1000. */
  readonly intervalMs?: number
  /** Pushes before the tenant breaks, and before it is healthy again. Defaults 10 and 30. */
  readonly breakAfter?: number
  readonly recoverAfter?: number
  /** A line about every tenant after so many pushes. Default 5. */
  readonly lineEvery?: number
  /** Which tenant breaks. Default team-b. */
  readonly victim?: string
  readonly clock?: Clock
}

export interface DevResult {
  /** What arrived of the pushes made until the tenant was healthy again; empty if it ended before that was known. */
  readonly checks: readonly DeliveryCheck[]
}

const LABEL = 'tenant'
/** As many as Prometheus' default for max_shards: one tenant's retries then leave room for the next pushes. */
const MAX_IN_FLIGHT = 50

/** Runs until `until` or `signal`. Rejects if something cannot be started; what was started is stopped in any case. */
export async function runDev(options: DevOptions): Promise<DevResult> {
  const started = performance.now()
  const failed = new Map<string, number>()
  const onPush = ({ tenant, status }: { tenant: string; status: number }): void => {
    if (status < 200 || status > 299) failed.set(tenant, (failed.get(tenant) ?? 0) + 1)
  }
  const sink = await orFreePort(options.sinkListen ?? '127.0.0.1:9009', (listen) => startSink({ listen, onPush }))
  try {
    const proxy = await orFreePort(options.listen ?? '127.0.0.1:8080', (listen) =>
      options.startProxy({ target: sink.pushUrl, targetLoki: sink.lokiUrl, listen, tenantLabel: LABEL }),
    )
    const clock = options.clock ?? systemClock
    const url = `${proxy.url}/api/v1/push`
    const sender = makeSampleSender({ url, tenantLabel: LABEL, maxInFlight: MAX_IN_FLIGHT, maxBackoffMs: 2000, clock })
    try {
      const facts = { version: options.version, readyMs: performance.now() - started, tenantLabel: LABEL }
      const urls = { proxyUrl: proxy.url, sinkUrl: sink.url, metricsUrl: proxy.metricsUrl }
      for (const line of banner({ ...facts, ...urls }, options.paint)) options.write(line)
      return await play(options, clock, sink, sender, failed)
    } finally {
      await sender.stop()
      await proxy.close()
    }
  } finally {
    await sink.close()
  }
}

/** The script: push, break, recover, compare, go on. */
async function play(
  options: DevOptions,
  clock: Clock,
  sink: Sink,
  sender: SampleSender,
  failed: ReadonlyMap<string, number>,
): Promise<DevResult> {
  const { write, paint, signal, until = Number.POSITIVE_INFINITY, intervalMs = 1000, victim = 'team-b' } = options
  const { breakAfter = 10, recoverAfter = 30, lineEvery = 5 } = options
  const start = Math.floor(clock.now())
  const seconds = (): number => Math.round((clock.now() - start) / 1000)
  const made: { tsMs: number; settled: Promise<unknown> }[] = []
  let broken = false
  let checks: readonly DeliveryCheck[] = []
  let comparable: readonly number[] | undefined

  const recover = (): void => {
    sink.setFault(victim, undefined)
    broken = false
    write(recoveredLine(seconds(), victim, sender.stats.retries, paint))
  }
  const compare = (times: readonly number[]): void => {
    checks = sampleTenants.map((tenant) => checkDelivery(sink.store, tenant, times))
    for (const line of verdictLines(seconds(), checks, paint)) write(line)
  }

  for (let n = 0; n < until && signal?.aborted !== true; n++) {
    if (n === breakAfter) {
      sink.setFault(victim, { status: 500, body: `${victim} is broken on purpose` })
      broken = true
      const others = sampleTenants.filter((tenant) => tenant !== victim)
      write(brokenLine(seconds(), victim, others, paint))
    }
    if (n === recoverAfter) {
      recover()
      const times = made.map(({ tsMs }) => tsMs)
      void Promise.all(made.map(({ settled }) => settled)).then(() => {
        comparable = times
      })
    }
    if (n > 0 && n % lineEvery === 0)
      write(tenantLine(seconds(), tenantRows(sink, failed, broken ? victim : ''), paint))
    if (comparable !== undefined && checks.length === 0) {
      compare(comparable)
      write(goingOnLine(paint))
    }
    const tsMs = start + n * intervalMs
    const settled = sender.push(tsMs)
    if (n < recoverAfter) made.push({ tsMs, settled })
    await clock.sleep(Math.max(0, tsMs + intervalMs - clock.now()), signal)
  }
  if (signal?.aborted === true || checks.length > 0) return { checks }
  if (broken) recover()
  await sender.idle()
  compare(made.map(({ tsMs }) => tsMs))
  return { checks }
}

function tenantRows(sink: Sink, failed: ReadonlyMap<string, number>, victim: string) {
  return [...new Set([...sampleTenants, ...sink.store.tenants])].slice(0, 8).map((tenant) => ({
    tenant,
    delivered: sink.store.counts(tenant).samples,
    failed: failed.get(tenant) ?? 0,
    broken: tenant === victim,
  }))
}

async function orFreePort<T>(listen: string, start: (listen: string) => Promise<T>): Promise<T> {
  try {
    return await start(listen)
  } catch (error) {
    if (!isAddressInUse(error)) throw error
    return await start(listen.replace(/:\d+$/, ':0'))
  }
}

function isAddressInUse(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === 'EADDRINUSE') || isAddressInUse(error.cause)
}
