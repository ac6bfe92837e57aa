// The `endpoint` block of loki.write: all of Alloy's, `forward_to` and `tenancy`.

import type { AttributeSpec } from '../../../graph/component.ts'
import { blockOfRows, flatRows } from '../../endpoint/block-of-rows.ts'
import { clientDocs, clientRows } from '../../endpoint/client-block.ts'
import { settleDestination } from '../../endpoint/destination.ts'
import { endpointBlockOf, endpointRows, type SettleEndpoint, settleName } from '../../endpoint/endpoint-block.ts'
import { dropInternalLabels } from '../../internal-labels.ts'
import { queueRows, settleLogsQueue } from './logs-queue.ts'
import { settleLogsTenancy } from './logs-tenancy.ts'

const rows: Readonly<Record<string, AttributeSpec>> = {
  ...endpointRows('logs', 'Where the data goes, http or https, such as http://loki:3100/loki/api/v1/push.', 10_000),
  tenant_id: {
    type: 'string',
    doc: 'Tenant of streams without a label `__tenant_id__`; without it no header names one for them. `default` of `tenancy` is the same.',
  },
  ...clientRows,
  // As Alloy has it here.
  enable_http2: { type: 'boolean', default: true, doc: 'HTTP/2 is spoken where the server can.' },
  ...queueRows,
}

const schema = blockOfRows(rows, { ...clientDocs, queue_config: 'How batches are queued.' })

export const settleEndpoint: SettleEndpoint = (decoded, index, report, { stability }) => {
  const flat = flatRows(decoded)
  const name = settleName(flat, report)
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

export const endpointBlock = endpointBlockOf(
  'Where logs go, and how. Each endpoint gets all of them, and has a queue of its own for each tenant.',
  schema,
  settleEndpoint,
)
