// What loki.write says of batches and repeats, in Alloy's words, as the settings of a queue.

import type { QueueConfig } from '../../../../config/queue-settings.ts'
import { defaultQueueConfig } from '../../../../config/resolve-queue.ts'
import { maxTimerMs } from '../../../../config/setting-spec.ts'
import type { AttributeSpec } from '../../../graph/component.ts'
import type { FlatRows } from '../../endpoint/block-of-rows.ts'

const day = 86_400_000
const byCount = 'a batch is full by its number of entries'
const stored = 'what can’t be sent is in the store (--storage.path), which has bounds of its own'

export const queueRows: Readonly<Record<string, AttributeSpec>> = {
  batch_wait: {
    type: 'duration',
    min: 1,
    max: day,
    default: 1000,
    doc: 'How long a batch that no sender waits for may collect, from 1ms to 24h.',
  },
  batch_size: { type: 'size', min: 0, max: 2 ** 40, ignored: byCount, doc: 'How large a batch may become.' },
  min_backoff_period: {
    type: 'duration',
    min: 1,
    max: day,
    default: 500,
    doc: 'The wait after the first failure, from 1ms to 24h; it doubles with each further one.',
  },
  max_backoff_period: {
    type: 'duration',
    min: 1,
    max: day,
    default: 300_000,
    doc: 'The longest wait between attempts, from 1ms to 24h and no less than `min_backoff_period`.',
  },
  max_backoff_retries: { type: 'integer', min: 0, max: 1e9, ignored: stored, doc: 'How often a batch is repeated.' },
  retry_on_http_429: {
    type: 'boolean',
    default: true,
    doc: 'Whether a batch that was answered 429 is tried again; else it is dropped.',
  },
  'queue_config.capacity': { type: 'size', min: 0, max: 2 ** 40, ignored: stored, doc: 'How much may wait.' },
  'queue_config.min_shards': {
    type: 'integer',
    min: 1,
    max: 65_535,
    default: 1,
    doc: 'Lanes that each tenant begins with, in effect no more than it may get.',
  },
  'queue_config.drain_timeout': { type: 'duration', min: 0, max: maxTimerMs, ignored: stored, doc: 'Time to end.' },
  'queue_config.block_on_overflow': { type: 'boolean', ignored: stored, doc: 'What happens when it is full.' },
}

/** `nameOf`: what a row of a `queue_config` is called here. */
export function settleLogsQueue({ values }: FlatRows): { queue: QueueConfig; nameOf: (row: string) => string } {
  const get = (name: string): number => values.get(name) as number
  const minShards = (values.get('queue_config.min_shards') as number | undefined) ?? defaultQueueConfig.minShards
  return {
    queue: {
      ...defaultQueueConfig,
      minShards,
      maxShards: Math.max(minShards, defaultQueueConfig.maxShards),
      batchSendDeadlineMs: get('batch_wait'),
      minBackoffMs: get('min_backoff_period'),
      maxBackoffMs: get('max_backoff_period'),
      retryOnHttp429: values.get('retry_on_http_429') as boolean,
    },
    nameOf: (row) => names[row] ?? row,
  }
}

const names: Readonly<Record<string, string>> = { min_backoff: 'min_backoff_period', max_backoff: 'max_backoff_period' }
