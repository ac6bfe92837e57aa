// The gauges that Prometheus' remote write has, read when somebody looks.

import { maskUrl } from '../config/upstream-url.ts'
import type { LiveEndpoint } from '../pipeline/live-endpoint.ts'
import { mostLanes } from '../send/queue/lane-set.ts'
import type { Meter } from '../telemetry/meter.ts'
import type { QueueView } from './queue-control.ts'

/** `stored`: all of the store. */
export function measureRemoteStorage(
  endpoints: readonly LiveEndpoint[],
  stored: readonly QueueView[],
  meter: Meter,
): void {
  for (const endpoint of endpoints) measureOne(endpoint, stored, meter)
}

function measureOne({ id, signal, pipeline }: LiveEndpoint, stored: readonly QueueView[], meter: Meter): void {
  const { current, queues } = pipeline
  const { settings } = current
  if (queues === undefined || settings.queue === undefined) return
  const { capacity, minShards, maxShards, maxSamplesPerSend } = settings.queue
  const labels = { remote_name: id, url: maskUrl(settings[signal].url) }
  let pending = 0
  let shards = 0
  let desired = 0
  for (const queue of queues[signal]) {
    pending += queue.samples
    shards = Math.max(shards, queue.shards)
    desired = Math.max(desired, queue.shardsDesired)
  }
  for (const queue of stored) if (queue.endpoint === id && queue.signal === signal) pending += queue.samples
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

/** The URLs that metrics name, without credentials. */
export const namedUrls = (endpoints: readonly LiveEndpoint[]): readonly string[] =>
  endpoints.map(({ signal, pipeline }) => maskUrl(pipeline.current.settings[signal].url))
