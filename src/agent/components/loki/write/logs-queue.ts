// What loki.write says of batches and repeats, in Alloy's words, as the settings of a queue.

import { formatDuration } from '../../../../config/duration.ts'
import type { QueueConfig } from '../../../../config/queue-settings.ts'
import { defaultQueueConfig } from '../../../../config/resolve-queue.ts'
import { maxTimerMs } from '../../../../config/setting-spec.ts'
import type { AttributeSpec, Report } from '../../../graph/component.ts'
import { type FlatRows, placeOf } from '../../endpoint/block-of-rows.ts'

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

/** What is wrong with it is reported. */
export function settleLogsQueue(flat: FlatRows, report: Report): QueueConfig {
  const get = (name: string): number => flat.values.get(name) as number
  const minShards = (flat.values.get('queue_config.min_shards') as number | undefined) ?? defaultQueueConfig.minShards
  const [minBackoffMs, maxBackoffMs] = [get('min_backoff_period'), get('max_backoff_period')]
  if (maxBackoffMs < minBackoffMs) {
    const row = flat.spans.has('max_backoff_period') ? 'max_backoff_period' : 'min_backoff_period'
    const hint = `they are ${formatDuration(maxBackoffMs)} and ${formatDuration(minBackoffMs)}`
    report('error', placeOf(flat, row), 'max_backoff_period must not be less than min_backoff_period', hint)
  }
  return {
    ...{ ...defaultQueueConfig, minShards, minBackoffMs, maxBackoffMs },
    maxShards: Math.max(minShards, defaultQueueConfig.maxShards),
    batchSendDeadlineMs: get('batch_wait'),
    retryOnHttp429: flat.values.get('retry_on_http_429') as boolean,
  }
}
