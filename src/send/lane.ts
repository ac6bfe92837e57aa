// One tenant's way upstream at one endpoint: its limits, its counters, and the requests it has out.
// What a lane can't deliver it answers: the sender is told, and repeats.

import { SluiceError } from '../errors.ts'
import type { Meter } from '../telemetry/meter.ts'
import type { PartAnswer } from '../tenancy/merge-answers.ts'
import type { HttpRequest, HttpResponse, Send } from '../wire/message.ts'
import { AbortableJob } from './abortable-job.ts'
import { type CodeClass, classOf, LaneMetrics, type Signal } from './lane-metrics.ts'
import { PartJob } from './part-job.ts'
import { TokenBucket } from './rate-limit.ts'
import { parseRetryAfter } from './retry-after.ts'
import { type Scheduler, Turn } from './scheduler.ts'
import type { Target } from './target.ts'

/** What all lanes of an endpoint share. */
export interface LaneContext {
  readonly signal: Signal
  /** Carries the tenant's id upstream; '': nothing does. */
  readonly tenantHeader: string
  /** A tenant whose id it does not carry. */
  readonly unsaidTenant?: string
  readonly send: Send
  readonly scheduler: Scheduler
  readonly meter: Meter
  /** Time in ms that never goes back. */
  readonly now: () => number
  /** Wall clock in ms since 1970. */
  readonly wallClock: () => number
  /** 0: no limit of its own. */
  readonly maxInFlightPerTenant: number
  /** Told of each attempt that did not succeed; `answered`: upstream said so itself. */
  readonly onFailure?: (tenant: string, answered: boolean, text: string) => void
}

/** A push's own way to send, in place of the endpoint's. Its answers are handed back whole (`PartAnswer.response`). */
export interface Carrier {
  readonly send: Send
  /** Ends the part, waiting or in flight. */
  readonly signal?: AbortSignal
  /** Time for a part, in ms, where the target has none of its own. */
  readonly timeoutMs?: number
}

/** A body ready to go. */
export interface Shipment {
  readonly body: Uint8Array
  readonly samples: number
  /** Headers of the push that travel with it; names in lower case. */
  readonly travelling: Readonly<Record<string, string>>
  readonly carrier?: Carrier
}

const noBody = new Uint8Array(0)
const keptText = 1024

export class Lane {
  readonly tenant: string
  readonly target: Target
  readonly turn: Turn
  /** Time of the last items received, by `now`. Metadata does not count, or it would keep every tenant for ever. */
  lastUsed: number
  /** The same, and when the failures began, by the wall clock: for people. */
  lastSeen: number
  failingSince: number | undefined
  lastStatus: number | undefined
  lastError: string | undefined
  delivered = 0
  readonly requests: Record<CodeClass, number> = { '2xx': 0, '3xx': 0, '4xx': 0, '429': 0, '5xx': 0, error: 0 }
  readonly #context: LaneContext
  readonly #headers: Readonly<Record<string, string>>
  #lastTravelling: Shipment['travelling'] | undefined
  #lastHeaders: Readonly<Record<string, string>> = {}
  readonly #bucket: TokenBucket | undefined
  readonly #metrics: LaneMetrics

  constructor(tenant: string, target: Target, context: LaneContext) {
    this.tenant = tenant
    this.target = target
    this.#context = context
    this.turn = new Turn(context.maxInFlightPerTenant > 0 ? context.maxInFlightPerTenant : Number.POSITIVE_INFINITY)
    this.lastUsed = context.now()
    this.lastSeen = context.wallClock()
    const { tenantHeader, unsaidTenant } = context
    const isSaid = tenantHeader !== '' && tenant !== unsaidTenant
    this.#headers = isSaid ? { ...target.headers, [tenantHeader.toLowerCase()]: tenant } : target.headers
    const { rateLimit } = target
    this.#bucket = rateLimit.samplesPerSecond > 0 ? new TokenBucket(rateLimit, this.lastUsed) : undefined
    this.#metrics = new LaneMetrics(tenant, context.signal, context.meter)
  }

  /** Nothing is out and nothing waits. */
  get isIdle(): boolean {
    return this.turn.inFlight === 0 && this.turn.waiting === 0
  }

  /** Notes that a push carries this many items (series or streams) for the tenant. */
  receive(items: number): void {
    this.lastUsed = this.#context.now()
    this.lastSeen = this.#context.wallClock()
    this.#metrics.received(items)
  }

