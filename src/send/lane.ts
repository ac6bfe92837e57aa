// One tenant's way upstream at one endpoint: its limits, its counters, and the requests it has out.
// What a lane can't deliver it answers: the sender is told, and repeats.

import { SluiceError } from '../errors.ts'
import type { Meter, Tally } from '../telemetry/meter.ts'
import { effectiveStatus, type PartAnswer } from '../tenancy/merge-answers.ts'
import type { HttpResponse, Send } from '../wire/message.ts'
import { TokenBucket } from './rate-limit.ts'
import { parseRetryAfter } from './retry-after.ts'
import { type Job, type Scheduler, Turn } from './scheduler.ts'
import type { Target } from './target.ts'

/** What all lanes of an endpoint share. */
export interface LaneContext {
  readonly signal: 'metrics' | 'logs'
  readonly tenantHeader: string
  readonly send: Send
  readonly scheduler: Scheduler
  readonly meter: Meter
  /** Time in ms that never goes back. */
  readonly now: () => number
  /** Wall clock in ms since 1970. */
  readonly wallClock: () => number
  readonly maxInFlightPerTenant: number
  /** Told of each attempt that did not succeed; `answered`: upstream said so itself. */
  readonly onFailure?: (tenant: string, answered: boolean, text: string) => void
}

/** A body ready to go. */
export interface Shipment {
  readonly body: Uint8Array
  readonly samples: number
  /** Headers of the push that travel with it (User-Agent, Retry-Attempt, traceparent); names in lower case. */
  readonly travelling: Readonly<Record<string, string>>
}

const classes = ['2xx', '3xx', '4xx', '429', '5xx', 'error'] as const
export type CodeClass = (typeof classes)[number]

const noBody = new Uint8Array(0)
const keptText = 1024

export class Lane {
  readonly tenant: string
  readonly target: Target
  readonly turn: Turn
  /** Monotonic time of the last part. */
  lastUsed: number
  /** Wall-clock times, for people. */
  lastSeen: number
  failingSince: number | undefined
  lastStatus: number | undefined
  lastError: string | undefined
  delivered = 0
  readonly requests: Record<CodeClass, number> = { '2xx': 0, '3xx': 0, '4xx': 0, '429': 0, '5xx': 0, error: 0 }
  readonly #context: LaneContext
  readonly #headers: Readonly<Record<string, string>>
  readonly #bucket: TokenBucket | undefined
  readonly #samples: Tally
  readonly #ctRequests: Tally
  readonly #byClass = new Map<CodeClass, Tally>()

  constructor(tenant: string, target: Target, context: LaneContext) {
    this.tenant = tenant
    this.target = target
    this.#context = context
    this.turn = new Turn(context.maxInFlightPerTenant > 0 ? context.maxInFlightPerTenant : Number.POSITIVE_INFINITY)
    this.lastUsed = context.now()
    this.lastSeen = context.wallClock()
    this.#headers = { ...target.headers, [context.tenantHeader.toLowerCase()]: tenant }
    const { rateLimit } = target
    this.#bucket = rateLimit.samplesPerSecond > 0 ? new TokenBucket(rateLimit, this.lastUsed) : undefined
    const { meter, signal } = context
    this.#samples = meter.tally('sluice_tenant_samples_total', { tenant, signal })
    this.#ctRequests = meter.tally(`cortex_tenant_${ctNoun[signal]}_requests`, { tenant })
  }

  /** Nothing is out and nothing waits. */
  get isIdle(): boolean {
    return this.turn.inFlight === 0 && this.turn.waiting === 0
  }

