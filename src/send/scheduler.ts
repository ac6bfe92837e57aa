// Shares the connection limit among tenants, so that one that hangs, floods or fails leaves room for the others.
// - Waiting parts are served tenant by tenant in turn, not first come, first served.
// - A tenant alone has the whole limit. Once there are two, a tenant may take a slot only while it holds fewer than
//   are free: whatever some hold, room is left, and it shrinks by halves, never to nothing at once.
// - Tenants in trouble (their last attempt failed, or one is out for longer than `slowMs`) share at most half.

/** A tenant's place in the schedule. Fields are the scheduler's own. */
export class Turn {
  inFlight = 0
  /** Most requests this tenant may have in flight; Infinity for no limit of its own. */
  readonly cap: number
  failing = false
  slow = 0
  waiting = 0
  head: Job | undefined
  tail: Job | undefined
  queued = false
  constructor(cap: number) {
    this.cap = cap
  }
}

/** One part that waits for, or holds, a slot. */
export interface Job {
  readonly turn: Turn
  /** Time by which it must have begun, in ms. */
  readonly deadline: number
  /** A slot is held; `Scheduler.done` must follow. */
  start(): void
  /** The deadline passed before a slot was free. */
  expire(): void
  startedAt: number
  isSlow: boolean
  next: Job | undefined
  previous: Job | undefined
}

export interface SchedulerOptions {
  /** Requests in flight over all tenants. */
  readonly limit: number
  /** Time in ms that never goes back. */
  readonly now: () => number
  /** Number of tenants known; with one, it has the whole limit. */
  readonly tenants: () => number
  /** An attempt out for longer than this marks its tenant as in trouble; default 1000 ms. */
  readonly slowMs?: number
}

export class Scheduler {
  inFlight = 0
  waiting = 0
  readonly limit: number
  readonly #now: () => number
  readonly #tenants: () => number
  readonly #slowMs: number
  #troubledInFlight = 0
  // Two circles of tenants with waiting parts: healthy ones, and those in trouble.
  readonly #healthy: Turn[] = []
  readonly #troubled: Turn[] = []
  // Jobs in flight, oldest first.
  #oldest: Job | undefined
  #newest: Job | undefined
  #sweep: NodeJS.Timeout | undefined

  constructor(options: SchedulerOptions) {
    this.limit = options.limit
    this.#now = options.now
    this.#tenants = options.tenants
    this.#slowMs = options.slowMs ?? 1000
  }

  /** Starts the job now if its tenant has a right to a slot, else when its turn comes or its deadline passes. */
  run(job: Job): void {
    const { turn } = job
    if (turn.waiting === 0 && this.#mayStart(turn)) {
      this.#start(job)
      return
    }
    job.previous = turn.tail
    if (turn.tail === undefined) turn.head = job
    else turn.tail.next = job
    turn.tail = job
    turn.waiting++
    this.waiting++
    this.#enqueue(turn)
    this.#watch()
  }

  /** Gives the job's slot back. `failed`: the attempt ended in a way that a retry may mend. */
  done(job: Job, failed: boolean): void {
    const { turn } = job
    const wasTroubled = isTroubled(turn)
    if (job.previous === undefined) this.#oldest = job.next
    else job.previous.next = job.next
    if (job.next === undefined) this.#newest = job.previous
    else job.next.previous = job.previous
    job.next = job.previous = undefined
    if (job.isSlow) turn.slow--
    turn.failing = failed
    turn.inFlight--
    this.inFlight--
    if (wasTroubled) this.#troubledInFlight--
    this.#retally(turn, wasTroubled)
    this.#serve()
  }

  /** Stops the timer; waiting jobs keep waiting. For the end of the process. */
  close(): void {
    clearTimeout(this.#sweep)
    this.#sweep = undefined
  }

  #mayStart(turn: Turn): boolean {
    const free = this.limit - this.inFlight
    if (free <= 0 || turn.inFlight >= turn.cap) return false
    if (isTroubled(turn) && this.#troubledInFlight >= Math.max(1, this.limit >> 1)) return false
    return turn.inFlight < free || this.#tenants() <= 1
  }

  #start(job: Job): void {
    const { turn } = job
    turn.inFlight++
    this.inFlight++
    if (isTroubled(turn)) this.#troubledInFlight++
    job.startedAt = this.#now()
    job.next = undefined
    job.previous = this.#newest
    if (this.#newest === undefined) this.#oldest = job
    else this.#newest.next = job
    this.#newest = job
    this.#watch()
    job.start()
  }

  #serve(): void {
    while (this.waiting > 0 && this.inFlight < this.limit) {
      const turn = this.#pick(this.#healthy) ?? this.#pick(this.#troubled)
      if (turn === undefined) return
      const job = turn.head as Job
      this.#unlink(job)
      this.#start(job)
    }
  }

  /** The next tenant in turn that may start; tenants with nothing left to start leave the circle. */
  #pick(circle: Turn[]): Turn | undefined {
    for (let k = circle.length; k > 0; k--) {
      const turn = circle.shift() as Turn
      if (turn.waiting === 0 || this.#circleOf(turn) !== circle) {
        turn.queued = false
        this.#enqueue(turn)
        continue
      }
      circle.push(turn)
      if (this.#mayStart(turn)) return turn
    }
    return undefined
  }

  #enqueue(turn: Turn): void {
    if (turn.queued || turn.waiting === 0) return
    turn.queued = true
    this.#circleOf(turn).push(turn)
  }

  #circleOf(turn: Turn): Turn[] {
    return isTroubled(turn) ? this.#troubled : this.#healthy
  }

  /** After a tenant came into or out of trouble: what it holds moves with it. */
  #retally(turn: Turn, wasTroubled: boolean): void {
    const troubled = isTroubled(turn)
    if (troubled === wasTroubled) return
    this.#troubledInFlight += troubled ? turn.inFlight : -turn.inFlight
  }

  #unlink(job: Job): void {
    const { turn } = job
    if (job.previous === undefined) turn.head = job.next
    else job.previous.next = job.next
    if (job.next === undefined) turn.tail = job.previous
    else job.next.previous = job.previous
    job.next = job.previous = undefined
    turn.waiting--
    this.waiting--
  }

  #watch(): void {
    if (this.#sweep !== undefined) return
    this.#sweep = setTimeout(() => {
      this.#sweep = undefined
      this.tick()
      if (this.inFlight > 0 || this.waiting > 0) this.#watch()
    }, 50)
    this.#sweep.unref()
  }

  /** Marks attempts that are out for too long, and ends the wait of parts whose deadline has passed. */
  tick(): void {
    const now = this.#now()
    for (let job = this.#oldest; job !== undefined && now - job.startedAt > this.#slowMs; job = job.next) {
      if (job.isSlow) continue
      const wasTroubled = isTroubled(job.turn)
      job.isSlow = true
      job.turn.slow++
      this.#retally(job.turn, wasTroubled)
    }
    for (const circle of [this.#healthy, this.#troubled]) {
      for (const turn of [...circle]) {
        while (turn.head !== undefined && turn.head.deadline <= now) {
          const job = turn.head
          this.#unlink(job)
          job.expire()
        }
      }
    }
    this.#serve()
  }
}

function isTroubled(turn: Turn): boolean {
  return turn.failing || turn.slow > 0
}