  /** Sends one part when its turn comes. Never rejects: a failure is an answer. */
  deliver(shipment: Shipment): Promise<PartAnswer> {
    const now = this.#context.now()
    const wait = this.#bucket?.take(shipment.samples, now) ?? 0
    if (wait > 0) return Promise.resolve(this.#limited(wait))
    const { scheduler } = this.#context
    const { carrier } = shipment
    return new Promise((resolve) => {
      if (carrier === undefined) {
        scheduler.run(new PartJob(this, shipment, now, this.target.timeoutMs, scheduler, resolve))
      } else {
        const own = this.target.timeoutMs
        const timeoutMs = own < Number.POSITIVE_INFINITY ? own : (carrier.timeoutMs ?? own)
        new AbortableJob(this, shipment, now, timeoutMs, scheduler, resolve).enter(carrier.signal)
      }
    })
  }

  /** There was an attempt to be made, but nothing could be sent, and why. */
  stumbled(error: unknown): void {
    this.lastStatus = undefined
    this.#noteFailure(error instanceof Error ? error.message : String(error))
  }

  /** Until then the rate limit lets nothing more go, by `now`. For queues, which delay what is over the limit. */
  get rateLimitedUntil(): number {
    return this.#bucket?.solventAt ?? 0
  }

  /** Counts samples that a queue sends against the rate limit. */
  spend(samples: number): void {
    this.#bucket?.spend(samples, this.#context.now())
  }

  /** Sends now, to be answered before `end`; called with a slot held. Calls `settled` once, later. */
  attempt({ body, samples, travelling, carrier }: Shipment, end: number, settled: (answer: PartAnswer) => void): void {
    const { now } = this.#context
    const started = now()
    this.#metrics.began()
    const headers = this.#headersWith(travelling)
    const request = { method: 'POST', url: this.target.url, headers, body, timeoutMs: Math.max(1, end - started) }
    const sent =
      carrier === undefined
        ? this.#send(this.target.send ?? this.#context.send, request)
        : this.#sendBy(carrier, request)
    void sent.then(
      (response) => {
        const answer = this.#answered(response, samples, now() - started)
        settled(carrier === undefined ? answer : { ...answer, response })
      },
      (error: unknown) => {
        this.requests.error++
        this.#metrics.broke(now() - started)
        const answer = this.#failed(error, samples)
        settled(carrier === undefined ? answer : { ...answer, error })
      },
    )
  }

  /** An `async` function would do, at twice the promises. */
  #send(send: Send, request: HttpRequest): Promise<HttpResponse> {
    try {
      return send(request)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #sendBy({ send, signal }: Carrier, { timeoutMs = Number.POSITIVE_INFINITY, ...request }: HttpRequest) {
    const isBounded = timeoutMs < Number.POSITIVE_INFINITY
    return this.#send(send, { ...request, ...(isBounded && { timeoutMs }), ...(signal && { signal }) })
  }

  /** The part's turn did not come in time. */
  expired(shipment: Shipment, timeoutMs: number): PartAnswer {
    const text = `no free upstream connection within ${timeoutMs} ms`
    return this.#failed(new SluiceError('UPSTREAM_TIMEOUT', text), shipment.samples)
  }

  /** Whoever waited for the part gave up before its turn came. */
  cancelled(shipment: Shipment, reason: unknown): PartAnswer {
    return this.#failed(reason, shipment.samples)
  }

  /** What settings say, and the tenant above all, stands whatever came with the push. */
  #headersWith(travelling: Shipment['travelling']): Readonly<Record<string, string>> {
    // Pushes of one sender mostly carry the same object, and then so do the requests made of them.
    if (travelling === this.#lastTravelling) return this.#lastHeaders
    const headers: Record<string, string> = { ...this.#headers }
    for (const name in travelling) headers[name] ??= travelling[name]!
    this.#lastTravelling = travelling
    this.#lastHeaders = headers
    return headers
  }

  #answered(response: HttpResponse, samples: number, ms: number): PartAnswer {
    const { status, headers, body } = response
    const codeClass = classOf(status)
    this.requests[codeClass]++
    this.#metrics.answered(status, codeClass, ms)
    this.lastStatus = status
    const { tenant } = this
    const contentType = headers['content-type']
    if (codeClass === '2xx') {
      this.delivered += samples
      this.#metrics.delivered(samples)
      this.failingSince = undefined
      return { tenant, status, answered: true, text: '', body, contentType, retryAfter: undefined }
    }
    const text = textOf(body)
    this.#lost(samples, codeClass === '429' ? '429' : `http_${codeClass}`, true, `${status} ${text}`.trim())
    const retryAfter = parseRetryAfter(headers['retry-after'], this.#context.wallClock())
    return { tenant, status, answered: true, text, body: noBody, contentType, retryAfter }
  }

  #failed(error: unknown, samples: number): PartAnswer {
    const timeout = error instanceof SluiceError && error.code === 'UPSTREAM_TIMEOUT'
    const text = error instanceof Error ? error.message : String(error)
    this.lastStatus = undefined
    this.#lost(samples, timeout ? 'timeout' : 'transport', false, text)
    return this.#unanswered(timeout ? 504 : 503, text, undefined)
  }

  #limited(wait: number): PartAnswer {
    this.#metrics.rateLimited()
    const { samplesPerSecond } = this.target.rateLimit
    return this.#unanswered(429, `over the rate limit of ${samplesPerSecond} samples/s (tenancy.rate_limit)`, wait)
  }

  #unanswered(status: number, text: string, retryAfter: number | undefined): PartAnswer {
    return { tenant: this.tenant, status, answered: false, text, body: noBody, contentType: undefined, retryAfter }
  }

  #lost(samples: number, reason: string, answered: boolean, error: string): void {
    this.#metrics.lost(samples, reason)
    this.#noteFailure(error)
    this.#context.onFailure?.(this.tenant, answered, error)
  }

  #noteFailure(text: string): void {
    this.lastError = text.slice(0, keptText)
    this.failingSince ??= this.#context.wallClock()
  }
}

function textOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, keptText)).toString('utf8').trim()
}
