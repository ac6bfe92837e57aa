// The queues of one endpoint and signal: made at a tenant's first part and, at the start, for every tenant that has
// something stored. They outlive a reload of settings, which gives them another way upstream.

import type { Signal } from '../lane-metrics.ts'
import { matchesQueue, type QueueFilter } from '../store/queue-filter.ts'
import type { Store } from '../store/store.ts'
import { Agenda } from './agenda.ts'
import type { QueueContext } from './queue-context.ts'
import { TenantQueue } from './tenant-queue.ts'
import type { Uplink } from './uplink.ts'

export interface TenantQueuesOptions {
  /** Stable id of the endpoint: part of the keys in the store. */
  readonly endpoint: string
  readonly signal: Signal
  readonly store: Store
  /** Time in ms that never goes back. */
  readonly now: () => number
  readonly wallClock: () => number
  readonly userAgent: string
  /** At least 0, below 1; default Math.random. */
  readonly random?: () => number
  /** Told of what upstream refused for good, or what became too old. */
  readonly onDropped?: QueueContext['onDropped']
}

export class TenantQueues {
  readonly endpoint: string
  readonly #options: TenantQueuesOptions
  readonly #agenda: Agenda
  readonly #queues = new Map<string, TenantQueue>()
  #context: QueueContext | undefined
  #isStopping = false
  #watchers: (() => void)[] = []

  constructor(options: TenantQueuesOptions) {
    this.endpoint = options.endpoint
    this.#options = options
    this.#agenda = new Agenda(options.now)
  }

  get size(): number {
    return this.#queues.size
  }

  [Symbol.iterator](): IterableIterator<TenantQueue> {
    return this.#queues.values()
  }

  get(tenant: string): TenantQueue | undefined {
    return this.#queues.get(tenant)
  }

  /** Sends by this uplink from now on; at the first call, what is stored of earlier runs too. */
  use(uplink: Uplink): void {
    const isFirst = this.#context === undefined
    const context = this.#contextWith(uplink)
    this.#context = context
    for (const queue of [...this.#queues.values()]) {
      // As its lane, an idle one is made anew at its next part.
      if (queue.isIdle) this.forget(queue.tenant)
      else queue.reload(context)
    }
    if (!isFirst) return
    const { store, endpoint, signal } = this.#options
    for (const { queue } of store.list()) {
      if (queue.endpoint === endpoint && queue.signal === signal) this.of(queue.tenant).wake(context.now())
    }
  }

  /** The tenant's queue, made if need be: its lane exists. */
  of(tenant: string): TenantQueue {
    let queue = this.#queues.get(tenant)
    if (queue === undefined) {
      queue = new TenantQueue(tenant, this.#context!)
      this.#queues.set(tenant, queue)
    }
    return queue
  }

  /** The tenant has data under way or stored: its lane must stay. */
  readonly needs = (tenant: string): boolean => {
    const queue = this.#queues.get(tenant)
    return queue !== undefined && !queue.isIdle
  }

  /** The tenant's lane is gone, since nothing needs it. */
  forget(tenant: string): void {
    const queue = this.#queues.get(tenant)
    if (queue === undefined) return
    this.#agenda.set(queue, Number.POSITIVE_INFINITY)
    this.#queues.delete(tenant)
  }

  /** The store's pauses have changed for these queues. */
  pausesChanged(filter: QueueFilter): void {
    for (const queue of this.#matching(filter)) {
      queue.isPaused = this.#options.store.isPaused(queue.queue)
      queue.changed()
    }
  }

  /** What these queues had stored was dropped. */
  dropped(filter: QueueFilter): void {
    for (const queue of this.#matching(filter)) queue.forgetStored()
  }

  /** These queues try at once, whatever upstream asked to wait for. Returns how many. */
  hurry(filter: QueueFilter): number {
    const queues = this.#matching(filter)
    for (const queue of queues) queue.hurry()
    return queues.length
  }

  /** Waits, at most `withinMs`, for all to be sent, but for tenants that upstream takes nothing of at the moment. */
  drain(withinMs: number): Promise<void> {
    return this.#until((queue) => queue.isIdle || queue.isTroubled, withinMs)
  }

  /**
   * Stores everything that is not settled, what is out included; then waits, at most `withinMs`, for the answers to
   * what is out. Nothing begins to be sent any more.
   */
  async stop(withinMs: number): Promise<void> {
    this.#isStopping = true
    for (const queue of this.#queues.values()) queue.stop()
    await this.#until((queue) => !queue.isBusy && !queue.isStoring, withinMs)
  }

  /** Stops the timer. */
  close(): void {
    this.#agenda.close()
  }

  /** Wakes all whose time has come. Called by a timer. */
  tick(): void {
    this.#agenda.tick()
  }

  #matching(filter: QueueFilter): TenantQueue[] {
    const queue = this.#queues.get(filter.tenant)
    return queue !== undefined && matchesQueue(filter, queue.queue) ? [queue] : []
  }

  #contextWith(uplink: Uplink): QueueContext {
    const { random = Math.random, onDropped = () => undefined, ...options } = this.#options
    const queues = this
    return {
      ...options,
      random,
      uplink,
      get isStopping() {
        return queues.#isStopping
      },
      schedule: (queue, at) => this.#agenda.set(queue, at),
      onChanged: () => {
        for (const watcher of this.#watchers) watcher()
      },
      onDropped,
    }
  }

  /** Resolves when it is true of all queues, or after `withinMs`. */
  #until(isTrue: (queue: TenantQueue) => boolean, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(), withinMs)
      const done = (): void => {
        clearTimeout(timer)
        this.#watchers = this.#watchers.filter((watcher) => watcher !== look)
        resolve()
      }
      const look = (): void => {
        for (const queue of this.#queues.values()) if (!isTrue(queue)) return
        done()
      }
      this.#watchers.push(look)
      look()
    })
  }
}
