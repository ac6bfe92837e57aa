// What /api/v1/tenants shows: the lanes of all endpoints, one status per tenant.

import { currentOf, type LiveEndpoint } from '../pipeline/live-endpoint.ts'
import type { Lane } from '../send/lane.ts'
import type { QueueView } from './queue-control.ts'

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
  /** Milliseconds since 1970; for one that has nothing but stored data, when the oldest of that was taken. */
  readonly lastSeenMs: number
  /** Milliseconds since 1970; absent while the latest attempt succeeded. */
  readonly failingSinceMs?: number
  /** Absent where there is no queue. */
  readonly stored?: {
    readonly bytes: number
    readonly batches: number
    readonly samples: number
    /** When the oldest was taken, in ms since 1970. */
    readonly oldestMs?: number
  }
  /** It keeps storing and sends nothing; of one signal, if only that is paused. */
  readonly paused?: boolean
}

/** One status per tenant, all endpoints together; the latest of them has the last word. `queues`: all of the store. */
export function tenantStatuses(endpoints: readonly LiveEndpoint[], queues?: readonly QueueView[]): TenantStatus[] {
  const statuses = new Map<string, TenantStatus>()
  for (const endpoint of endpoints) {
    for (const lane of currentOf(endpoint).lanes) {
      const other = statuses.get(lane.tenant)
      const own = statusOf(lane, endpoint.signal)
      statuses.set(lane.tenant, other === undefined ? own : together(other, own))
    }
  }
  if (queues === undefined) return [...statuses.values()]
  for (const [tenant, status] of statuses) statuses.set(tenant, { ...status, stored: nothingStored, paused: false })
  for (const queue of queues) {
    const status = statuses.get(queue.tenant) ?? known(queue)
    statuses.set(queue.tenant, withStored(status, queue))
  }
  return [...statuses.values()]
}

const nothingStored = { bytes: 0, batches: 0, samples: 0 } as const

/** A tenant of which nothing came since the start. */
const known = ({ tenant, signal, oldestMs }: QueueView): TenantStatus => ({
  id: tenant,
  signals: [signal],
  inFlight: 0,
  waiting: 0,
  samplesDelivered: 0,
  requests: {},
  lastSeenMs: oldestMs ?? 0,
})

function withStored(status: TenantStatus, queue: QueueView): TenantStatus {
  const { bytes, batches, samples, oldestMs }: NonNullable<TenantStatus['stored']> = status.stored ?? nothingStored
  const ages = [oldestMs, queue.oldestMs].filter((ms) => ms !== undefined)
  return {
    ...status,
    signals: status.signals.includes(queue.signal) ? status.signals : [...status.signals, queue.signal],
    stored: {
      bytes: bytes + queue.bytes,
      batches: batches + queue.batches,
      samples: samples + queue.samples,
      ...(ages.length > 0 && { oldestMs: Math.min(...ages) }),
    },
    paused: (status.paused ?? false) || queue.paused,
  }
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
    signals: [...new Set([...a.signals, ...b.signals])],
    inFlight: a.inFlight + b.inFlight,
    waiting: a.waiting + b.waiting,
    samplesDelivered: a.samplesDelivered + b.samplesDelivered,
    requests,
    ...(failing.length > 0 && { failingSinceMs: Math.min(...failing) }),
  }
}
