// Whose logs an endpoint sends: what its `tenancy` says, or, without it, Alloy's own rule: the label `__tenant_id__`,
// else `tenant_id`, else a header of the tenant's name among `headers`, else no tenant is named.

import { defaultTenancy, NO_TENANT, type TenancySettings } from '../../../../config/tenancy-settings.ts'
import { tenantIdProblem } from '../../../../config/tenant-id.ts'
import type { ForwardSpec, UpstreamSpec } from '../../../flow/endpoint-spec.ts'
import type { Decoded, Report, Stability } from '../../../graph/component.ts'
import { type FlatRows, placeOf } from '../../endpoint/block-of-rows.ts'
import { targetOf } from '../../endpoint/endpoint-plan.ts'
import { messageProblem } from '../../endpoint/protobuf-message.ts'
import { settleTenancyBlock } from '../../endpoint/tenancy-block.ts'
import { reportTenantHeader } from '../../endpoint/tenant-header.ts'

type Destination = UpstreamSpec | ForwardSpec

interface Settled {
  readonly tenancy: TenancySettings
  readonly to: Destination
}

/** `to` undefined: it goes nowhere, which has been said; then only problems come out. */
export function settleLogsTenancy(
  flat: FlatRows,
  block: Decoded | undefined,
  to: Destination | undefined,
  report: Report,
  stability: Stability,
): Settled {
  const target: Destination = to ?? { forwardTo: [] }
  const tenantId = (flat.values.get('tenant_id') as string | undefined) ?? ''
  if (block === undefined) return withoutBlock(flat, tenantId, target, report)
  const tenancy = settleTenancyBlock(block, report, {
    checkMessage: (name) => messageProblem(name, targetOf({ to: target }), stability),
    isForwarding: 'forwardTo' in target,
  })
  if (tenantId !== '') {
    const hint = 'write it as `default` of `tenancy`'
    report('error', placeOf(flat, 'tenant_id'), 'tenant_id and tenancy exclude each other', hint)
  }
  if ('url' in target) reportTenantHeader(target.client, tenancy.header, flat, report)
  return { tenancy, to: target }
}

function withoutBlock(flat: FlatRows, tenantId: string, to: Destination, report: Report): Settled {
  if (tenantId !== '' && 'url' in to) {
    reportTenantHeader(to.client, defaultTenancy.header, flat, report, '`tenant_id` says it; take one of them out')
  }
  const { rest, inHeaders } = takeHeader(to)
  const { tenant, row } = tenantId === '' ? (inHeaders ?? {}) : { tenant: tenantId, row: 'tenant_id' }
  const problem = tenant === undefined ? undefined : tenantIdProblem(tenant)
  if (problem !== undefined && row !== undefined) {
    const hint = "allowed are 1 to 150 of A-Z a-z 0-9 ! - _ . * ' ( )"
    report('error', placeOf(flat, row), `this is no valid tenant id: ${problem}`, hint)
  }
  const tenancy: TenancySettings = { ...defaultTenancy, default: tenant ?? NO_TENANT }
  return { to: rest, tenancy: tenant === undefined ? { ...tenancy, isDefaultUnsaid: true } : tenancy }
}

interface Taken {
  readonly rest: Destination
  readonly inHeaders?: { readonly row: 'headers' | 'http_headers'; readonly tenant: string }
}

/** A tenant that headers name is taken out of them: it must not stand beside the one that a label names. */
function takeHeader(to: Destination): Taken {
  if (!('url' in to)) return { rest: to }
  const { headers, httpHeaders } = to.client
  const [own, added] = [ofTenant(headers), ofTenant(httpHeaders)]
  const rest = { ...to, client: { ...to.client, headers: own.others, httpHeaders: added.others } }
  if (own.value !== undefined) return { rest, inHeaders: { row: 'headers', tenant: own.value.reveal() } }
  const tenant = added.value?.secrets[0]?.reveal()
  return tenant === undefined ? { rest } : { rest, inHeaders: { row: 'http_headers', tenant } }
}

function ofTenant<T>(headers: Readonly<Record<string, T>>): { value?: T; others: Readonly<Record<string, T>> } {
  const name = Object.keys(headers).find((each) => each.toLowerCase() === defaultTenancy.header.toLowerCase())
  if (name === undefined) return { others: headers }
  const { [name]: value, ...others } = headers
  return { value: value as T, others }
}
