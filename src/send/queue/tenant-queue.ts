// All that one tenant has under way at one endpoint for one signal: its lanes, and what they share. While attempts fail,
// one lane asks for all of them.

import type { QueueSettings } from '../../config/queue-settings.ts'
import type { PartAnswer } from '../../tenancy/merge-answers.ts'
import type { Lane, Shipment } from '../lane.ts'
import type { Queue } from '../store/key.ts'
import type { Store } from '../store/store.ts'
import type { Entry } from './agenda.ts'
import { Backoff } from './backoff.ts'
import { shallRepeat } from './delivery.ts'
import type { LaneHost, QueueDropReason } from './lane-host.ts'
import { LaneSet, mostLanes, setsOf } from './lane-set.ts'
import type { QueuedPart } from './open-batch.ts'
import { type LaneBounds, Pace } from './pace.ts'
import type { QueueContext } from './queue-context.ts'
import { type Errand, type JobHost, QueueJob } from './queue-job.ts'
import type { QueueLane } from './queue-lane.ts'
import type { QueueMetrics } from './queue-metrics.ts'
import { Ticket } from './ticket.ts'

export class TenantQueue implements LaneHost, JobHost, Entry {
  readonly tenant: string
  slot: Entry['slot']
  isPaused: boolean
  storeError: unknown
  /** Samples that it gave up: refused for good, or too old. */
  dropped = 0
  #context: QueueContext
  #lane: Lane | undefined
  #settings: QueueSettings | undefined
  readonly #backoff = new Backoff()
  #pace: Pace | undefined
  /** The first one sends, the last one takes what comes: mostly they are the same. */
  #sets: LaneSet[]

