// The `endpoint` block of prometheus.remote_write: all of Alloy's, `forward_to` and `tenancy`.

import { maxTimerMs, type SettingSpec } from '../../../../config/setting-spec.ts'
import { noTenancy, type ProtobufMessage, type TenancySettings } from '../../../../config/tenancy-settings.ts'
import type { Withheld } from '../../../../wire/codec.ts'
import type { AttributeSpec, Decoded, Report } from '../../../graph/component.ts'
import { blockOfRows, type FlatRows, flatRows, placeOf } from '../../endpoint/block-of-rows.ts'
import { clientDocs, clientRows, cloudRows, roundRobinRow } from '../../endpoint/client-block.ts'
import { settleDestination } from '../../endpoint/destination.ts'
import { endpointBlockOf, endpointRows, type SettleEndpoint, settleName } from '../../endpoint/endpoint-block.ts'
import { targetOf } from '../../endpoint/endpoint-plan.ts'
import { messageProblem, protobufMessageRow } from '../../endpoint/protobuf-message.ts'
import { queueBlock, reportQueueDisorders, settleQueue } from '../../endpoint/queue-block.ts'
import { settleTenancyBlock, type TenancyContext } from '../../endpoint/tenancy-block.ts'
import { reportTenantHeader } from '../../endpoint/tenant-header.ts'
import { relabelRuleSchema, settleRelabelRule } from '../../relabel-rule.ts'

const rows: Readonly<Record<string, AttributeSpec>> = {
  ...endpointRows('metrics', 'Where the data goes, http or https; user and password in it mean Basic auth.', 30_000),
  send_exemplars: { type: 'boolean', default: true, doc: 'Whether exemplars go with their series.' },
  send_native_histograms: {
    type: 'boolean',
    defaultText: '`false`, with `forward_to` `true`',
    doc: 'Whether native histograms go; else they are dropped and counted as `native_histograms_off`.',
  },
  protobuf_message: protobufMessageRow,
  ...clientRows,
  ...cloudRows,
  ...roundRobinRow,
}

const notNeeded = 'metadata goes with the data that it belongs to, as it comes'

const metadataRows = {
  send: { type: 'boolean', default: true, doc: 'Whether metadata is sent.' },
  send_interval: { type: 'duration', min: 0, max: maxTimerMs, ignored: notNeeded, doc: 'How often metadata is sent.' },
  max_samples_per_send: { type: 'integer', min: 0, max: 1e9, ignored: notNeeded, doc: 'Metadata in one request.' },
} as const satisfies Readonly<Record<string, SettingSpec & { readonly ignored?: string }>>

const { attributes, blocks } = blockOfRows(rows, clientDocs)

export const settleEndpoint: SettleEndpoint = (decoded, index, report, { stability }) => {
  const flat = flatRows(decoded)
  const get = <T>(path: string): T | undefined => flat.values.get(path) as T | undefined
  const name = settleName(flat, report)
  const to = settleDestination(flat, report)
  const rules = (decoded.blocks.get('write_relabel_config') ?? []).map((block) => settleRelabelRule(block, report))
  const queue = settleQueue(flat)
  reportQueueDisorders(queue, flat, report)
  const called = name ?? (to === undefined ? 'without url' : targetOf({ to }))
  const checkMessage = (message: string) => messageProblem(message, called, stability)
  const protobufMessage = get<ProtobufMessage>('protobuf_message') as ProtobufMessage
  const problem = checkMessage(protobufMessage)
  if (problem !== undefined) report('error', placeOf(flat, 'protobuf_message'), problem.message, problem.hint)
  const isForwarding = to !== undefined && 'forwardTo' in to
  const tenancy = tenancyOf(decoded, flat, report, { checkMessage, isForwarding })
  if (to === undefined) return undefined
  if ('url' in to && decoded.blocks.has('tenancy')) reportTenantHeader(to.client, tenancy.header, flat, report)
  const withheld: Withheld = {
    exemplars: get<boolean>('send_exemplars') === false,
    histograms: !(get<boolean>('send_native_histograms') ?? isForwarding),
  }
  return {
    ...{ name: name ?? String(index), to, tenancy, queue },
    timeoutMs: get<number>('remote_timeout') as number,
    ...('url' in to && { protobufMessage }),
    ...((withheld.exemplars || withheld.histograms) && { withheld }),
    rules: rules.filter((rule) => rule !== undefined),
  }
}

function tenancyOf(decoded: Decoded, { values }: FlatRows, report: Report, context: TenancyContext): TenancySettings {
  const [block] = decoded.blocks.get('tenancy') ?? []
  const tenancy = block === undefined ? noTenancy : settleTenancyBlock(block, report, context)
  return values.get('metadata_config.send') === false ? { ...tenancy, metadata: 'drop' } : tenancy
}

export const endpointBlock = endpointBlockOf(
  'Where data goes, and how. Each endpoint gets all of it, and has a queue of its own for each tenant.',
  {
    attributes,
    blocks: {
      ...blocks,
      queue_config: queueBlock,
      metadata_config: { doc: 'Whether metadata is sent.', schema: { attributes: metadataRows, blocks: {} } },
      write_relabel_config: {
        doc: 'A relabelling rule: what becomes of series, external labels included, before tenants are found.',
        repeated: true,
        schema: relabelRuleSchema,
      },
    },
  },
  settleEndpoint,
)
