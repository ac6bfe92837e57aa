// Gauges are read when somebody looks, not kept up on the path of a request.

import type { Pipeline } from '../pipeline/pipeline.ts'
import type { Meter } from '../telemetry/meter.ts'

/** Brings the gauges of the pipeline up to now. */
export function measure(pipeline: Pipeline, meter: Meter): void {
  const { metrics, logs, settings } = pipeline.current
  const tenants = new Set<string>()
  for (const endpoint of [metrics, logs]) {
    const { signal, scheduler, lanes } = endpoint
    meter.tally('sluice_upstream_requests_in_flight', { signal }).value = scheduler.inFlight
    meter.tally('sluice_upstream_requests_limit', { signal }).value = scheduler.limit
    meter.tally('sluice_upstream_waiting', { signal }).value = scheduler.waiting
    for (const lane of lanes) tenants.add(lane.tenant)
  }
  meter.tally('sluice_tenants').value = tenants.size
  meter.tally('sluice_tenants_limit').value = settings.metrics.tenancy.maxTenants
  meter.tally('sluice_metadata_held').value = pipeline.families.held
  meter.tally('sluice_metadata_pairs').value = pipeline.families.pairs
}
