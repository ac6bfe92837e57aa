// The `endpoint` block of components that write: what it has whatever it sends, and how it is checked.

import { maxTimerMs } from '../../../config/setting-spec.ts'
import type { Receiver } from '../../flow/receiver.ts'
import type { AttributeSpec, BlockSchema, BlockSpec, Decoded, Report, SettleContext } from '../../graph/component.ts'
import { type FlatRows, flatRows, placeOf } from './block-of-rows.ts'
import { forwardRow, reportConflicts } from './destination.ts'
import type { EndpointPlan } from './endpoint-plan.ts'
import { tenancyBlock } from './tenancy-block.ts'

/** Makes a plan of the block at `index`; undefined where it goes nowhere. What is wrong is reported. */
export type SettleEndpoint = (
  decoded: Decoded,
  index: number,
  report: Report,
  context: SettleContext,
) => EndpointPlan | undefined

/** `url`: what that row says; `timeoutMs`: the default of `remote_timeout`. */
export const endpointRows = (signal: Receiver['signal'], url: string, timeoutMs: number) =>
  ({
    url: { type: 'url', doc: url },
    forward_to: forwardRow(signal),
    name: {
      type: 'string',
      defaultText: 'its position',
      doc: 'What the endpoint is called in the store and in metrics. With a new name it has a new queue.',
    },
    remote_timeout: {
      type: 'duration',
      min: 1,
      max: maxTimerMs,
      default: timeoutMs,
      doc: 'How long upstream has to answer, from 1ms to 24 days.',
    },
  }) satisfies Readonly<Record<string, AttributeSpec>>

/** The block with these attributes, these blocks and `tenancy`. */
export const endpointBlockOf = (
  doc: string,
  { attributes, blocks }: BlockSchema,
  settleEndpoint: SettleEndpoint,
): BlockSpec => ({
  doc,
  repeated: true,
  schema: {
    attributes,
    blocks: { ...blocks, tenancy: tenancyBlock },
    check: (decoded, report, context) => void settleEndpoint(decoded, 0, report, context),
    conflicts: (decoded, report) => reportConflicts(flatRows(decoded), report),
  },
})

/** Reports names that an endpoint may not have in the store; undefined: it has none. */
export function settleName(flat: FlatRows, report: Report): string | undefined {
  const name = (flat.values.get('name') as string | undefined) || undefined
  if (name !== undefined && /\p{Cc}/u.test(name)) {
    report('error', placeOf(flat, 'name'), 'the name contains a character that can’t be printed', 'write another')
  }
  return name
}
