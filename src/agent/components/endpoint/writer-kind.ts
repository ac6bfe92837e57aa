// Components that write: one receiver, before the `endpoint` blocks. Each says what an endpoint has, and what Alloy refuses
// in `wal`, which has no effect here.

import { capsuleNames, type Receiver } from '../../flow/receiver.ts'
import type { BlockSchema, BlockSpec, ComponentKind } from '../../graph/component.ts'
import { capsuleValue } from '../../syntax/make-value.ts'
import type { WriterArgs } from './endpoint-plan.ts'
import { reviewTenancy } from './review-tenancy.ts'
import { buildWriter, type WriterExports } from './writer.ts'
import { settleWriter, type WriterParts } from './writer-args.ts'

type Kind = ComponentKind<WriterArgs, WriterExports>

export interface WriterWords extends WriterParts, Pick<Kind, 'name' | 'doc'>, Pick<BlockSchema, 'attributes'> {
  readonly signal: Receiver['signal']
  readonly endpoint: BlockSpec
  readonly wal: BlockSpec
}

const noWal = 'there is no such log: what can’t be delivered is in the store (--storage.path)'

export const writerKind = ({ name, doc, signal, attributes, endpoint, wal, ...parts }: WriterWords): Kind => ({
  name,
  doc,
  stability: 'generally-available',
  schema: { attributes, blocks: { endpoint, wal: { ...wal, ignored: noWal } } },
  exports: { receiver: `Takes ${signal}.` },
  exportTypes: { receiver: signal },
  settle: (decoded, report, context) => settleWriter(decoded, parts, report, context),
  exportsOf: ({ receiver }) => new Map([['receiver', capsuleValue(capsuleNames[signal], receiver)]]),
  review: reviewTenancy,
  build: (args, context) => buildWriter(signal, args, context),
})
