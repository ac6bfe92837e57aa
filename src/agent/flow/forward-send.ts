// The end of a lane whose endpoint feeds components instead of a URL: a part becomes a batch again, with its tenant in
// `__tenant_id__`, and what its receivers tell becomes the response. Lanes, queues and retries are those of any endpoint.

import { LRUCache } from 'lru-cache'
import { SluiceError } from '../../errors.ts'
import type { Answer } from '../../receive/push.ts'
import { withWritten } from '../../receive/written-headers.ts'
import { RelabelStage } from '../../relabel/relabel-stage.ts'
import type { Meter } from '../../telemetry/meter.ts'
import type { Batch } from '../../wire/batch.ts'
import { type Codec, RESERVED_LABEL, watchLabels } from '../../wire/codec.ts'
import { codecs } from '../../wire/codecs.ts'
import type { HttpRequest, HttpResponse, Send } from '../../wire/message.ts'
import { release } from '../../wire/release.ts'
import { uncompress } from '../../wire/snappy.ts'
import { answerBy } from './answer.ts'
import type { Receiver } from './receiver.ts'
import { newMark } from './transformed.ts'

export interface ForwardOptions {
  /** Of the endpoint. */
  readonly id: string
  readonly signal: Receiver['signal']
  readonly receiver: Receiver
  /** The header in which lanes name the tenant; '': nothing is said of tenants, and no label is set. */
  readonly tenantHeader: string
  readonly meter: Meter
}

/** What components look for in the batches that they hand on. */
export const flowWatch = watchLabels([RESERVED_LABEL])

const travelling = ['user-agent', 'retry-attempt', 'traceparent']
/** Tenants whose series are remembered with their label set, and how much of each. */
const mostStages = 64
const stageBytes = 1 << 20

/** Nobody waits for what is given on: what its receivers refuse series by series is dropped there, and counted. */
export function forwardSend(options: ForwardOptions): Send {
  const { id, signal, receiver, meter } = options
  const known = Object.values(codecs).filter((codec) => codec.signal === signal)
  const header = options.tenantHeader.toLowerCase()
  const mark = newMark()
  const onDropped: NonNullable<ConstructorParameters<typeof RelabelStage>[1]>['onDropped'] = (reason, items) => {
    meter.tally('sluice_dropped_total', { signal, reason }).value += items
  }
  const stages = new LRUCache<string, RelabelStage>({ max: mostStages })
  const labelled = (batch: Batch, tenant: string | undefined): Batch => {
    if (tenant === undefined) return batch
    let stage = stages.get(tenant)
    if (stage === undefined) {
      stage = new RelabelStage([], { externalLabels: [[RESERVED_LABEL, tenant]], cacheBytes: stageBytes, onDropped })
      stages.set(tenant, stage)
    }
    return stage.apply(batch)
  }
  const give = async (codec: Codec, { headers, body }: HttpRequest): Promise<Answer> => {
    const tenant = headers[header]
    const bytes = uncompress(body, Number.MAX_SAFE_INTEGER)
    try {
      return answerBy(
        receiver,
        {
          batch: labelled(codec.scan(bytes, flowWatch, Number.MAX_SAFE_INTEGER), tenant),
          travelling: Object.fromEntries(Object.entries(headers).filter(([name]) => travelling.includes(name))),
          identity: `${id}\n${mark}\n${tenant ?? ''}`,
          isAwaited: false,
          client: '',
          source: body,
        },
        // As long as any of them asks for: the lane has its own bounds.
        { maxRetryAfter: Number.POSITIVE_INFINITY },
      )
    } finally {
      release(bytes)
    }
  }
  return async (request) => {
    // The lane may be in the middle of a push, whose memory what comes now must not use.
    await undefined
    const { headers, timeoutMs } = request
    // What lanes say is what codecs are called by.
    const codec = known.find(({ contentType }) => contentType === headers['content-type'])!
    const answer = give(codec, request).catch(refused)
    return within(
      answer.then((each) => responseOf(withWritten(codec.protocol, each))),
      timeoutMs,
    )
  }
}

function responseOf({ status, headers = {}, body = '' }: Answer): HttpResponse {
  return { status, headers, body: typeof body === 'string' ? Buffer.from(body) : body }
}

function refused(error: unknown): Answer {
  if (!(error instanceof SluiceError)) throw error
  const { status, message, retryAfter } = error
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
  return { status, headers, body: message }
}

/** What comes later is for a repeat, which joins what is under way. */
function within(response: Promise<HttpResponse>, timeoutMs: number | undefined): Promise<HttpResponse> {
  if (timeoutMs === undefined || timeoutMs >= 2 ** 31) return response
  return new Promise((resolve, reject) => {
    const late = (): void =>
      reject(new SluiceError('UPSTREAM_TIMEOUT', `what it is forwarded to did not settle it within ${timeoutMs} ms`))
    const timer = setTimeout(late, timeoutMs)
    response.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
