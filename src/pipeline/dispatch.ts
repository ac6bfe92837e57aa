// All that needs the bytes of a push, in one go: read, split, hand each tenant's part to its lane.
// Nothing uncompressed outlives it.

import { SluiceError } from '../errors.ts'
import type { Push } from '../receive/push.ts'
import type { Carrier, Lane } from '../send/lane.ts'
import type { Attempt, Memory } from '../send/remember.ts'
import type { PartAnswer } from '../tenancy/merge-answers.ts'
import type { Families } from '../tenancy/metadata.ts'
import { foldRejected, type Rejected } from '../tenancy/rejected.ts'
import { prefixOf } from '../tenancy/route.ts'
import { type Part, split } from '../tenancy/split.ts'
import type { Batch } from '../wire/batch.ts'
import { endGathering } from '../wire/gather.ts'
import { release, releaseBatch } from '../wire/release.ts'
import type { Written } from '../wire/v2/written.ts'
import { type Caller, metadataCarrier } from './caller.ts'
import type { Endpoint } from './endpoint.ts'
import type { GivenBatch } from './given-batch.ts'
import { forwardMetadata, type MetadataDelivery } from './metadata-delivery.ts'
import type { MetadataUnderWay } from './metadata-under-way.ts'
import { nothingOpened, openLanes } from './open-lanes.ts'
import { bodyOf, queuedParts, writtenOf } from './part-body.ts'
import { travellingHeaders } from './push-headers.ts'
import { readBatch, refuseEmpty } from './read-batch.ts'
import { type Reporter, report, reportDropped } from './report.ts'
import type { PipelineSettings } from './settings.ts'
import { withhold } from './withhold.ts'

export interface DispatchContext extends Omit<MetadataDelivery, 'travelling'> {
  readonly settings: PipelineSettings
  readonly reporter: Reporter
  readonly memory: Memory
  readonly families: Families
  readonly underWay: MetadataUnderWay
  readonly userAgent: string
  /** Whose push it is, where that is this program itself. */
  readonly caller: Caller | undefined
}

export interface Dispatched {
  readonly sent: readonly Promise<PartAnswer>[]
  /** What each of `sent` holds, where its sender is told what was written and all counts as that (`accept_all`). */
  readonly contents: readonly (Written | undefined)[]
  readonly rejected: readonly Rejected[]
  /** What one item is called. */
  readonly item: string
}

/** A request of metadata alone is taken whatever becomes of it: best effort. */
const metadataTaken: Promise<PartAnswer> = Promise.resolve({
  tenant: '',
  status: 200,
  answered: true,
  text: '',
  body: new Uint8Array(0),
  contentType: undefined,
  retryAfter: undefined,
})

/** What comes with a batch into `dispatchBatch`. */
interface Arrival extends Pick<GivenBatch, 'travelling' | 'isAwaited' | 'client'> {
  readonly headers: NonNullable<GivenBatch['headers']>
  /** All of the batch as it came, where a part that is all of it may go out as these bytes. */
  readonly packed?: Uint8Array
}

/** Throws SluiceError where the request as a whole is refused; nothing was sent then. */
export function dispatch(context: DispatchContext, endpoint: Endpoint, push: Push, attempt: Attempt): Dispatched {
  const batch = readBatch(push, endpoint.router.watch, context.settings.maxDecompressedBytes)
  const travelling = context.caller?.travelling ?? travellingHeaders(push, context.userAgent)
  const { headers, client } = push
  const mayGoAsItCame = push.encoding === 'snappy' && push.format === 'protobuf'
  const arrival = { headers, client, travelling, isAwaited: true, ...(mayGoAsItCame && { packed: push.body }) }
  try {
    refuseEmpty(batch)
    return dispatchBatch(context, endpoint, batch, arrival, attempt)
  } finally {
    releaseBatch(batch, push.body)
    endGathering()
  }
}

/** The same for a batch that is the giver's, with nothing in it or not. */
export function dispatchGiven(
  context: DispatchContext,
  endpoint: Endpoint,
  given: GivenBatch,
  attempt: Attempt,
): Dispatched {
  const { batch, headers = {}, travelling, isAwaited, client, packed } = given
  const asItCame = batch.lean === undefined && packed?.bytes === batch.bytes && { packed: packed.body }
  try {
    return dispatchBatch(context, endpoint, batch, { headers, travelling, isAwaited, client, ...asItCame }, attempt)
  } finally {
    endGathering()
  }
}

