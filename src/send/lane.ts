// One tenant's way upstream at one endpoint: its limits, its counters, and the requests it has out.
// What a lane can't deliver it answers: the sender is told, and repeats.

import { SluiceError } from '../errors.ts'
import type { Meter } from '../telemetry/meter.ts'
import type { PartAnswer } from '../tenancy/merge-answers.ts'
import { codecs, type Protocol } from '../wire/codecs.ts'
import type { Lost } from '../wire/convert/lost.ts'
import type { HttpRequest, HttpResponse, Send } from '../wire/message.ts'
import { common, type Written } from '../wire/v2/written.ts'
import { AbortableJob } from './abortable-job.ts'
import { confirmed } from './confirmed.ts'
import { type ConvertedBody, converted } from './converted.ts'
import { type Ended, type Forms, wantedOf } from './forms.ts'
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
  /** What its upstreams take. */
  readonly forms: Forms
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
  /** Compressed. */
  readonly body: Uint8Array
  /** What it is written in. */
  readonly protocol: Protocol
  readonly samples: number
  /** What it holds, where somebody is told what of it was written. */
  readonly written?: Written | undefined
  /** Headers of the push that travel with it; names in lower case. */
  readonly travelling: Readonly<Record<string, string>>
  readonly carrier?: Carrier
}

/** How one request ended. */
interface Reply extends Ended {
  readonly error: unknown
  /** What its body had lost in the other form. */
  readonly lost: Readonly<Lost> | undefined
  readonly isSent: boolean
}

/** A body in the form that it goes in, or why there is none; neither where nothing is left of it. */
interface Made extends Partial<ConvertedBody> {
  readonly error?: unknown
}

