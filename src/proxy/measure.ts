// Gauges are read when somebody looks, not kept up on the path of a request.

import { currentOf, type LiveEndpoint } from '../pipeline/live-endpoint.ts'
import type { Meter } from '../telemetry/meter.ts'

/** Brings the gauges of all endpoints up to now: those of one signal add up. */
export function measure(endpoints: readonly LiveEndpoint[], meter: Meter): void {
  const tenants = new Set<string>()
  let maxTenants = 0
  for (const signal of ['metrics', 'logs'] as const) {
    let inFlight = 0
    let limit = 0
    let waiting = 0
    for (const endpoint of endpoints) {
      if (endpoint.signal !== signal) continue
      const { scheduler, lanes, router } = currentOf(endpoint)
      inFlight += scheduler.inFlight
      limit += scheduler.limit
      waiting += scheduler.waiting
      maxTenants = Math.max(maxTenants, router.settings.maxTenants)
      for (const lane of lanes) tenants.add(lane.tenant)
    }
    meter.tally('sluice_upstream_requests_in_flight', { signal }).value = inFlight
    meter.tally('sluice_upstream_requests_limit', { signal }).value = limit
    meter.tally('sluice_upstream_waiting', { signal }).value = waiting
  }
  meter.tally('sluice_tenants').value = tenants.size
  meter.tally('sluice_tenants_limit').value = maxTenants
  let held = 0
  let pairs = 0
  for (const { families } of new Set(endpoints.map(({ pipeline }) => pipeline))) {
    held += families.held
    pairs += families.pairs
  }
  meter.tally('sluice_metadata_held').value = held
  meter.tally('sluice_metadata_pairs').value = pairs
}
