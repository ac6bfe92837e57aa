// What a receiver of pushes does about the tenants that its senders name: nothing that a client puts into
// `__tenant_id__` counts unless it is trusted, and a header may say it for the whole push.

import type { Push } from '../../receive/push.ts'
import type { AttributeSpec } from '../graph/component.ts'

export interface SenderTenant {
  readonly isTrusted: boolean
  /** In lower case; '': none. */
  readonly header: string
}

/** Rows of a receiver; `header`: the default of `tenant_from_header`. */
export const senderTenantRows = (header: string) =>
  ({
    trust_tenant_label: {
      type: 'boolean',
      default: false,
      doc: 'Keeps `__tenant_id__` as senders give it. Otherwise it is removed.',
    },
    tenant_from_header: {
      type: 'header',
      optional: true,
      default: header,
      doc: 'Header whose value becomes `__tenant_id__` of all that a request carries, in place of any other; `""`: none.',
    },
  }) satisfies Record<string, AttributeSpec>

export const settleSenderTenant = (values: ReadonlyMap<string, unknown>): SenderTenant => ({
  isTrusted: values.get('trust_tenant_label') as boolean,
  header: (values.get('tenant_from_header') as string).toLowerCase(),
})

/** No id is longer; one that is stays invalid without what is beyond, which a push of many series would multiply. */
const mostCharacters = 151

/** What the sender's header says; undefined where it says nothing. */
export const tenantOf = ({ headers }: Pick<Push, 'headers'>, { header }: SenderTenant): string | undefined =>
  headers[header]?.slice(0, mostCharacters) || undefined
