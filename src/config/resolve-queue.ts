// The rows of `queue.*` and of an override's `queue_config` to what the queue is built from, and back.

import { queueConfigFields } from './queue-fields.ts'
import type { QueueConfig, QueueSettings } from './queue-settings.ts'
import type { SettingValue } from './setting-spec.ts'
import type { Settings } from './settings.ts'

type ConfigPath = keyof typeof queueConfigFields

const configPaths = Object.keys(queueConfigFields) as readonly ConfigPath[]

const nameOf = {
  capacity: 'capacity',
  min_shards: 'minShards',
  max_shards: 'maxShards',
  max_samples_per_send: 'maxSamplesPerSend',
  batch_send_deadline: 'batchSendDeadlineMs',
  min_backoff: 'minBackoffMs',
  max_backoff: 'maxBackoffMs',
  retry_on_http_429: 'retryOnHttp429',
  sample_age_limit: 'sampleAgeLimitMs',
} as const satisfies Record<ConfigPath, keyof QueueConfig>

const configOf = (read: (path: ConfigPath) => unknown): QueueConfig =>
  Object.fromEntries(configPaths.map((path) => [nameOf[path], read(path)])) as unknown as QueueConfig

/** The queue; undefined where there is none. */
export function resolveQueue(settings: Settings): QueueSettings | undefined {
  if (!settings['queue.enabled']) return undefined
  return {
    ...configOf((path) => settings[`queue.${path}`]),
    mergeWindowMs: settings['queue.merge_window'],
    ackGraceMs: settings['queue.ack_grace'],
    haLabels: settings['queue.ha_labels'],
  }
}

/** A `queue_config` that says nothing. */
export const defaultQueueConfig: QueueConfig = configOf((path) => queueConfigFields[path].default)

/** What an override's rows say of its queue; undefined where none of them is given. */
export function overriddenQueueConfig(rows: ReadonlyMap<string, SettingValue>): QueueConfig | undefined {
  if (!configPaths.some((path) => rows.has(`queue_config.${path}`))) return undefined
  return configOf((path) => rows.get(`queue_config.${path}`) ?? queueConfigFields[path].default)
}

/** The rows that say the same. */
export const queueConfigRows = (config: QueueConfig): Readonly<Record<string, SettingValue>> =>
  Object.fromEntries(configPaths.map((path) => [`queue_config.${path}`, config[nameOf[path]]]))