function dispatchBatch(
  context: DispatchContext,
  endpoint: Endpoint,
  given: Batch,
  { headers, client, travelling, isAwaited, packed: asItCame }: Arrival,
  attempt: Attempt,
): Dispatched {
  const { settings, reporter, memory, families } = context
  const { router, metrics } = endpoint
  const { metadata, keepLabel } = router.settings
  const batch = endpoint.prepare(given)
  const packed = batch.lean === undefined && batch.bytes === given.bytes ? asItCame : undefined
  const { item, signal } = batch.codec

  const prefix = prefixOf(router.settings, headers)
  const cache = endpoint.cacheOf(prefix)
  const missesBefore = cache.misses
  const divided = split(batch, router, prefix, cache)
  // What lies beside the series is the same in both forms.
  const beside = batch.lean ?? batch
  refuseMultiplied(beside, divided.parts.length, settings.maxDecompressedBytes)
  metrics.received(batch, divided, cache.misses - missesBefore)

  // A request that is refused as a whole makes no tenant.
  const strict = router.settings.strict && isAwaited
  const { lanes, refused } = strict && divided.rejected.length > 0 ? nothingOpened : openLanes(endpoint, divided)
  const refusals = [...divided.rejected, ...refused]
  if (isAwaited) report(reporter, batch, refusals, client)
  else reportDropped(reporter, endpoint.commonest, batch, refusals, client)
  report(reporter, batch, divided.dropped, client)
  if (settings.dryRun) {
    metrics.kept(divided)
    return { sent: [], contents: [], rejected: [], item }
  }
  const rejected = isAwaited ? foldRejected(batch, refusals) : []
  if (strict && rejected.length > 0) return { sent: [], contents: [], rejected, item }

  const { caller } = context
  const carrier = caller && partCarrier(caller, memory, attempt)
  const ship = (lane: Lane, batch: Batch, part: Part): Promise<PartAnswer> => {
    if (endpoint.queues !== undefined && carrier === undefined) {
      const queue = endpoint.queues.of(part.tenant)
      const { haLabels } = endpoint
      return queue.add(queuedParts(packed, batch, divided, part, queue.shards, { keepLabel, haLabels, travelling }))
    }
    const body = bodyOf(packed, batch, divided, part, keepLabel)
    const { protocol } = batch.codec
    const shipment = { body, protocol, samples: part.samples, written: writtenOf(batch, part), travelling }
    return lane.deliver(carrier === undefined ? shipment : { ...shipment, carrier })
  }
  const contents: (Written | undefined)[] = []
  const sent = divided.parts.flatMap((whole, k) => {
    const lane = lanes[k]
    if (lane === undefined) return []
    const { withheld } = lane.target
    // What will not be sent again loses nothing again.
    const isSent = withheld !== undefined && !memory.knows(attempt, whole.tenant)
    const less = isSent ? withhold(reporter.meter, batch, whole, withheld) : undefined
    const part = less?.part ?? whole
    if (part.count === 0) return []
    contents.push(settings.acceptAll ? writtenOf(batch, whole) : undefined)
    const ended = memory.part(attempt, part.tenant, () => ship(lane, less?.batch ?? batch, part))
    if (less !== undefined) release(less.batch.bytes)
    return caller?.onPart === undefined ? ended : observed(ended, caller.onPart, part.count)
  })
  if (signal === 'metrics') {
    if (metadata === 'follow') families.learn(batch, divided, endpoint.hasTenant, context.now())
    if (beside.metadata.length > 0) {
      const own = caller && { carrier: metadataCarrier(caller) }
      forwardMetadata({ ...context, travelling, ...own }, endpoint, beside, prefix)
      if (batch.count === 0) return { sent: [metadataTaken], contents, rejected, item }
    }
  }
  return { sent, contents, rejected, item }
}

/** What sends the parts of a push is its caller's; what ends them is shared by all who wait for them. */
function partCarrier(caller: Caller, memory: Memory, attempt: Attempt): Carrier {
  return caller.signal === undefined ? caller : { ...caller, signal: memory.signalOf(attempt) }
}

async function observed(
  ended: Promise<PartAnswer>,
  onPart: NonNullable<Caller['onPart']>,
  series: number,
): Promise<PartAnswer> {
  const answer = await ended
  onPart(answer, series)
  return answer
}

/** Unknown top-level fields go into every part: what one body carries once must not leave, or fill memory, a thousandfold. */
function refuseMultiplied(batch: Batch, parts: number, maxBytes: number): void {
  let bytes = 0
  for (const { start, end } of batch.unknown) bytes += end - start
  if (bytes * (parts - 1) <= maxBytes) return
  throw new SluiceError(
    'DECOMPRESSED_TOO_LARGE',
    `${bytes} bytes of unknown top-level fields, once for each of ${parts} tenants, are over the limit of ${maxBytes} ` +
      'bytes (receive.max_decompressed_size); nothing was sent',
  )
}
