// What one lane counts. The tallies are looked up once, not at each part.

import type { Distribution, Meter, Tally } from '../telemetry/meter.ts'
import type { Lost } from '../wire/convert/lost.ts'

export type Signal = 'metrics' | 'logs'

/** How an attempt ended, coarsely. */
export type CodeClass = '2xx' | '3xx' | '4xx' | '429' | '5xx' | 'error'

/** cortex-tenant's word for items in the names of its metrics. */
const ctNoun = { metrics: 'timeseries', logs: 'streams' } as const

export function classOf(status: number): CodeClass {
  if (status === 429) return '429'
  if (status < 300) return '2xx'
  if (status < 400) return '3xx'
  return status < 500 ? '4xx' : '5xx'
}

export class LaneMetrics {
  readonly #tenant: string
  readonly #signal: Signal
  readonly #meter: Meter
  readonly #received: Tally
  readonly #samples: Tally
  readonly #ctRequests: Tally
  readonly #sentBytes: Tally
  /** Those that came up: mostly one. */
  #classes: Counted[] = none
  #ctStatus = 0
  #ctDuration: Distribution | undefined

  constructor(tenant: string, signal: Signal, meter: Meter) {
    this.#tenant = tenant
    this.#signal = signal
    this.#meter = meter
    this.#received = meter.tally(`cortex_tenant_${ctNoun[signal]}_received`, { tenant })
    this.#samples = meter.tally('sluice_tenant_samples_total', { tenant, signal })
    this.#ctRequests = meter.tally(`cortex_tenant_${ctNoun[signal]}_requests`, { tenant })
    this.#sentBytes = meter.tally('sluice_upstream_sent_bytes_total', { signal })
  }

  /** Attempts by how they ended. */
  get requests(): Record<CodeClass, number> {
    const counts = { '2xx': 0, '3xx': 0, '4xx': 0, '429': 0, '5xx': 0, error: 0 }
    for (const { codeClass, count } of this.#classes) counts[codeClass] = count
    return counts
  }

  received(items: number): void {
    this.#received.value += items
  }

  /** A request with a body of so many bytes begins. */
  began(bytes: number): void {
    this.#ctRequests.value++
    this.#sentBytes.value += bytes
  }

  /** A request got an answer after `ms`. */
  answered(status: number, codeClass: CodeClass, ms: number): void {
    this.#ended(codeClass, ms)
    if (this.#ctDuration === undefined || this.#ctStatus !== status) {
      const labels = { code: String(status), tenant: this.#tenant }
      const name = `cortex_tenant_${ctNoun[this.#signal]}_request_duration_milliseconds` as const
      this.#ctDuration = this.#meter.distribution(name, labels)
      this.#ctStatus = status
    }
    this.#ctDuration.observe(ms)
  }

  /** A request ended without an answer after `ms`. */
  broke(ms: number): void {
    this.#ended('error', ms)
    const name = `cortex_tenant_${ctNoun[this.#signal]}_request_errors` as const
    this.#meter.tally(name, { tenant: this.#tenant }).value++
  }

  delivered(samples: number): void {
    this.#samples.value += samples
  }

  /** Samples were not delivered; `reason` is one of a fixed set. */
  lost(samples: number, reason: string): void {
    const labels = { tenant: this.#tenant, signal: this.#signal, reason }
    this.#meter.tally('sluice_tenant_samples_failed_total', labels).value += samples
  }

  /** A part was refused in remote write 2.0, and is sent again in 1.0, or the other way round. */
  changedForm(): void {
    this.#meter.tally('sluice_remote_write_fallbacks_total').value++
  }

  /** A part was delivered in the other form of remote write, without what that can't carry. */
  couldNotCarry({ customHistograms, series, startTimestamps, exemplars, emptySeries, metadata, unknown }: Lost): void {
    const tenant = this.#tenant
    const signal = this.#signal
    const reason = 'nhcb_in_rw1_not_supported'
    if (series > 0) this.#meter.tally('sluice_dropped_total', { signal, reason }).value += series
    if (customHistograms > 0) {
      this.#meter.tally('sluice_dropped_samples_total', { signal, tenant, reason }).value += customHistograms
    }
    const lost = {
      start_timestamp: startTimestamps,
      exemplar: exemplars,
      empty_series: emptySeries,
      metadata,
      unknown_field: unknown,
    }
    for (const [reason, count] of Object.entries(lost)) {
      if (count > 0) this.#meter.tally('sluice_remote_write_conversion_lost_total', { tenant, reason }).value += count
    }
  }

  rateLimited(): void {
    this.#meter.tally('sluice_rate_limited_total', { tenant: this.#tenant }).value++
  }

  #ended(codeClass: CodeClass, ms: number): void {
    const counted = this.#counted(codeClass)
    counted.count++
    counted.requests.value++
    counted.seconds.observe(ms / 1000)
  }

  #counted(codeClass: CodeClass): Counted {
    for (const counted of this.#classes) if (counted.codeClass === codeClass) return counted
    const labels = { signal: this.#signal, code_class: codeClass }
    const counted = {
      codeClass,
      count: 0,
      requests: this.#meter.tally('sluice_tenant_requests_total', { ...labels, tenant: this.#tenant }),
      seconds: this.#meter.distribution('sluice_upstream_request_duration_seconds', labels),
    }
    this.#classes = [...this.#classes, counted]
    return counted
  }
}

/** Attempts of one lane that ended alike. */
interface Counted {
  readonly codeClass: CodeClass
  count: number
  /** The same for the tenant, whose lane may be another one after a reload. */
  readonly requests: Tally
  readonly seconds: Distribution
}

const none: Counted[] = []
