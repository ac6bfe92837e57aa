// What queues gave up, as log lines: one a minute, tenant and reason.

import type { QueueDropped } from '../pipeline/queues.ts'
import type { RateLimitedLog } from '../telemetry/rate-limited.ts'

const lossInWords = {
  refused: 'upstream refused queued samples for good; /api/v1/tenants has its words',
  too_old: 'queued samples were older than their age limit (sample_age_limit) and were not sent',
} as const satisfies Record<QueueDropped['reason'], string>

/** For `PipelineOptions.onQueueDropped`. */
export const logQueueLosses =
  (log: RateLimitedLog) =>
  ({ endpoint, tenant, signal, reason, samples }: QueueDropped): void =>
    log(`queue ${endpoint} ${signal} ${tenant} ${reason}`, 'warn', lossInWords[reason], () => ({
      ...{ endpoint, tenant, signal, samples },
    }))
