// From the parts of a push to the lanes that will carry them. Here a tenant begins to exist, and here is its bound.

import type { Lane } from '../send/lane.ts'
import type { Part, Refusal, Split } from '../tenancy/split.ts'
import type { Endpoint } from './endpoint.ts'

export interface Opened {
  /** A lane for each part, in order; undefined for parts that are refused. */
  readonly lanes: readonly (Lane | undefined)[]
  /** Parts beyond `max_tenants`. */
  readonly refused: readonly Refusal[]
}

export const nothingOpened: Opened = { lanes: [], refused: [] }

export function openLanes(endpoint: Endpoint, divided: Split): Opened {
  const refused: Refusal[] = []
  const lanes = divided.parts.map((part) => {
    const lane = endpoint.lanes.open(part.tenant)
    if (lane === undefined) refused.push(beyondMaxTenants(endpoint, part))
    else lane.receive(part.count)
    return lane
  })
  return { lanes, refused }
}

function beyondMaxTenants(endpoint: Endpoint, part: Part): Refusal {
  const { maxTenants } = endpoint.router.settings
  const detail = `there are ${maxTenants} tenants already (tenancy.max_tenants); ${JSON.stringify(part.tenant)} is one more`
  return {
    outcome: { kind: 'rejected', reason: 'max_tenants', rule: 'max_tenants', detail, tenant: part.tenant },
    count: part.count,
    samples: part.samples,
    indexes: part.indexes.subarray(0, part.count),
  }
}
