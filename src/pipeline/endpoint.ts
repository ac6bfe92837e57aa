// One upstream for one signal, under one settings generation: how it routes, and the lanes that go there.

import { LRUCache } from 'lru-cache'
import { maskUrl } from '../config/upstream-url.ts'
import { Forms } from '../send/forms.ts'
import { Lanes } from '../send/lanes.ts'
import { QueueMetrics } from '../send/queue/queue-metrics.ts'
import type { TenantQueues } from '../send/queue/tenant-queues.ts'
import type { Uplink } from '../send/queue/uplink.ts'
import { Scheduler } from '../send/scheduler.ts'
import { compileTargets } from '../send/target.ts'
import type { Meter } from '../telemetry/meter.ts'
import { OutcomeCache } from '../tenancy/outcome-cache.ts'
import { compileRouter, type Router, route } from '../tenancy/route.ts'
import type { Batch } from '../wire/batch.ts'
import { BYTES_PER_ITEM, findSame } from '../wire/codec.ts'
import { LeanBatch } from '../wire/v1/lean-batch.ts'
import { Commonest } from './commonest.ts'
import { EndpointMetrics } from './endpoint-metrics.ts'
import type { LimitedLog } from './report.ts'
import type { PipelineSettings } from './settings.ts'

export interface EndpointOptions {
  readonly signal: 'metrics' | 'logs'
  readonly settings: PipelineSettings
  readonly meter: Meter
  readonly now: () => number
  readonly wallClock: () => number
  readonly onTenantRemoved: (tenant: string) => void
  readonly log: LimitedLog
  /** What its parts go through where lanes store; absent: they answer. */
  readonly queues?: TenantQueues | undefined
}

/** Prefixes that senders gave, besides the one of the settings, whose outcomes are remembered at one time. */
const maxPrefixes = 32
const bytesPerPrefix = 1 << 20
/** Requests of one tenant at one time where lanes store and nothing else is set. */
const storingMaxInFlight = 4

export class Endpoint {
  readonly signal: 'metrics' | 'logs'
  readonly router: Router
  readonly lanes: Lanes
  readonly scheduler: Scheduler
  readonly metrics: EndpointMetrics
  readonly queues: TenantQueues | undefined
  /** UTF-8 of the names in `ha_labels`. */
  readonly haLabels: readonly Uint8Array[]
  readonly commonest: Commonest = new Commonest()
  readonly #settings: PipelineSettings
  readonly #meter: Meter
  #isCurrent = true
  readonly #cache = new OutcomeCache()
  readonly #caches = new LRUCache<string, OutcomeCache>({ max: maxPrefixes })

  constructor(options: EndpointOptions) {
    const { signal, settings, now } = options
    const { tenancy, url, headers, send, sendOf = () => undefined, withheld, protobufMessage } = settings[signal]
    this.signal = signal
    this.#settings = settings
    this.#meter = options.meter
    this.queues = settings.queue && options.queues
    this.haLabels = settings.queue?.haLabels.map((name) => Buffer.from(name)) ?? []
    this.router = compileRouter(tenancy)
    this.metrics = new EndpointMetrics(options.meter, signal)
    this.scheduler = new Scheduler({ limit: settings.maxInFlight, now, tenants: () => this.lanes.size })
    const target = {
      url,
      headers,
      timeoutMs: settings.timeoutMs,
      rateLimit: tenancy.rateLimit,
      ...(withheld && { withheld }),
      ...(protobufMessage && { protobufMessage }),
    }
    this.lanes = new Lanes({
      ...options,
      send,
      forms: new Forms(now),
      scheduler: this.scheduler,
      tenantHeader: tenancy.header,
      ...(tenancy.isDefaultUnsaid && { unsaidTenant: tenancy.default }),
      maxInFlightPerTenant: this.#maxInFlightOf(tenancy.maxInFlightPerTenant),
      targetOf: compileTargets(target, tenancy.override, sendOf),
      maxTenants: tenancy.maxTenants,
      idleTimeoutMs: tenancy.idleTimeoutMs,
      onRemoved: (tenant) => {
        if (this.#isCurrent) options.queues?.forget(tenant)
        this.#cache.tenantRemoved()
        for (const cache of this.#caches.values()) cache.tenantRemoved()
        options.onTenantRemoved(tenant)
      },
      isNeeded: (tenant) => this.#isCurrent && options.queues?.needs(tenant) === true,
      onFailure: (tenant, answered, text) => {
        if (answered && !settings.logResponseErrors) return
        const msg = answered ? 'upstream refused a part' : 'upstream was not reached'
        options.log(`${signal} ${tenant} ${answered}`, 'warn', msg, () => ({ tenant, signal, error: text }))
      },
    })
  }

  /** Another one takes the place of this one, and of its lanes. */
  retire(): void {
    this.#isCurrent = false
  }

  /** The way upstream for what is queued. `use`: who counts what is under way in this generation. */
  uplink(use: Pick<Uplink, 'enter' | 'leave'>): Uplink | undefined {
    const { queue, [this.signal]: own } = this.#settings
    if (queue === undefined || this.queues === undefined) return undefined
    const count = { meter: this.#meter, signal: this.signal, remoteName: this.queues.endpoint, url: maskUrl(own.url) }
    const { lanes, scheduler } = this
    return {
      lanes,
      scheduler,
      settings: queue,
      metrics: new QueueMetrics(count),
      maxInFlightPerTenant: this.maxInFlightPerTenant,
      ...use,
    }
  }

  /** The batch as it is routed: relabelled where settings say so, scanned for the labels that this endpoint looks at. */
  prepare(given: Batch): Batch {
    const { prepare } = this.#settings[this.signal]
    const batch = prepare === undefined ? given : prepare(given)
    const { watch } = this.router
    if (batch.watch === watch) return batch
    if (findSame(batch.watch, watch)) return batch instanceof LeanBatch ? batch.watchedBy(watch) : { ...batch, watch }
    return batch.codec.scan(batch.bytes, watch, Math.floor(this.#settings.maxDecompressedBytes / BYTES_PER_ITEM))
  }

  /** Requests of one tenant at one time; 0: no limit. */
  get maxInFlightPerTenant(): number {
    return this.#maxInFlightOf(this.router.settings.maxInFlightPerTenant)
  }

  #maxInFlightOf(setting: number): number {
    return setting === 0 && this.queues !== undefined ? storingMaxInFlight : setting
  }

  /** The tenant is known: it has a lane. */
  readonly hasTenant = (tenant: string): boolean => this.lanes.get(tenant) !== undefined

  /** What `route` decided under this prefix so far. */
  cacheOf(prefix: string): OutcomeCache {
    if (prefix === this.router.settings.prefix) return this.#cache
    let cache = this.#caches.get(prefix)
    if (cache === undefined) {
      cache = new OutcomeCache(bytesPerPrefix)
      this.#caches.set(prefix, cache)
    }
    return cache
  }

  /** Final id of the default tenant under this prefix; undefined if there is none, or it is refused. */
  defaultTenant(prefix: string): string | undefined {
    const outcome = route([], this.router, prefix)
    return outcome.kind === 'tenant' ? outcome.tenant : undefined
  }
}