  /** Sends one part when its turn comes. Never rejects: a failure is an answer. */
  deliver(shipment: Shipment): Promise<PartAnswer> {
    const now = this.#context.now()
    this.lastUsed = now
    this.lastSeen = this.#context.wallClock()
    const wait = this.#bucket?.take(shipment.samples, now) ?? 0
    if (wait > 0) return Promise.resolve(this.#limited(wait))
    return new Promise((resolve) => {
      this.#context.scheduler.run(
        new PartJob(this, shipment, now + this.target.timeoutMs, resolve, this.#context.scheduler),
      )
    })
  }

  /** Sends now; called with a slot held. */
  async attempt(shipment: Shipment, deadline: number): Promise<PartAnswer> {
    const { send, now } = this.#context
    const started = now()
    this.#ctRequests.value++
    try {
      const response = await send({
        method: 'POST',
        url: this.target.url,
        headers: { ...this.#headers, ...shipment.travelling },
        body: shipment.body,
        timeoutMs: Math.max(1, deadline - started),
      })
      return this.#answered(response, shipment.samples, now() - started)
    } catch (error) {
      return this.#broken(error, shipment.samples, now() - started)
    }
  }

  /** The part's turn did not come in time. */
  expired(shipment: Shipment): PartAnswer {
    const text = `no free upstream connection within ${this.target.timeoutMs} ms`
    return this.#failed(new SluiceError('UPSTREAM_TIMEOUT', text), shipment.samples)
  }

  #answered(response: HttpResponse, samples: number, ms: number): PartAnswer {
    const { status, headers, body } = response
    const { signal, meter, wallClock } = this.#context
    const codeClass = classOf(status)
    this.#count(codeClass)
    meter.distribution('sluice_upstream_request_duration_seconds', { signal, code_class: codeClass }).observe(ms / 1000)
    meter
      .distribution(`cortex_tenant_${ctNoun[signal]}_request_duration_milliseconds`, {
        code: String(status),
        tenant: this.tenant,
      })
      .observe(ms)
    this.lastStatus = status
    const success = status >= 200 && status < 300
    const text = success ? '' : textOf(body)
    if (success) {
      this.delivered += samples
      this.#samples.value += samples
      this.failingSince = undefined
    } else {
      this.#loss(samples, codeClass === '429' ? '429' : `http_${codeClass}`, true, `${status} ${text}`.trim())
    }
    return {
      tenant: this.tenant,
      status,
      answered: true,
      text,
      body,
      contentType: headers['content-type'],
      retryAfter: success ? undefined : parseRetryAfter(headers['retry-after'], wallClock()),
    }
  }

  #broken(error: unknown, samples: number, ms: number): PartAnswer {
    const { signal, meter } = this.#context
    this.#count('error')
    meter.tally(`cortex_tenant_${ctNoun[signal]}_request_errors`, { tenant: this.tenant }).value++
    meter.distribution('sluice_upstream_request_duration_seconds', { signal, code_class: 'error' }).observe(ms / 1000)
    return this.#failed(error, samples)
  }

  #failed(error: unknown, samples: number): PartAnswer {
    const timeout = error instanceof SluiceError && error.code === 'UPSTREAM_TIMEOUT'
    const text = error instanceof Error ? error.message : String(error)
    this.lastStatus = undefined
    this.#loss(samples, timeout ? 'timeout' : 'transport', false, text)
    return {
      tenant: this.tenant,
      status: timeout ? 504 : 503,
      answered: false,
      text,
      body: noBody,
      contentType: undefined,
      retryAfter: undefined,
    }
  }

  #limited(wait: number): PartAnswer {
    const { samplesPerSecond } = this.target.rateLimit
    this.#context.meter.tally('sluice_rate_limited_total', { tenant: this.tenant }).value++
    return {
      tenant: this.tenant,
      status: 429,
      answered: false,
      text: `over the rate limit of ${samplesPerSecond} samples/s (tenancy.rate_limit)`,
      body: noBody,
      contentType: undefined,
      retryAfter: wait,
    }
  }

  #loss(samples: number, reason: string, answered: boolean, error: string): void {
    const { meter, signal, wallClock } = this.#context
    meter.tally('sluice_tenant_samples_failed_total', { tenant: this.tenant, signal, reason }).value += samples
    this.lastError = error.slice(0, keptText)
    this.failingSince ??= wallClock()
    this.#context.onFailure?.(this.tenant, answered, error)
  }

  #count(codeClass: CodeClass): void {
    this.requests[codeClass]++
    let tally = this.#byClass.get(codeClass)
    if (tally === undefined) {
      const { meter, signal } = this.#context
      const labels = { tenant: this.tenant, signal, code_class: codeClass }
      tally = meter.tally('sluice_tenant_requests_total', labels)
      this.#byClass.set(codeClass, tally)
    }
    tally.value++
  }
}

const ctNoun = { metrics: 'timeseries', logs: 'streams' } as const

/** A part on its way through the scheduler. */
class PartJob implements Job {
  readonly turn: Turn
  readonly deadline: number
  startedAt = 0
  isSlow = false
  next: Job | undefined = undefined
  previous: Job | undefined = undefined
  readonly #lane: Lane
  readonly #shipment: Shipment
  readonly #resolve: (answer: PartAnswer) => void
  readonly #scheduler: Scheduler

  constructor(
    lane: Lane,
    shipment: Shipment,
    deadline: number,
    resolve: (answer: PartAnswer) => void,
    scheduler: Scheduler,
  ) {
    this.turn = lane.turn
    this.deadline = deadline
    this.#lane = lane
    this.#shipment = shipment
    this.#resolve = resolve
    this.#scheduler = scheduler
  }

  start(): void {
    void this.#lane.attempt(this.#shipment, this.deadline).then((answer) => {
      const status = effectiveStatus(answer)
      this.#resolve(answer)
      this.#scheduler.done(this, status >= 500 || status === 429)
    })
  }

  expire(): void {
    this.#resolve(this.#lane.expired(this.#shipment))
  }
}

function classOf(status: number): CodeClass {
  if (status === 429) return '429'
  if (status < 300) return '2xx'
  if (status < 400) return '3xx'
  return status < 500 ? '4xx' : '5xx'
}

function textOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, keptText)).toString('utf8').trim()
}