  constructor(tenant: string, context: QueueContext) {
    this.tenant = tenant
    this.#context = context
    const { store } = context
    this.isPaused = store.isPaused(this.queue)
    this.#sets = setsOf(store.stats(this.queue).lanes).map(({ shape, stored }) => new LaneSet(shape, stored, this))
    if (this.#sets.length === 0) this.#sets = [new LaneSet({ epoch: 0, size: this.#bounds.min }, [], this)]
  }

  get queue(): Queue {
    const { endpoint, signal } = this.#context
    return { endpoint, signal, tenant: this.tenant }
  }

  get store(): Store {
    return this.#context.store
  }

  get now(): () => number {
    return this.#context.now
  }

  get wallClock(): () => number {
    return this.#context.wallClock
  }

  get settings(): QueueSettings {
    if (this.#settings === undefined) {
      const { settings } = this.#context.uplink
      const { queue } = this.lane.target
      this.#settings = queue === undefined ? settings : { ...settings, ...queue }
    }
    return this.#settings
  }

  get metrics(): QueueMetrics {
    return this.#context.uplink.metrics
  }

  get timeoutMs(): number {
    return this.lane.target.timeoutMs
  }

  /** The way upstream of the present generation. */
  get lane(): Lane {
    // What has something stored has its lane, however many others there are.
    this.#lane ??= this.#context.uplink.lanes.open(this.tenant, true)
    return this.#lane
  }

  /** Lanes that take what comes: a series goes to the one that its labels' hash names, modulo this. */
  get shards(): number {
    return this.#newest.lanes.length
  }

  /** Lanes that would be enough, limits aside. */
  get shardsDesired(): number {
    return this.#pace?.desired(this.now(), this.shards) ?? this.shards
  }

  /** Nothing is in memory, nothing is stored, nothing is out. */
  get isIdle(): boolean {
    return this.#sets.every((set) => set.isIdle)
  }

  get laneCapacity(): number {
    return (this.settings.capacity * this.#bounds.max) / this.shards
  }

  get isBusy(): boolean {
    return this.#lanes.some((lane) => lane.isBusy)
  }

  get isStoring(): boolean {
    return this.#lanes.some((lane) => lane.isStoring)
  }

  get isBehind(): boolean {
    if (this.#backoff.isFailing || this.isPaused || this.#context.isStopping) return true
    for (const lane of this.#lanes) if (lane.isBehind) return true
    return false
  }

  /** Upstream is to be left alone: what nobody stores had better not be sent. */
  get isTroubled(): boolean {
    return this.isPaused || this.#backoff.isFailing
  }

  /** Number of lanes. */
  get lanes(): number {
    return this.#lanes.length
  }

  /** Samples in memory. */
  get samples(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.samples, 0)
  }

  get trouble(): LaneHost['trouble'] {
    if (this.isPaused) return { text: 'the tenant is paused', waitMs: 0 }
    if (!this.#backoff.isFailing) {
      const { rateLimitedForMs, outForMs } = this
      if (rateLimitedForMs > 0) return { text: 'the tenant is over its rate limit', waitMs: rateLimitedForMs }
      if (outForMs < 1000) return { text: 'the tenant is behind', waitMs: 0 }
      return { text: `a request is out for ${Math.floor(outForMs / 1000)} s`, waitMs: 0 }
    }
    const waitMs = Math.max(0, this.#backoff.until - this.now())
    return { text: `the last attempt failed: ${this.lane.lastError ?? ''}`, waitMs }
  }

  /** For how long its oldest request is out, in ms; 0: none is. */
  get outForMs(): number {
    const now = this.now()
    return Math.max(0, ...this.#lanes.map(({ outSince = now }) => now - outSince))
  }

  /** For how long its rate limit lets nothing go, in ms. */
  get rateLimitedForMs(): number {
    return Math.max(0, this.lane.rateLimitedUntil - this.now())
  }

  /**
   * `parts`: what a push has for each of the `shards` lanes, by the lane's place; undefined for none. Settles when all
   * of it is delivered, refused for good, or stored; never rejects.
   */
  add(parts: readonly (QueuedPart | undefined)[]): Promise<PartAnswer> {
    return new Promise((resolve) => {
      let series = 0
      for (const part of parts) series += part?.series ?? 0
      const ticket = new Ticket(series, resolve)
      const { lanes } = this.#newest
      let isNews = false
      for (let place = 0; place < parts.length; place++) {
        const part = parts[place]
        if (part !== undefined && lanes[place]!.add(part, ticket)) isNews = true
      }
      if (isNews) this.#schedule()
    })
  }

  wake(now: number): void {
    for (const lane of this.#lanes) lane.wake(now)
    this.#schedule()
  }

  isHeld(asking: object): boolean {
    const { isStopping, now } = this.#context
    if (this.isPaused || isStopping || this.#heldUntil > now()) return true
    if (this.#sets.length > 1 && !this.#sets[0]!.lanes.some((lane) => lane === asking)) return true
    return this.#backoff.isFailing && this.#lanes.some((lane) => lane !== asking && lane.isBusy)
  }

  send(errand: Errand): QueueJob {
    const { uplink } = this.#context
    const job = new QueueJob(this.lane, uplink, this, errand)
    uplink.enter()
    uplink.scheduler.run(job)
    return job
  }

  sends(shipment: Shipment, { lane }: QueueJob): Shipment {
    lane.spend(shipment.samples)
    if ('user-agent' in shipment.travelling) return shipment
    return { ...shipment, travelling: { ...shipment.travelling, 'user-agent': this.#context.userAgent } }
  }

  ended({ sent, sentAt, errand, lane, uplink }: QueueJob, answer: PartAnswer | undefined, error: unknown): void {
    const { settings } = this
    const { now, random } = this.#context
    const isRepeated = answer !== undefined && shallRepeat(answer, settings.retryOnHttp429)
    if (sent !== undefined) {
      const ms = now() - sentAt
      uplink.metrics.attempted(sent.samples, sent.body.length, ms, isRepeated)
      this.#pace ??= new Pace()
      this.#pace.note(ms, { strained: errand.isStrained(sentAt), failed: isRepeated })
    }
    if (error !== undefined) lane.stumbled(error)
    if (error !== undefined || isRepeated) {
      this.#backoff.failed(now(), settings, answer?.retryAfter, random())
    } else if (answer !== undefined) {
      this.#backoff.succeeded()
    }
  }

  changed(): void {
    this.#adjust()
    for (const lane of this.#lanes) lane.pump()
    this.#schedule()
    this.#context.onChanged()
  }

  onStoreRefused(error: unknown): void {
    this.storeError = error
  }

  onDropped(reason: QueueDropReason, series: number, samples: number): void {
    this.dropped += samples
    this.metrics.dropped(this.tenant, reason, samples)
    this.#context.onDropped(this.tenant, reason, series, samples)
  }

  /** Another generation's settings and lane are used from the next request on. */
  reload(context: QueueContext): void {
    this.#context = context
    this.#lane = this.#settings = undefined
    this.wake(this.#context.now())
  }

  /** Tries at once, whatever upstream asked to wait for. */
  hurry(): void {
    this.#backoff.hurry()
    this.changed()
  }

  /** What is stored was dropped there. */
  forgetStored(): void {
    for (const lane of this.#lanes) lane.forgetStored()
    this.changed()
  }

  /** Stores everything that is not settled; nothing is sent any more. */
  stop(): void {
    for (const lane of this.#lanes) lane.stop()
  }

  /** The lanes that take what comes. */
  get #newest(): LaneSet {
    return this.#sets[this.#sets.length - 1]!
  }

  get #lanes(): readonly QueueLane[] {
    return this.#sets.length === 1 ? this.#sets[0]!.lanes : this.#sets.flatMap((set) => set.lanes)
  }

  get #bounds(): LaneBounds {
    const { maxShards, minShards } = this.settings
    const max = Math.max(1, Math.min(maxShards, this.#context.uplink.maxInFlightPerTenant, mostLanes))
    return { min: Math.min(minShards, max), max }
  }

  /** Ends a set that has finished, and begins another where more or fewer lanes are needed. */
  #adjust(): void {
    if (this.#sets.length > 1) {
      if (!this.#sets[0]!.isIdle) return
      this.#sets.shift()
      // After a crash there may be one more.
      if (this.#sets.length > 1) return
    }
    const set = this.#sets[0]!
    const size = this.#pace?.lanes(this.now(), set.lanes.length, this.#bounds) ?? set.lanes.length
    if (size === set.lanes.length) return
    const next = set.next(size, this)
    this.#sets = set.isIdle ? [next] : [set, next]
  }

  get #heldUntil(): number {
    return Math.max(this.#backoff.until, this.lane.rateLimitedUntil)
  }

  #schedule(): void {
    let at = Number.POSITIVE_INFINITY
    let hasWork = false
    for (const lane of this.#lanes) {
      at = Math.min(at, lane.wakeAt())
      hasWork ||= lane.hasWork && !lane.isBusy
    }
    const heldUntil = hasWork ? this.#heldUntil : 0
    if (heldUntil > this.#context.now()) at = Math.min(at, heldUntil)
    this.#context.schedule(this, at)
  }
}
