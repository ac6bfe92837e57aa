// The header that names the tenant is the tenancy's alone: no other setting may give it.

import type { HttpClientSettings } from '../../../config/http-client/http-client-settings.ts'
import { tenantHeaderProblem } from '../../../config/tenancy-rules.ts'
import type { Report } from '../../graph/component.ts'
import { type FlatRows, placeOf } from './block-of-rows.ts'

/** Reports headers of the client of a block that are `tenantHeader`. */
export function reportTenantHeader(
  { headers = {}, httpHeaders = {} }: Partial<HttpClientSettings>,
  tenantHeader: string,
  flat: FlatRows,
  report: Report,
  hint = 'it is the one that `header` of `tenancy` names',
): void {
  for (const [row, names] of Object.entries({ headers, http_headers: httpHeaders })) {
    for (const name of Object.keys(names)) {
      if (name.toLowerCase() !== tenantHeader.toLowerCase()) continue
      report('error', placeOf(flat, row), tenantHeaderProblem(name), hint)
    }
  }
}
