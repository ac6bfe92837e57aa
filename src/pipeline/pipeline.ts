// One push from end to end: read, split, send each tenant its part, merge the answers.
// Settings come in generations: a push finishes under the one it began with.

import { SluiceError } from '../errors.ts'
import type { Answer, Push } from '../receive/push.ts'
import { Memory } from '../send/remember.ts'
import type { Store } from '../send/store/store.ts'
import { mergeAnswers, type PartAnswer, writtenBy } from '../tenancy/merge-answers.ts'
import { Families } from '../tenancy/metadata.ts'
import type { Written } from '../wire/v2/written.ts'
import { BigBodies } from './big-bodies.ts'
import { type Caller, heldCarrier, untilAborted } from './caller.ts'
import { type DispatchContext, dispatch, dispatchGiven } from './dispatch.ts'
import { Generation } from './generation.ts'
import type { GivenBatch, Settled } from './given-batch.ts'
import { type MetadataDelivery, releaseHeld } from './metadata-delivery.ts'
import { MetadataUnderWay } from './metadata-under-way.ts'
import { keyOf, keyOfBatch } from './push-headers.ts'
import { type EndpointIds, type QueueDropped, Queues } from './queues.ts'
import type { Reporter } from './report.ts'
import type { PipelineSettings } from './settings.ts'

export interface PipelineOptions extends Reporter {
  /** Sent upstream where neither settings nor the sender give one. */
  readonly userAgent: string
  /** Where queues store; needed where settings have a queue. Whoever opened it closes it, after the pipeline. */
  readonly store?: Store
  /** Ids of its endpoints in the store and in metrics; default: the proxy's. */
  readonly endpointIds?: EndpointIds
  /** Time in ms that never goes back; default performance.now. */
  readonly now?: () => number
  /** Wall clock in ms since 1970; default Date.now. */
  readonly wallClock?: () => number
  /** Told of what queues gave up. */
  readonly onQueueDropped?: (dropped: QueueDropped) => void
  /** Spreads retries: at least 0, below 1; default Math.random. */
  readonly random?: () => number
  /** Shared with other pipelines. Pushes of equal bytes and identity must be the same for all; default: one of its own. */
  readonly memory?: Memory
}

const housekeepingMs = 1000
let pipelines = 0

export class Pipeline {
  readonly families: Families = new Families()
  readonly #metadata = new MetadataUnderWay()
  /** There where the pipeline has a store. */
  readonly queues: Queues | undefined
  readonly #options: PipelineOptions
  /** Where a memory is shared, batches are known by it: another pipeline may send the same elsewhere. */
  readonly #name: string = `pipeline ${++pipelines}`
  readonly #now: () => number
  readonly #memory: Memory
  #current: Generation
  /** Tenants of earlier generations, and when they were last used: their metrics go when they don't come back. */
  readonly #departed = new Map<string, number>()
  /** Tenants that were removed since the last look. */
  readonly #removed = new Set<string>()
  readonly #bigBodies = new BigBodies()
  /** How metadata that is held goes: as the newest push did, as long as something is held. */
  #held: Pick<MetadataDelivery, 'travelling' | 'carrier'> | undefined
  readonly #housekeeping: NodeJS.Timeout

