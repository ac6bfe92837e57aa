// What /api/v1/tenants shows: the lanes of both signals, one status per tenant.

import type { Pipeline } from '../pipeline/pipeline.ts'
import type { Lane } from '../send/lane.ts'

export interface TenantStatus {
  readonly id: string
  readonly signals: readonly ('metrics' | 'logs')[]
  /** Requests upstream and not yet answered. */
  readonly inFlight: number
  /** Parts that wait for a slot. */
  readonly waiting: number
  readonly samplesDelivered: number
  /** By class: `2xx`, `4xx`, `429`, `5xx`, `error`. */
  readonly requests: Readonly<Record<string, number>>
  readonly lastStatus?: number
  readonly lastError?: string
  /** Milliseconds since 1970. */
  readonly lastSeenMs: number
  /** Milliseconds since 1970; absent while the latest attempt succeeded. */
  readonly failingSinceMs?: number
}

/** One status per tenant, both signals together; the latest of them has the last word. */
export function tenantStatuses(pipeline: Pipeline): TenantStatus[] {
  const { metrics, logs } = pipeline.current
  const statuses = new Map<string, TenantStatus>()
  for (const lane of metrics.lanes) statuses.set(lane.tenant, statusOf(lane, 'metrics'))
  for (const lane of logs.lanes) {
    const other = statuses.get(lane.tenant)
    const own = statusOf(lane, 'logs')
    statuses.set(lane.tenant, other === undefined ? own : together(other, own))
  }
  return [...statuses.values()]
}

function statusOf(lane: Lane, signal: 'metrics' | 'logs'): TenantStatus {
  return {
    id: lane.tenant,
    signals: [signal],
    inFlight: lane.turn.inFlight,
    waiting: lane.turn.waiting,
    samplesDelivered: lane.delivered,
    requests: lane.requests,
    lastSeenMs: lane.lastSeen,
    ...(lane.lastStatus !== undefined && { lastStatus: lane.lastStatus }),
    ...(lane.lastError !== undefined && { lastError: lane.lastError }),
    ...(lane.failingSince !== undefined && { failingSinceMs: lane.failingSince }),
  }
}

function together(a: TenantStatus, b: TenantStatus): TenantStatus {
  const [older, newer] = a.lastSeenMs <= b.lastSeenMs ? [a, b] : [b, a]
  const requests = { ...a.requests }
  for (const [name, count] of Object.entries(b.requests)) requests[name] = (requests[name] ?? 0) + count
  const failing = [a.failingSinceMs, b.failingSinceMs].filter((ms) => ms !== undefined)
  return {
    ...older,
    ...newer,
    signals: ['metrics', 'logs'],
    inFlight: a.inFlight + b.inFlight,
    waiting: a.waiting + b.waiting,
    samplesDelivered: a.samplesDelivered + b.samplesDelivered,
    requests,
    ...(failing.length > 0 && { failingSinceMs: Math.min(...failing) }),
  }
}
