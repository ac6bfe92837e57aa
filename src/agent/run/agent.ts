// The agent as one value: store, endpoints, components and the program's HTTP server, started in order, loaded anew on
// demand, ended in order.

import type { RequestListener } from 'node:http'
import type { AgentSettings } from '../../config/agent-settings.ts'
import { SluiceError } from '../../errors.ts'
import { aborted } from '../../proxy/aborted.ts'
import type { QueueControl } from '../../proxy/queue-control.ts'
import { logQueueLosses } from '../../proxy/queue-losses.ts'
import { refreshedMetrics } from '../../proxy/refreshed-metrics.ts'
import { type TenantStatus, tenantStatuses } from '../../proxy/tenants.ts'
import { createAdmission } from '../../receive/admission.ts'
import { defaultInFlightBytes } from '../../receive/memory-limit.ts'
import { createRateLimitedLog } from '../../telemetry/rate-limited.ts'
import { createRegistry, type MetricsRegistry } from '../../telemetry/registry.ts'
import { createRejectionLog, type RejectionLog } from '../../telemetry/rejections.ts'
import { Ports } from '../components/push-server/ports.ts'
import type { AgentServices } from '../components/services.ts'
import { Endpoints } from '../flow/endpoints.ts'
import type { AnyKind, Stability } from '../graph/component.ts'
import type { ComponentView } from '../graph/component-view.ts'
import { createGraph } from '../graph/graph.ts'
import type { AgentLog } from './agent-log.ts'
import { healthGauges } from './health-gauges.ts'
import { type HttpServer, startHttpServer } from './http-server.ts'
import { logLeftBehind } from './left-behind.ts'
import { createLoader, type LoadOutcome } from './loader.ts'

export interface AgentOptions {
  /** A file, or a directory with files *.alloy. */
  readonly path: string
  readonly settings: AgentSettings
  /** The components that there are. */
  readonly kinds: readonly AnyKind[]
  /** The lowest that is allowed. */
  readonly stability: Stability
  readonly log: AgentLog
  readonly version: string
  /** Answers what is asked of the program's HTTP server. */
  readonly handler: (agent: RunningAgent) => RequestListener
  /** Takes what components print; default: standard output. */
  readonly print?: (text: string) => void
  /** The process_* and nodejs_* metrics; default true. One agent a process may have them. */
  readonly processMetrics?: boolean
}

export interface UnhealthyComponent {
  readonly id: string
  readonly reason: string
}

export interface RunningAgent {
  /** `http(s)://host:port` of the program's HTTP server. */
  readonly url: string
  readonly metrics: MetricsRegistry
  readonly rejections: RejectionLog
  readonly queues: QueueControl
  /** In words, what keeps it from being ready; empty: nothing. */
  notReady(): readonly string[]
  /** By id. */
  unhealthy(): readonly UnhealthyComponent[]
  components(): readonly ComponentView[]
  component(id: string): ComponentView | undefined
  tenants(): TenantStatus[]
  /** Reads the files again. Where anything is wrong the old configuration stays. Calls wait for each other. */
  reload(): Promise<LoadOutcome>
  /**
   * Ends it in order: components that take data first, with what is in flight; then those that send, which store what
   * they can't deliver. Without waiting once `hurry` aborts: whoever waits for an answer gets none.
   */
  stop(hurry: AbortSignal): Promise<void>
}

/**
 * Starts what the files say. Rejects with SluiceError CONFIG_INVALID, its text all diagnostics in Alloy's form, or with
 * what `openProxyStore` says of the store; nothing is left running then.
 */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const { settings, log, version, kinds, stability } = options
  const registry = createRegistry({ includeTenant: false, processMetrics: options.processMetrics ?? true })
  const { meter } = registry
  const loader = createLoader({ ...options, meter })
  // Before anything is touched on disk.
  await loader.check()

  const limitedLog = createRateLimitedLog(log, { suppressed: meter.tally('sluice_log_lines_suppressed_total') })
  const { openProxyStore, controlQueues } = await import('../../proxy/storing.ts')
  const store = await openProxyStore({ storage: settings.storage, log, limitedLog, meter })
  const rejections = createRejectionLog()
  const userAgent = `Sluice/${version}`
  const { maxBodySize, maxDecompressedSize: maxDecompressedBytes, maxInFlightBytes } = settings.receive
  const maxRetryAfter = Math.floor(settings.maxRetryAfterMs / 1000)
  const endpoints = new Endpoints({
    ...{ meter, refusals: rejections, log: limitedLog, userAgent, store, maxRetryAfter, maxDecompressedBytes },
    onQueueDropped: logQueueLosses(limitedLog),
    onUrlGone: (url, id) => registry.forgetUrl(url, id),
  })
  const live = () => endpoints.live()
  const queues = controlQueues(store, live)
  const services: AgentServices = {
    ...{ endpoints, userAgent, maxRetryAfter, maxBodySize, maxDecompressedBytes, merging: settings.merging },
    admission: createAdmission({ maxBytes: maxInFlightBytes ?? defaultInFlightBytes(), meter }),
    ports: new Ports(),
    print: options.print ?? ((text) => void process.stdout.write(text)),
    onComponentGone: (id) => registry.forgetComponent(id),
  }
  let http: HttpServer | undefined
  const graph = createGraph({
    ...{ kinds, stability, log, meter, services },
    applyLogging: (logging) => log.apply(logging),
    applyHttp: (next) => http?.apply(next),
  })
  meter.tally('sluice_build_info', { version, node: process.versions.node }).value = 1

  const load = async (): Promise<LoadOutcome> => {
    const outcome = await loader.load(graph)
    if (outcome.ok) logLeftBehind(store.list(), new Set(live().map(({ id }) => id)), log)
    return outcome
  }
  let missing: readonly string[] = ['the configuration is being loaded']
  const end = async (hurry: AbortSignal): Promise<void> => {
    endpoints.programEnds()
    await Promise.race([graph.stop(settings.shutdownDeadlineMs).then(() => endpoints.ended()), aborted(hurry)])
    await store.close()
    await http?.close()
  }
  const agent: RunningAgent = {
    get url() {
      return http?.url ?? ''
    },
    metrics: refreshedMetrics(registry, { endpoints: live, store, queues, rejections }, healthGauges(graph)),
    rejections,
    queues,
    notReady: () => missing,
    unhealthy: () => graph.unhealthy().map((id) => ({ id, reason: graph.health(id)?.message ?? '' })),
    components: () => graph.listComponents(),
    component: (id) => graph.component(id),
    tenants: () => tenantStatuses(live(), queues.list()),
    reload: () => load(),
    stop(hurry) {
      missing = ['it is stopping']
      return end(hurry)
    },
  }
  try {
    http = await startHttpServer({ address: settings.httpListen, handler: options.handler(agent), log, meter })
    const outcome = await load()
    if (!outcome.ok) throw new SluiceError('CONFIG_INVALID', outcome.diagnostics)
  } catch (error) {
    await end(AbortSignal.timeout(failedStartMs))
    throw error
  }
  missing = []
  return agent
}

/** What components that were built have to end when another could not be. */
const failedStartMs = 2000