  constructor(options: PipelineOptions, settings: PipelineSettings) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#memory = options.memory ?? new Memory({ meter: options.meter, now: this.#now })
    this.queues = options.store && new Queues({ ...options, now: this.#now, store: options.store })
    this.#current = this.#generation(1, settings)
    if (this.queues !== undefined) this.#current.takeQueues(this.queues)
    this.#housekeeping = keepHouseOf(new WeakRef(this))
  }

  get current(): Generation {
    return this.#current
  }

  /** Swaps settings. `retireOld` is called once nothing of the old generation is under way. */
  reload(settings: PipelineSettings, retireOld: () => void): void {
    const old = this.#current
    this.#current = this.#generation(old.number + 1, settings)
    if (this.queues !== undefined) this.#current.takeQueues(this.queues)
    for (const { lanes } of [old.metrics, old.logs]) {
      for (const { tenant, lastUsed } of lanes) {
        this.#departed.set(tenant, Math.max(lastUsed, this.#departed.get(tenant) ?? lastUsed))
      }
    }
    old.retire(retireOld)
  }

  /**
   * Answers one push. Rejects with SluiceError where the request as a whole is refused; with the reason of the caller's
   * signal once that is aborted.
   */
  async push(push: Push, caller?: Caller): Promise<Answer> {
    const generation = this.#current
    generation.enter()
    if (caller !== undefined) this.#held = { travelling: caller.travelling, carrier: heldCarrier(caller) }
    try {
      const turn = this.#bigBodies.turn(push)
      if (turn !== undefined) await turn
      return await this.#answer(generation, push, caller)
    } finally {
      generation.leave()
    }
  }

  /**
   * Sends, refuses or stores a batch. All that needs its bytes has happened when this returns; what the whole is
   * answered with is the giver's to say. Rejects with SluiceError where the batch as a whole is refused.
   */
  async pushBatch(given: GivenBatch): Promise<Settled> {
    const generation = this.#current
    const { codec } = given.batch
    const endpoint = generation[codec.signal]
    const { answered } = given
    const { settings } = endpoint.router
    generation.enter()
    const attempt =
      answered === undefined
        ? this.#memory.once()
        : this.#memory.begin(keyOfBatch(given, settings, `${this.#name}/${generation.number}`))
    try {
      const { sent, rejected } = dispatchGiven(this.#context(generation, undefined), endpoint, given, attempt)
      return { parts: await Promise.all(sent), rejected }
    } finally {
      generation.leave()
      // Other receivers of the batch may fail: only the status of the whole says whether it is repeated.
      const end = (status: number): void => this.#memory.end(attempt, status)
      void answered?.then(end, () => end(500))
    }
  }

  /** Removes what was not used for long, and sends metadata that can go by now. Called every second. */
  keepHouse(): void {
    const { metrics, logs } = this.#current
    metrics.lanes.removeIdle()
    logs.lanes.removeIdle()
    this.#forgetDeparted()
    if (this.#removed.size > 0) this.families.forget(this.#removed, this.#now())
    this.#removed.clear()
    this.#memory.expire()
    this.queues?.watch(this.#now())
    const held = this.#held ?? { travelling: { 'user-agent': this.#options.userAgent } }
    releaseHeld({ ...this.#context(this.#current, undefined), ...held }, metrics)
    if (this.families.held === 0) this.#held = undefined
  }

  /**
   * Stores all that is queued and not settled, and waits at most `withinMs` for the answers to what is out. The store
   * can be closed afterwards; pushes are still taken, and stored, until then.
   */
  async stop(withinMs: number): Promise<void> {
    await this.queues?.stop(withinMs)
  }

  /** Stops the timers. */
  close(): void {
    clearInterval(this.#housekeeping)
    this.queues?.close()
    this.#current.close()
  }

  async #answer(generation: Generation, push: Push, caller: Caller | undefined): Promise<Answer> {
    const { settings } = generation
    const signal = caller?.signal
    signal?.throwIfAborted()
    const endpoint = push.kind === 'loki' ? generation.logs : generation.metrics
    const attempt = this.#memory.begin(keyOf(push, endpoint.router.settings, generation.number, caller?.identity))
    let status = 500
    let isAnswered = false
    try {
      const { sent, rejected, item, contents } = dispatch(this.#context(generation, caller), endpoint, push, attempt)
      const all = Promise.all(sent)
      const answers = await (signal === undefined ? all : untilAborted(all, signal))
      const merged = settings.acceptAll ? answers.map((answer, k) => accepted(answer, contents[k])) : answers
      const { maxRetryAfter } = settings
      const answer = mergeAnswers(merged, rejected, {
        maxRetryAfter,
        item,
        written: push.protocol === 'remote-write-2' ? writtenBy(merged) : undefined,
      })
      status = answer.status
      isAnswered = true
      return answer
    } catch (error) {
      if (error instanceof SluiceError) status = error.status
      throw error
    } finally {
      if (signal?.aborted && !isAnswered) this.#memory.abandon(attempt, signal.reason)
      else this.#memory.end(attempt, status)
    }
  }

  #generation(number: number, settings: PipelineSettings): Generation {
    const { meter, log, wallClock = Date.now } = this.#options
    const onTenantRemoved = (tenant: string): void => {
      if (!this.#current.hasTenant(tenant)) this.#forget(tenant)
    }
    return new Generation(number, {
      settings,
      meter,
      log,
      now: this.#now,
      wallClock,
      onTenantRemoved,
      queues: this.queues,
    })
  }

  #context(generation: Generation, caller: Caller | undefined): DispatchContext {
    const { meter, userAgent } = this.#options
    return {
      settings: generation.settings,
      reporter: this.#options,
      memory: this.#memory,
      families: this.families,
      underWay: this.#metadata,
      meter,
      userAgent,
      caller,
      now: this.#now,
      track: (work) => {
        generation.enter()
        void work.finally(() => generation.leave())
      },
    }
  }

  #forgetDeparted(): void {
    const { metrics, logs } = this.#current.settings
    const idleMs = Math.max(metrics.tenancy.idleTimeoutMs, logs.tenancy.idleTimeoutMs)
    const now = this.#now()
    for (const [tenant, lastUsed] of this.#departed) {
      const isBack = this.#current.hasTenant(tenant)
      if (!isBack && now - lastUsed < idleMs) continue
      this.#departed.delete(tenant)
      if (!isBack) this.#forget(tenant)
    }
  }

  #forget(tenant: string): void {
    const { meter } = this.#options
    meter.tally('sluice_tenants_removed_total').value++
    meter.forgetTenant(tenant)
    this.#removed.add(tenant)
  }
}

/** Every second, for as long as somebody else holds on to the pipeline. */
function keepHouseOf(reference: WeakRef<Pipeline>): NodeJS.Timeout {
  const timer = setInterval(() => {
    const pipeline = reference.deref()
    if (pipeline === undefined) clearInterval(timer)
    else pipeline.keepHouse()
  }, housekeepingMs)
  return timer.unref()
}

/** ct's `accept_all`: whatever became of the part, the sender hears that all of it was taken. */
function accepted(answer: PartAnswer, written: Written | undefined): PartAnswer {
  return { ...answer, status: 204, unsent: 0, ...(written && { written }) }
}
