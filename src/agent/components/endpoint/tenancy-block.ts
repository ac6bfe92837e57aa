// The `tenancy` block of an endpoint: the same settings, defaults and rules as everywhere, as blocks.

import type { SettingSpec } from '../../../config/setting-spec.ts'
import { tenancyFields } from '../../../config/tenancy-fields.ts'
import { settleTenancy } from '../../../config/tenancy-options.ts'
import { checkTenancy } from '../../../config/tenancy-rules.ts'
import { defaultTenancy, type TenancySettings } from '../../../config/tenancy-settings.ts'
import type { AttributeSpec, BlockSpec, Decoded, Report } from '../../graph/component.ts'
import { blockOfRows, flatRows, placeOf } from './block-of-rows.ts'
import { warnOfClient } from './destination.ts'
import { overrideBlock, settleOverride } from './override-block.ts'
import type { MessageProblem } from './protobuf-message.ts'

/** What the proxy takes from cortex-tenant's keys. */
const ownDefaults: Readonly<Record<string, unknown>> = {
  labels: defaultTenancy.labels,
  default: defaultTenancy.default,
  keep_label: defaultTenancy.keepLabel,
  prefix: defaultTenancy.prefix,
  prefix_from_header: defaultTenancy.prefixFromHeader,
  header: defaultTenancy.header,
  metadata: defaultTenancy.metadata,
}

const ownDocs: Readonly<Record<string, string>> = {
  keep_label: 'Whether the label that matched stays. `__tenant_id__` goes in any case.',
  max_in_flight_per_tenant:
    'Requests in flight per tenant, up to 65535; 0: 4 where what can’t be delivered is stored, else no limit.',
}

const short = (path: string): string => path.slice('tenancy.'.length)

const rows = Object.fromEntries(
  Object.entries(tenancyFields as Readonly<Record<string, SettingSpec>>)
    .filter(([path]) => path !== 'tenancy.override')
    .map(([path, { replaces: _, defaultText: __, ...spec }]): readonly [string, AttributeSpec] => {
      const name = short(path)
      const changes = {
        ...(name in ownDefaults && { default: ownDefaults[name] }),
        ...(name in ownDocs && { doc: ownDocs[name] }),
      }
      return [name, { ...spec, ...changes } as AttributeSpec]
    }),
)

const docs = {
  rate_limit: 'How much of one tenant goes, at most: what is over it waits in the queue, or is answered 429.',
}

const plain = blockOfRows(rows, docs)

export const tenancyBlock: BlockSpec = {
  doc: 'Finds the tenant of every series, and sends each tenant’s data under its own id. Without it all is sent as one.',
  schema: {
    attributes: plain.attributes,
    blocks: { ...plain.blocks, override: overrideBlock },
    check: (decoded, report) =>
      void settleTenancyBlock(decoded, report, { checkMessage: () => undefined, isForwarding: false }),
  },
}

export interface TenancyContext {
  /** What to say of a `protobuf_message`. */
  readonly checkMessage: (name: string) => MessageProblem | undefined
  /** The endpoint has no URL. */
  readonly isForwarding: boolean
}

/** The settings of a `tenancy` block. What is wrong with it is reported. */
export function settleTenancyBlock(
  decoded: Decoded,
  report: Report,
  { checkMessage, isForwarding }: TenancyContext,
): TenancySettings {
  const flat = flatRows(decoded)
  const overrides = (decoded.blocks.get('override') ?? []).map((block) => ({ block, flat: flatRows(block) }))
  if (isForwarding) for (const one of overrides) warnOfClient(one.flat, report)
  const header = flat.values.get('header') as string
  const tenancy = settleTenancy(
    flat.values,
    overrides.map((one) => {
      const { protobufMessage, ...rest } = settleOverride(one.flat, header, report, checkMessage)
      // Receivers get what came.
      return isForwarding || protobufMessage === undefined ? rest : { ...rest, protobufMessage }
    }),
  )
  for (const { severity, path, part, message, hint } of checkTenancy(tenancy, () => false, short)) {
    const [, index, inner = ''] = /^(\d+)\.(.*)$/.exec(part ?? '') ?? []
    const place =
      path === 'tenancy.override' ? placeOf(overrides[Number(index)]!.flat, inner) : placeOf(flat, short(path))
    report(severity, place, message, hint)
  }
  return tenancy
}