const noBody = new Uint8Array(0)
const keptText = 1024
const versions = { 'remote-write-1': '0.1.0', 'remote-write-2': '2.0.0', loki: '0.1.0' } as const

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
  readonly #context: LaneContext
  #lastTravelling: Shipment['travelling'] | undefined
  #lastForm: Protocol | undefined
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
    const { rateLimit } = target
    this.#bucket = rateLimit.samplesPerSecond > 0 ? new TokenBucket(rateLimit, this.lastUsed) : undefined
    this.#metrics = new LaneMetrics(tenant, context.signal, context.meter)
  }

  /** Nothing is out and nothing waits. */
  get isIdle(): boolean {
    return this.turn.inFlight === 0 && this.turn.waiting === 0
  }

  /** Attempts by how they ended. */
  get requests(): Record<CodeClass, number> {
    return this.#metrics.requests
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

  /**
   * Sends now, to be answered before `end`; called with a slot held. What upstream does not take in one form of remote
   * write goes at once in the other. Calls `settled` once, later.
   */
  attempt(shipment: Shipment, end: number, settled: (answer: PartAnswer) => void): void {
    const { forms } = this.#context
    const { url, protobufMessage } = this.target
    const wanted = wantedOf(shipment.protocol, protobufMessage)
    this.#request(shipment, forms.first(url, wanted), end, (first) => {
      const other = first.isSent ? forms.second(url, wanted, first) : undefined
      if (other === undefined) {
        settled(this.#judged(shipment, first))
        return
      }
      this.#metrics.changedForm()
      this.#request(shipment, other, end, (again) => {
        // What was not sent shows nothing of upstream: of a refusal, the refusal stands.
        const reply = again.isSent ? forms.judge(url, first, again) : first.response!.status === 400 ? first : again
        settled(this.#judged(shipment, reply))
      })
    })
  }

  #request(shipment: Shipment, form: Protocol, end: number, ended: (reply: Reply) => void): void {
    const { now } = this.#context
    const started = now()
    const { body, lost, error }: Made = form === shipment.protocol ? shipment : inForm(shipment.body, form)
    if (body === undefined) {
      const response = error === undefined ? nothingToSend : unfit(error)
      queueMicrotask(() => ended({ form, response, error, lost, isSent: false }))
      return
    }
    this.#metrics.began(body.length)
    const headers = this.#headersWith(shipment.travelling, form)
    const request = { method: 'POST', url: this.target.url, headers, body, timeoutMs: Math.max(1, end - started) }
    const { carrier } = shipment
    const sent =
      carrier === undefined
        ? this.#send(this.target.send ?? this.#context.send, request)
        : this.#sendBy(carrier, request)
    void sent.then(
      (response) => {
        const codeClass = classOf(response.status)
        this.#metrics.answered(response.status, codeClass, now() - started)
        ended({ form, response, error: undefined, lost, isSent: true })
      },
      (error: unknown) => {
        this.#metrics.broke(now() - started)
        ended({ form, response: undefined, error, lost, isSent: true })
      },
    )
  }

  #judged(shipment: Shipment, reply: Reply): PartAnswer {
    const { response, error } = reply
    const isOwn = shipment.carrier !== undefined
    if (response === undefined) {
      const answer = this.#failed(error, shipment.samples)
      return isOwn ? { ...answer, error } : answer
    }
    const answer = this.#answered(response, shipment, reply)
    return isOwn ? { ...answer, response } : answer
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

  /** What settings say, the protocol, and the tenant above all, stands whatever came with the push. */
  #headersWith(travelling: Shipment['travelling'], form: Protocol): Readonly<Record<string, string>> {
    // Pushes of one sender mostly carry the same object, and then so do the requests made of them.
    if (travelling === this.#lastTravelling && form === this.#lastForm) return this.#lastHeaders
    const { tenantHeader, unsaidTenant } = this.#context
    const headers: Record<string, string> = {
      ...this.target.headers,
      'content-encoding': 'snappy',
      'content-type': codecs[form].contentType,
      'x-prometheus-remote-write-version': versions[form],
    }
    if (tenantHeader !== '' && this.tenant !== unsaidTenant) headers[tenantHeader.toLowerCase()] = this.tenant
    for (const name in travelling) headers[name] ??= travelling[name]!
    this.#lastTravelling = travelling
    this.#lastForm = form
    this.#lastHeaders = headers
    return headers
  }

  #answered(response: HttpResponse, shipment: Shipment, { form, lost }: Reply): PartAnswer {
    const { status, headers, body } = response
    const { samples, written: all } = shipment
    const codeClass = classOf(status)
    this.lastStatus = status
    const { tenant } = this
    const contentType = headers['content-type']
    const isTaken = codeClass === '2xx'
    const said = form === 'remote-write-2' ? confirmed(headers) : undefined
    const taken = isTaken && all !== undefined ? less(all, lost) : undefined
    // More than there was would be a lie, and a sender that subtracts it from what it sent has no use for that.
    const written = said === undefined || all === undefined ? taken : common(said, all)
    const told = written !== undefined && { written }
    const carried = samples - (lost?.customHistograms ?? 0)
    const delivered = said === undefined ? (isTaken ? carried : 0) : Math.min(carried, said.samples + said.histograms)
    this.delivered += delivered
    this.#metrics.delivered(delivered)
    if (isTaken) {
      if (delivered < carried) this.#metrics.lost(carried - delivered, 'unconfirmed')
      if (lost !== undefined) this.#metrics.couldNotCarry(lost)
      this.failingSince = undefined
      const unsent = all !== undefined && lost !== undefined && lost.customHistograms > 0
      const isShort = unsent && { unsent: lost.customHistograms, unsentOf: lost.customOf }
      return { tenant, status, answered: true, text: '', body, contentType, retryAfter: undefined, ...told, ...isShort }
    }
    const text = textOf(body)
    const reason = codeClass === '429' ? '429' : `http_${codeClass}`
    this.#lost(samples - delivered, reason, true, `${status} ${text}`.trim())
    const retryAfter = parseRetryAfter(headers['retry-after'], this.#context.wallClock())
    return { tenant, status, answered: true, text, body: noBody, contentType, retryAfter, ...told }
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

/** What upstream is taken to have answered where a part has nothing that it could be sent. */
const nothingToSend: HttpResponse = { status: 204, headers: {}, body: noBody }

/** A body that can't be had in the other form never can. */
function unfit(error: unknown): HttpResponse | undefined {
  if (!(error instanceof SluiceError)) return undefined
  return { status: error.status, headers: {}, body: Buffer.from(error.message) }
}

function inForm(packed: Uint8Array, form: Protocol): Made {
  try {
    return converted(packed, form)
  } catch (error) {
    return { error }
  }
}

/** Histograms that 1.0 doesn't know are not written by whoever takes the rest. */
function less(all: Written, lost: Lost | undefined): Written {
  return lost === undefined ? all : { ...all, histograms: all.histograms - lost.customHistograms }
}

function textOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, keptText)).toString('utf8').trim()
}
