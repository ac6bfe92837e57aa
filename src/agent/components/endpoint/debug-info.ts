// How the endpoints of a component and their tenants do, for the API: those with trouble first, so many and no more.

import { currentOf } from '../../../pipeline/live-endpoint.ts'
import type { Lane } from '../../../send/lane.ts'
import type { TenantQueue } from '../../../send/queue/tenant-queue.ts'
import type { AgentEndpoint } from '../../flow/endpoint.ts'
import {
  arrayValue,
  boolValue,
  floatValue,
  intValue,
  nullValue,
  objectValue,
  stringValue,
} from '../../syntax/make-value.ts'
import type { Value } from '../../syntax/value.ts'

/** Tenants of an endpoint that are listed. */
const mostTenants = 100

interface TenantState {
  readonly tenant: string
  /** Samples (log entries) that wait, in memory or stored. */
  readonly pending: number
  readonly oldestMs: number | undefined
  readonly lane: Lane
  readonly queue: TenantQueue | undefined
}

/** `wallClock`: ms since 1970; `now`: the endpoints' clock. */
export function endpointsInfo(
  endpoints: readonly AgentEndpoint[],
  wallClock: () => number = Date.now,
  now: () => number = () => performance.now(),
): Readonly<Record<string, Value>> {
  return { endpoints: arrayValue(endpoints.map((endpoint) => endpointInfo(endpoint, wallClock, now))) }
}

function endpointInfo(endpoint: AgentEndpoint, wallClock: () => number, now: () => number): Value {
  const states = [...currentOf(endpoint).lanes].map((lane) => stateOf(endpoint, lane))
  states.sort((a, b) => Number(isFailing(b)) - Number(isFailing(a)) || b.pending - a.pending)
  return objectValue([
    ['id', stringValue(endpoint.id)],
    ['url', stringValue(endpoint.url)],
    ['tenants', arrayValue(states.slice(0, mostTenants).map((state) => tenantInfo(state, wallClock, now)))],
    ['tenants_not_listed', intValue(Math.max(0, states.length - mostTenants))],
  ])
}

function stateOf({ pipeline, signal }: AgentEndpoint, lane: Lane): TenantState {
  const { tenant } = lane
  const queue = pipeline.queues?.[signal].get(tenant)
  const stored = queue?.store.stats(queue.queue)
  return { tenant, lane, queue, pending: (queue?.samples ?? 0) + (stored?.samples ?? 0), oldestMs: stored?.oldestMs }
}

const isFailing = ({ lane }: TenantState): boolean => lane.failingSince !== undefined

function tenantInfo(
  { tenant, pending, oldestMs, lane, queue }: TenantState,
  wallClock: () => number,
  now: () => number,
): Value {
  const time = wallClock()
  const { '2xx': _, ...failures } = lane.requests
  const waitMs = Math.max(lane.rateLimitedUntil - now(), queue?.trouble.waitMs ?? 0)
  return objectValue([
    ['tenant', stringValue(tenant)],
    ['pending_samples', intValue(pending)],
    [
      'oldest_unsent_age_seconds',
      oldestMs === undefined ? nullValue() : floatValue(Math.max(0, time - oldestMs) / 1000),
    ],
    ['in_flight', intValue(lane.turn.inFlight)],
    ['last_status', lane.lastStatus === undefined ? nullValue() : intValue(lane.lastStatus)],
    ['limited_until', waitMs > 0 ? stringValue(new Date(time + waitMs).toISOString()) : nullValue()],
    ['paused', boolValue(queue?.isPaused ?? false)],
    ['samples_sent', intValue(lane.delivered)],
    ['samples_dropped', intValue(queue?.dropped ?? 0)],
    ['requests_failed', intValue(Object.values(failures).reduce((sum, count) => sum + count, 0))],
  ])
}
