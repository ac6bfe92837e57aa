// The proxy as one value: listeners, pipeline and upstreams made from settings, swapped at reload, ended in order.

import type { ProxySettings } from '../config/proxy-settings.ts'
import { proxyEndpoints } from '../pipeline/live-endpoint.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import { createAdmission } from '../receive/admission.ts'
import { startListener } from '../receive/listener.ts'
import { defaultInFlightBytes } from '../receive/memory-limit.ts'
import type { RootLog } from '../telemetry/log.ts'
import { startMetricsListener } from '../telemetry/metrics-listener.ts'
import { createRateLimitedLog } from '../telemetry/rate-limited.ts'
import { createRegistry, type MetricsRegistry } from '../telemetry/registry.ts'
import { createRejectionLog, type RejectionLog } from '../telemetry/rejections.ts'
import { aborted } from './aborted.ts'
import { createExplainer, type Question, type Report } from './explain.ts'
import type { QueueControl } from './queue-control.ts'
import { logQueueLosses } from './queue-losses.ts'
import { refreshedMetrics } from './refreshed-metrics.ts'
import { namedUrls } from './remote-storage-gauges.ts'
import { type TenantStatus, tenantStatuses } from './tenants.ts'
import { buildUpstreams } from './upstream.ts'

export interface ProxyOptions {
  readonly settings: ProxySettings
  readonly log: RootLog
  readonly version: string
  /** The process_* and nodejs_* metrics; default true. One proxy a process may have them. */
  readonly processMetrics?: boolean
}

export interface RunningProxy {
  /** `http(s)://host:port` of the push listener. */
  readonly url: string
  /** `http://host:port` of the metrics listener. */
  readonly metricsUrl: string
  readonly metrics: MetricsRegistry
  readonly rejections: RejectionLog
  /** In words, what keeps it from taking pushes; empty: nothing. */
  notReady(): readonly string[]
  tenants(): TenantStatus[]
  /** undefined: there is no queue. */
  readonly queues: QueueControl | undefined
  explain(questions: readonly Question[]): Report
  /**
   * Swaps settings in, but for those of the listeners and of the store; pushes under way finish with the old ones.
   * Throws SluiceError CONFIG_INVALID and changes nothing where they can't be used.
   */
  reload(settings: ProxySettings): void
  /** A reload was refused before it came here: for the metric. */
  reloadFailed(): void
  /**
   * Ends it in order: 503 from the probes for `timeout_shutdown`, then no new connections, then what is in flight; the
   * store last, once it has what was not settled.
   */
  stop(hurry: AbortSignal): Promise<void>
}

/**
 * Starts everything that the settings name. Rejects with SluiceError CONFIG_INVALID, or with what `openProxyStore` says
 * of the store; nothing is left running then.
 */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const { log, version } = options
  let { settings } = options
  const registry = createRegistry({
    includeTenant: settings.metricsIncludeTenant,
    processMetrics: options.processMetrics ?? true,
  })
  const { meter } = registry
  const rejections = createRejectionLog()
  const limitedLog = createRateLimitedLog(log, { suppressed: meter.tally('sluice_log_lines_suppressed_total') })
  let upstreams = buildUpstreams(settings)
  // LevelDB is code of the machine: it is loaded only where something is stored.
  const storing = settings.queue && (await import('./storing.ts'))
  const store = await storing
    ?.openProxyStore({ storage: settings.storage, log, limitedLog, meter })
    .catch((error: unknown) => {
      upstreams.destroy()
      throw error
    })
  const reporter = { meter, refusals: rejections, log: limitedLog, userAgent: `Sluice/${version}` }
  const onQueueDropped = logQueueLosses(limitedLog)
  const pipeline = new Pipeline({ ...reporter, onQueueDropped, ...(store && { store }) }, upstreams.settings)
  const endpoints = proxyEndpoints(pipeline)
  const queues = store && storing?.controlQueues(store, () => endpoints)
  let explainer = createExplainer(settings)
  let stopping = false

  const metrics = refreshedMetrics(registry, { endpoints: () => endpoints, store, queues, rejections })
  const tookEffect = (): void => {
    meter.tally('sluice_config_last_reload_successful').value = 1
    meter.tally('sluice_config_last_reload_success_timestamp_seconds').value = Date.now() / 1000
  }
  meter.tally('sluice_build_info', { version, node: process.versions.node }).value = 1

  const end = async (): Promise<void> => {
    pipeline.close()
    upstreams.destroy()
    await store?.close()
  }
  if (settings.listenPprof !== '') log.warn('listen_pprof is accepted and opens nothing: there is no pprof here')
  const { ingress, receive } = settings
  const listener = await startListener({
    address: settings.listen,
    handler: (push) => pipeline.push(push),
    admission: createAdmission({
      maxBytes: receive.maxInFlightBytes ?? defaultInFlightBytes(),
      maxRequests: ingress.concurrency,
      meter,
    }),
    ...(ingress.tls !== undefined && { tls: ingress.tls }),
    maxBodySize: receive.maxBodySize,
    timeoutMs: ingress.timeoutMs,
    idleTimeoutMs: ingress.idleTimeoutMs,
    log,
    meter,
  }).catch(async (error: unknown) => {
    await end()
    throw error
  })
  const metricsListener = await startMetricsListener({ address: settings.listenMetrics, registry: metrics }).catch(
    async (error: unknown) => {
      await listener.close(0)
      await end()
      throw error
    },
  )
  tookEffect()

  return {
    url: listener.url,
    metricsUrl: metricsListener.url,
    metrics,
    rejections,
    notReady: () => (stopping ? ['it is stopping'] : []),
    tenants: () => tenantStatuses(endpoints, queues?.list()),
    queues,
    explain: (questions) => explainer(questions),
    reload(given) {
      const next = withQueueOf(settings, given)
      const replacement = buildUpstreams(next)
      const old = upstreams
      upstreams = replacement
      const before = namedUrls(endpoints)
      pipeline.reload(replacement.settings, () => void old.close())
      const after = namedUrls(endpoints)
      for (const url of before) if (!after.includes(url)) registry.forgetUrl(url)
      explainer = createExplainer(next)
      log.setLevel(next.logLevel)
      settings = next
      tookEffect()
    },
    reloadFailed() {
      meter.tally('sluice_config_last_reload_successful').value = 0
    },
    async stop(hurry) {
      stopping = true
      listener.markStopping()
      await wait(settings.shutdown.timeoutMs, hurry)
      const cut = new AbortController()
      const closed = listener.close(settings.shutdown.deadlineMs, cut.signal)
      await Promise.race([Promise.all([closed, pipeline.stop(settings.shutdown.deadlineMs)]), aborted(hurry)])
      await end()
      // In a hurry, whoever waited for upstream is answered now; then what is left is cut.
      setImmediate(() => cut.abort())
      await closed
      await metricsListener.close(0)
    },
  }
}

/** A queue comes and goes with a restart, not with a reload. */
function withQueueOf(started: ProxySettings, { queue: given, ...rest }: ProxySettings): ProxySettings {
  const queue = started.queue && (given ?? started.queue)
  return { ...rest, ...(queue && { queue }) }
}

function wait(ms: number, hurry: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (hurry.aborted || ms <= 0) return resolve()
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      hurry.removeEventListener('abort', done)
      resolve()
    }
    hurry.addEventListener('abort', done)
  })
}
