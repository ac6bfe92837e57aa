// What the queues of one endpoint count under one settings generation: their own, and Prometheus' remote storage.
// Times are those of arrival: sample timestamps are not read where nothing is stored.

import type { Distribution, Meter, Tally } from '../../telemetry/meter.ts'
import type { Signal } from '../lane-metrics.ts'
import type { QueueDropReason } from './lane-host.ts'

export interface QueueMetricsOptions {
  readonly meter: Meter
  readonly signal: Signal
  /** Id of the endpoint. */
  readonly remoteName: string
  /** Without credentials. */
  readonly url: string
}

export class QueueMetrics {
  readonly #options: QueueMetricsOptions
  readonly #samplesIn: Tally
  readonly #newestIn: Tally
  readonly #parts: Tally
  readonly #batches: Tally
  readonly #samples: Tally
  readonly #failed: Tally
  readonly #retried: Tally
  readonly #bytes: Tally
  readonly #seconds: Distribution
  readonly #highest: Tally
  readonly #highestSent: Tally

  constructor(options: QueueMetricsOptions) {
    const { meter, signal, remoteName, url } = options
    const labels = { remote_name: remoteName, url }
    this.#options = options
    this.#samplesIn = meter.tally('prometheus_remote_storage_samples_in_total')
    this.#newestIn = meter.tally('prometheus_remote_storage_highest_timestamp_in_seconds')
    this.#parts = meter.tally('sluice_queue_merged_parts_total', { signal })
    this.#batches = meter.tally('sluice_queue_batches_total', { signal })
    this.#samples = meter.tally('prometheus_remote_storage_samples_total', labels)
    this.#failed = meter.tally('prometheus_remote_storage_samples_failed_total', labels)
    this.#retried = meter.tally('prometheus_remote_storage_samples_retried_total', labels)
    this.#bytes = meter.tally('prometheus_remote_storage_bytes_total', labels)
    this.#seconds = meter.distribution('prometheus_remote_storage_sent_batch_duration_seconds', labels)
    this.#highest = meter.tally('prometheus_remote_storage_queue_highest_timestamp_seconds', labels)
    this.#highestSent = meter.tally('prometheus_remote_storage_queue_highest_sent_timestamp_seconds', labels)
  }

  /** A batch was closed; `arrivedMs` by the wall clock. */
  closed(parts: number, samples: number, arrivedMs: number): void {
    this.#parts.value += parts
    this.#batches.value++
    this.#samplesIn.value += samples
    raise(this.#newestIn, arrivedMs)
    raise(this.#highest, arrivedMs)
  }

  /** An attempt ended after `ms`. `repeated`: it will be made again. */
  attempted(samples: number, bytes: number, ms: number, repeated: boolean): void {
    this.#samples.value += samples
    this.#seconds.observe(ms / 1000)
    if (repeated) this.#retried.value += samples
    else this.#bytes.value += bytes
  }

  /** A batch was delivered or refused for good. */
  settled(arrivedMs: number): void {
    raise(this.#highestSent, arrivedMs)
  }

  stored(tenant: string, samples: number): void {
    const { meter, signal } = this.#options
    meter.tally('sluice_queue_stored_samples_total', { tenant, signal }).value += samples
  }

  dropped(tenant: string, reason: QueueDropReason, samples: number): void {
    const { meter, signal, remoteName, url } = this.#options
    meter.tally('sluice_queue_dropped_samples_total', { tenant, signal, reason }).value += samples
    if (reason === 'refused') this.#failed.value += samples
    else {
      const labels = { remote_name: remoteName, url, reason }
      meter.tally('prometheus_remote_storage_samples_dropped_total', labels).value += samples
    }
  }
}

function raise(gauge: Tally, ms: number): void {
  gauge.value = Math.max(gauge.value, ms / 1000)
}
