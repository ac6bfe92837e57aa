// How queues look as JSON: as the admin listener shows them, and `sluice queue list --json`.

import type { Amount, QueueControl, QueueView } from '../proxy/queue-control.ts'
import { redactText, truncate } from '../telemetry/redact.ts'

/** null where the program has nothing to say. */
export interface QueueJson extends Amount {
  readonly tenant: string
  readonly endpoint: string
  readonly signal: 'metrics' | 'logs'
  readonly oldest: string | null
  readonly oldest_age_seconds: number | null
  readonly paused: boolean
  readonly last_status: number | null
  readonly last_error: string | null
  readonly failing_since: string | null
  /** For how long its oldest request is out. */
  readonly request_out_seconds: number | null
  /** For how long its rate limit lets nothing go. */
  readonly rate_limited_seconds: number | null
}

export interface QueueListJson {
  /** False: there is no queue, so nothing is stored. */
  readonly enabled: boolean
  readonly store: {
    readonly writable: boolean
    readonly bytes: number
    /** null: not known, since no process runs. */
    readonly max_bytes: number | null
    readonly batches: number
  } | null
  readonly queues: readonly QueueJson[]
}

const maxError = 1024

/** `nowMs`: milliseconds since 1970. */
export function queueJson(view: QueueView, nowMs: number): QueueJson {
  const { tenant, endpoint, signal, batches, bytes, series, samples, oldestMs, paused } = view
  return {
    ...{ tenant, endpoint, signal, batches, bytes, series, samples },
    oldest: rfc3339(oldestMs),
    oldest_age_seconds: seconds(oldestMs === undefined ? undefined : Math.max(0, nowMs - oldestMs)),
    paused,
    last_status: view.lastStatus ?? null,
    last_error: view.lastError === undefined ? null : truncate(redactText(view.lastError), maxError),
    failing_since: rfc3339(view.failingSinceMs),
    request_out_seconds: seconds(view.requestOutMs),
    rate_limited_seconds: seconds(view.rateLimitedMs),
  }
}

export function storeJson(control: QueueControl): NonNullable<QueueListJson['store']> {
  const { writable, bytes, maxBytes, batches } = control.store()
  return { writable, bytes, max_bytes: maxBytes, batches }
}

const seconds = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms / 100) / 10)

const rfc3339 = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString())
