// The `endpoint` block of loki.write: all of Alloy's, `forward_to` and `tenancy`.

import { maxTimerMs } from '../../../../config/setting-spec.ts'
import type { AttributeSpec, BlockSpec, Decoded, Report, SettleContext } from '../../../graph/component.ts'
import { blockOfRows, flatRows } from '../../endpoint/block-of-rows.ts'
import { clientDocs, clientRows } from '../../endpoint/client-block.ts'
import { forwardRow, reportConflicts, settleDestination } from '../../endpoint/destination.ts'
import { type EndpointPlan, reportName } from '../../endpoint/endpoint-plan.ts'
import { tenancyBlock } from '../../endpoint/tenancy-block.ts'
import { dropInternalLabels } from '../../internal-labels.ts'
import { queueRows, settleLogsQueue } from './logs-queue.ts'
import { settleLogsTenancy } from './logs-tenancy.ts'

const rows: Readonly<Record<string, AttributeSpec>> = {
  url: { type: 'url', doc: 'Where the data goes, http or https, such as http://loki:3100/loki/api/v1/push.' },
  forward_to: forwardRow('logs'),
  name: {
    type: 'string',
    defaultText: 'its position',
    doc: 'What the endpoint is called in the store and in metrics. With a new name it has a new queue.',
  },
  remote_timeout: {
    type: 'duration',
    min: 1,
    max: maxTimerMs,
    default: 10_000,
    doc: 'How long upstream has to answer, from 1ms to 24 days.',
  },
  tenant_id: {
    type: 'string',
    doc: 'Tenant of streams without a label `__tenant_id__`; without it no header names one for them. `default` of `tenancy` is the same.',
  },
  ...clientRows,
  // As Alloy has it here.
  enable_http2: { type: 'boolean', default: true, doc: 'HTTP/2 is spoken where the server can.' },
  ...queueRows,
}

const { attributes, blocks } = blockOfRows(rows, {
  ...clientDocs,
  queue_config: 'How batches are queued.',
})

export const endpointBlock: BlockSpec = {
  doc: 'Where logs go, and how. Each endpoint gets all of them, and has a queue of its own for each tenant.',
  repeated: true,
  schema: {
    attributes,
    blocks: { ...blocks, tenancy: tenancyBlock },
    check: (decoded, report, context) => void settleEndpoint(decoded, 0, report, context),
    conflicts: (decoded, report) => reportConflicts(flatRows(decoded), report),
  },
}

/** From the block at `index`; undefined where it goes nowhere. What is wrong is reported. */
export function settleEndpoint(
  decoded: Decoded,
  index: number,
  report: Report,
  { stability }: SettleContext,
): EndpointPlan | undefined {
  const flat = flatRows(decoded)
  const name = (flat.values.get('name') as string | undefined) || undefined
  reportName(name, decoded, report)
  const to = settleDestination(flat, report)
  const queue = settleLogsQueue(flat, report)
  const [block] = decoded.blocks.get('tenancy') ?? []
  const settled = settleLogsTenancy(flat, block, to, report, stability)
  if (to === undefined) return undefined
  const timeoutMs = flat.values.get('remote_timeout') as number
  // Tenancy removes those that it reads; what feeds components keeps the others for them.
  const rules = 'url' in to ? [dropInternalLabels(settled.tenancy.labels)] : []
  return { name: name ?? String(index), ...settled, timeoutMs, queue, rules }
}
