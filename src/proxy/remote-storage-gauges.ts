// The gauges that Prometheus' remote write has, read when somebody looks.

import { maskUrl } from '../config/upstream-url.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { mostLanes } from '../send/queue/lane-set.ts'
import type { Meter } from '../telemetry/meter.ts'
import type { QueueView } from './queue-control.ts'

/** `stored`: all of the store. */
export function measureRemoteStorage({ current, queues }: Pipeline, stored: readonly QueueView[], meter: Meter): void {
  const { settings } = current
  if (queues === undefined || settings.queue === undefined) return
  const { capacity, minShards, maxShards, maxSamplesPerSend } = settings.queue
  for (const signal of ['metrics', 'logs'] as const) {
    const own = queues[signal]
    const labels = { remote_name: own.endpoint, url: maskUrl(settings[signal].url) }
    let pending = 0
    let shards = 0
    let desired = 0
    for (const queue of own) {
      pending += queue.samples
      shards = Math.max(shards, queue.shards)
      desired = Math.max(desired, queue.shardsDesired)
    }
    for (const { endpoint, samples } of stored) if (endpoint === own.endpoint) pending += samples
    const { maxInFlightPerTenant } = current[signal]
    const set = (name: Parameters<Meter['tally']>[0], value: number): void => {
      meter.tally(name, labels).value = value
    }
    set('prometheus_remote_storage_samples_pending', pending)
    set('prometheus_remote_storage_shards', shards)
    set('prometheus_remote_storage_shards_desired', desired)
    set('prometheus_remote_storage_shards_min', minShards)
    set('prometheus_remote_storage_shards_max', Math.min(maxShards, maxInFlightPerTenant, mostLanes))
    set('prometheus_remote_storage_shard_capacity', capacity)
    set('prometheus_remote_storage_max_samples_per_send', maxSamplesPerSend)
  }
}

/** The URLs that metrics name, without credentials. */
export const namedUrls = ({ current: { settings } }: Pipeline): readonly string[] =>
  [settings.metrics, settings.logs].map(({ url }) => maskUrl(url))
