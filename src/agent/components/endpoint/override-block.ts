// The `override` block of a tenancy: what some tenants have for themselves, in place of what the endpoint has.

import { overrideOwnFields } from '../../../config/override-fields.ts'
import { overriddenQueueConfig } from '../../../config/resolve-queue.ts'
import { rateLimitOf } from '../../../config/tenancy-options.ts'
import type { Override, ProtobufMessage } from '../../../config/tenancy-settings.ts'
import type { AttributeSpec, BlockSpec, Report } from '../../graph/component.ts'
import { blockOfRows, type FlatRows, placeOf } from './block-of-rows.ts'
import { clientDocs, clientRows, cloudRows } from './client-block.ts'
import type { MessageProblem } from './protobuf-message.ts'
import { reportQueueDisorders } from './queue-block.ts'
import { reportTenantHeader } from './tenant-header.ts'
import { settleUpstream } from './upstream.ts'

const rows: Readonly<Record<string, AttributeSpec>> = {
  ...overrideOwnFields,
  tenants: { ...overrideOwnFields.tenants, required: true },
  url: { ...overrideOwnFields.url, doc: 'Where their data goes.' },
  protobuf_message: {
    ...overrideOwnFields.protobuf_message,
    doc: 'Form of remote write that they are sent; 2.0 needs `--stability.level=experimental`. Without effect on logs, and with `forward_to`.',
  },
  send_exemplars: { ...overrideOwnFields.send_exemplars, doc: 'Whether exemplars go with their series.' },
  send_native_histograms: { ...overrideOwnFields.send_native_histograms, doc: 'Whether their native histograms go.' },
  ...clientRows,
  ...cloudRows,
}

export const overrideBlock: BlockSpec = {
  doc: 'What some tenants have for themselves; the first whose globs match the final id wins. What is given replaces the endpoint’s whole one.',
  repeated: true,
  schema: blockOfRows(rows, {
    ...clientDocs,
    rate_limit: 'How much of each of them goes, at most.',
    queue_config: 'How their batches are made, kept and repeated.',
  }),
}

/** What the block says. What is wrong with it is reported; the tenancy's own rules come later. */
export function settleOverride(
  flat: FlatRows,
  tenantHeader: string,
  report: Report,
  checkMessage: (name: string) => MessageProblem | undefined,
): Override {
  const { values } = flat
  const get = <T>(path: string): T | undefined => values.get(path) as T | undefined
  const { url, client } = settleUpstream(flat, report)
  reportTenantHeader(client, tenantHeader, flat, report)
  const protobufMessage = get<ProtobufMessage>('protobuf_message')
  const problem = protobufMessage === undefined ? undefined : checkMessage(protobufMessage)
  if (problem !== undefined) report('error', placeOf(flat, 'protobuf_message'), problem.message, problem.hint)
  const queueConfig = overriddenQueueConfig(values)
  if (queueConfig !== undefined) reportQueueDisorders(queueConfig, flat, report)
  const rateLimit = rateLimitOf(values)
  const remoteTimeoutMs = get<number>('remote_timeout')
  const sendExemplars = get<boolean>('send_exemplars')
  const sendNativeHistograms = get<boolean>('send_native_histograms')
  return {
    tenants: get<readonly string[]>('tenants') ?? [],
    ...(url !== undefined && { url }),
    ...(remoteTimeoutMs !== undefined && { remoteTimeoutMs }),
    ...(Object.keys(client).length > 0 && { client }),
    ...(rateLimit !== undefined && { rateLimit }),
    ...(queueConfig !== undefined && { queueConfig }),
    ...(sendExemplars !== undefined && { sendExemplars }),
    ...(sendNativeHistograms !== undefined && { sendNativeHistograms }),
    ...(protobufMessage !== undefined && { protobufMessage }),
  }
}
