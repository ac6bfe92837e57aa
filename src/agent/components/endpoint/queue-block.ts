// `queue_config`, of an endpoint and of an override.

import { queueConfigFields } from '../../../config/queue-fields.ts'
import { queueDisorders } from '../../../config/queue-rules.ts'
import type { QueueConfig } from '../../../config/queue-settings.ts'
import { defaultQueueConfig, overriddenQueueConfig } from '../../../config/resolve-queue.ts'
import type { BlockSpec, Report } from '../../graph/component.ts'
import { type FlatRows, placeOf } from './block-of-rows.ts'

export const queueBlock: BlockSpec = {
  doc: 'How batches are made, kept and repeated, for each tenant.',
  schema: { attributes: queueConfigFields, blocks: {} },
}

/** Of a block that has `queue_config`, or not. */
export const settleQueue = ({ values }: FlatRows): QueueConfig => overriddenQueueConfig(values) ?? defaultQueueConfig

const partners = { min_shards: 'max_shards', max_backoff: 'min_backoff' } as const

/** Reports what is wrong with the order of its values, at the one that somebody wrote. */
export function reportQueueDisorders(config: QueueConfig, flat: FlatRows, report: Report): void {
  for (const { row, message, hint } of queueDisorders(config)) {
    const path = `queue_config.${row}`
    report('error', placeOf(flat, flat.spans.has(path) ? path : `queue_config.${partners[row]}`), message, hint)
  }
}
