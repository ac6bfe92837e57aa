// What every wrapper of the library does with a push: the proxy's own pipeline, sending in the caller's way.

import { LRUCache } from 'lru-cache'
import { SluiceError } from '../errors.ts'
import type { Caller } from '../pipeline/caller.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import type { RefusalSink } from '../pipeline/report.ts'
import type { EndpointSettings } from '../pipeline/settings.ts'
import { judgeContent } from '../receive/content.ts'
import type { Push } from '../receive/push.ts'
import { tooLarge } from '../receive/refusals.ts'
import { Memory } from '../send/remember.ts'
import { noMeter } from '../telemetry/meter.ts'
import type { HttpRequest, HttpResponse, Send } from '../wire/message.ts'
import { type PushKind, pathOf, recognise } from './recognise.ts'
import { refusal, responseOf } from './refusal.ts'
import { refuseSigned } from './signed-body.ts'
import { tell } from './tell.ts'
import type { TenantSettings } from './tenant-options.ts'
import { tenantResult } from './tenant-result.ts'
import { travellingHeaders } from './travelling-headers.ts'

/** Longest body that is taken as a push, in bytes as they come. */
export const maxPushBytes = 32 << 20
const maxDecompressedBytes = 64 << 20
/** Bytes that are kept of the answer to a part. */
export const maxKeptBytes = 64 * 1024
/** Requests in flight to one URL, shared by its tenants. */
const maxInFlight = 64
/** Upper bound of the Retry-After of an answer, in seconds. */
const maxRetryAfter = 30
/** URLs whose lanes and memory are kept at one time; of others only what is under way goes on. */
const maxUrls = 64

export interface Engine {
  /**
   * Splits a push by tenant, sends each part by `send`, and resolves with the merged answer; any other request goes to
   * `send` as it is. A push that is refused as a whole is answered as the proxy would, not thrown.
   *
   * `request.headers` are lower-case; `request.body` is not changed, nor kept once the promise is settled.
   * `request.signal` ends it: the promise rejects with its reason, and parts that nobody else waits for are aborted.
   * `request.timeoutMs` is the time of each part, as an override's `remoteTimeout` is; without either there is none.
   * Each call of `send` gets `signal` and `timeoutMs` where there are any, and has to keep to them.
   *
   * Rejects with SluiceError SIGNED_BEFORE_SPLIT if the request carries a signature over its whole body.
   */
  push(request: HttpRequest, send: Send): Promise<HttpResponse>
}

/** Opens nothing. */
export function createEngine({ tenancy, onTenantResult, onRefused }: TenantSettings): Engine {
  const travelling = travellingHeaders(tenancy.header)
  const refusals: RefusalSink = {
    add({ tenant, reason, kind, count, samples }) {
      if (onRefused === undefined) return
      tell('onRefused', onRefused, { tenant, reason, outcome: kind, series: count, samples })
    },
  }
  const onPart: Caller['onPart'] =
    onTenantResult && ((answer, series) => tell('onTenantResult', onTenantResult, tenantResult(answer, series)))

  const memory = new Memory({ meter: noMeter, now: () => performance.now() })
  const pipelineTo = (url: string): Pipeline => {
    const endpoint: EndpointSettings = { tenancy, url, headers: {}, send: neverAlone }
    return new Pipeline(
      { meter: noMeter, refusals, log: () => undefined, userAgent: '', memory },
      {
        metrics: endpoint,
        logs: endpoint,
        timeoutMs: Number.POSITIVE_INFINITY,
        maxInFlight,
        maxRetryAfter,
        maxDecompressedBytes,
        acceptAll: false,
        dryRun: false,
        logResponseErrors: false,
      },
    )
  }
  const pipelines = new LRUCache<string, Pipeline>({
    max: maxUrls,
    dispose: (pipeline) => pipeline.current.retire(() => pipeline.close()),
  })
  const pipelineOf = (url: string): Pipeline => {
    let pipeline = pipelines.get(url)
    if (pipeline === undefined) pipelines.set(url, (pipeline = pipelineTo(url)))
    return pipeline
  }

  const answer = async (kind: PushKind, request: HttpRequest, send: Send): Promise<HttpResponse> => {
    const { url, headers, signal, timeoutMs } = request
    signal?.throwIfAborted()
    refuseSigned(headers)
    const own = travelling(headers)
    const caller: Caller = {
      send,
      travelling: own.headers,
      identity: `${url}\n${own.identity}`,
      ...(signal && { signal }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(onPart && { onPart }),
    }
    try {
      return responseOf(await pipelineOf(url).push(pushOf(kind, request), caller))
    } catch (error) {
      const refused = signal?.aborted ? undefined : refusal(error, request)
      if (refused === undefined) throw error
      return refused
    }
  }
  return {
    push(request, send) {
      const kind = recognise(request)
      return kind === undefined ? send(request) : answer(kind, request, send)
    },
  }
}

function pushOf(kind: PushKind, { url, headers, body }: HttpRequest): Push {
  const content = judgeContent(kind, headers['content-type'], headers['content-encoding'])
  if (body.length > maxPushBytes) throw tooLarge(maxPushBytes)
  return {
    kind,
    path: pathOf(url),
    headers,
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    client: '',
    ...content,
    // The program holds the body already; what it unpacks to is bounded for each push.
    reserve: () => true,
  }
}

/** The library's pushes all bring their own way to send. */
const neverAlone: Send = () => Promise.reject(new SluiceError('INTERNAL', 'a part without its caller’s way to send'))
