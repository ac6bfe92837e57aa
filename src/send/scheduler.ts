// Shares the connection limit among tenants, so that one that hangs, floods or fails leaves room for the others.
// - Waiting parts are served tenant by tenant in turn, not first come, first served.
// - A tenant alone has the whole limit. Once there are others, its first slot may be any free one; more it may take only
//   while it holds fewer than are free beyond one for each tenant that holds none (up to a quarter of the limit).
// - Tenants in trouble (their last attempt failed, or one is out for far longer than is usual) share at most half.

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
  constructor(cap: number) {
    this.cap = cap
  }
}

/** One part that waits for, or holds, a slot. */
export interface Job {
  readonly turn: Turn
  /** Time by which it must have begun, in ms. The jobs of a turn come in the order of their deadlines. */
  readonly deadline: number
  /** A slot is held; `Scheduler.done` must follow, not before `start` has returned. */
  start(): void
  /** The deadline passed before a slot was free. */
  expire(): void
  startedAt: number
  isSlow: boolean
  next: Job | undefined
  previous: Job | undefined
}

export interface SchedulerOptions {
  /** Requests in flight over all tenants; at least 1. */
  readonly limit: number
  /** Time in ms that never goes back. */
  readonly now: () => number
  /** Number of tenants known; with one, it has the whole limit. */
  readonly tenants: () => number
  /** An attempt out for longer than this, and than four times the usual, marks its tenant as in trouble; default 1000 ms. */
  readonly slowMs?: number
}

const tickMs = 50
/** Of so many starts, one is offered to tenants in trouble first: they must be able to show that they recovered. */
const startsPerProbe = 4

export class Scheduler {
  inFlight = 0
  waiting = 0
  readonly limit: number
  readonly #now: () => number
  readonly #tenants: () => number
  readonly #slowMs: number
  readonly #troubledLimit: number
  readonly #reserve: number
  /** Tenants that hold a slot. */
  #holding = 0
  /** What an attempt that succeeds takes, smoothed, in ms. */
  #usualMs = 0
  #troubledInFlight = 0
  #starts = 0
  // Two circles of tenants with waiting parts, the next one first.
  readonly #healthy = new Set<Turn>()
  readonly #troubled = new Set<Turn>()
  // Jobs in flight, oldest first.
  #oldest: Job | undefined
  #newest: Job | undefined
  #sweep: NodeJS.Timeout | undefined

  constructor(options: SchedulerOptions) {
    this.limit = options.limit
    this.#now = options.now
    this.#tenants = options.tenants
    this.#slowMs = options.slowMs ?? 1000
    this.#troubledLimit = Math.max(1, options.limit >> 1)
    this.#reserve = options.limit >> 2
  }

  /** Starts the job now if its tenant has a right to a slot, else when its turn comes or its deadline passes. */
  run(job: Job): void {
    const { turn } = job
    this.#watch()
    if (turn.waiting === 0 && this.#mayStart(turn)) {
      this.#start(job)
      return
    }
    job.previous = turn.tail
    if (turn.tail === undefined) turn.head = job
    else turn.tail.next = job
    turn.tail = job
    if (turn.waiting++ === 0) this.#circleOf(turn).add(turn)
    this.waiting++
  }

  /** Gives the job's slot back. `failed`: the attempt ended in a way that a retry may mend. */
  done(job: Job, failed: boolean): void {
    const { turn } = job
    if (job.previous === undefined) this.#oldest = job.next
    else job.previous.next = job.next
    if (job.next === undefined) this.#newest = job.previous
    else job.next.previous = job.previous
    job.next = job.previous = undefined
    const wasTroubled = isTroubled(turn)
    if (--turn.inFlight === 0) this.#holding--
    this.inFlight--
    if (wasTroubled) this.#troubledInFlight--
    if (job.isSlow) turn.slow--
    turn.failing = failed
    if (!failed) this.#usualMs += (this.#now() - job.startedAt - this.#usualMs) / 16
    this.#move(turn, wasTroubled)
    this.#serve()
  }

  /** Takes out a job that waits; neither `start` nor `expire` is called. Not for one that has begun. */
  cancel(job: Job): void {
    this.#unlink(job)
  }

  /** Stops the timer; waiting jobs keep waiting. For the end of the process. */
  close(): void {
    clearTimeout(this.#sweep)
    this.#sweep = undefined
  }

  #mayStart(turn: Turn): boolean {
    const free = this.limit - this.inFlight
    if (free <= 0 || turn.inFlight >= turn.cap) return false
    const tenants = this.#tenants()
    if (tenants <= 1) return true
    if (isTroubled(turn) && this.#troubledInFlight >= this.#troubledLimit) return false
    return turn.inFlight === 0 || turn.inFlight < free - Math.min(tenants - this.#holding, this.#reserve)
  }

  #start(job: Job): void {
    const { turn } = job
    if (turn.inFlight++ === 0) this.#holding++
    this.inFlight++
    if (isTroubled(turn)) this.#troubledInFlight++
    job.startedAt = this.#now()
    job.next = undefined
    job.previous = this.#newest
    if (this.#newest === undefined) this.#oldest = job
    else this.#newest.next = job
    this.#newest = job
    job.start()
  }

  #serve(): void {
    while (this.waiting > 0 && this.inFlight < this.limit) {
      const first = this.#starts % startsPerProbe === 0 ? this.#troubled : this.#healthy
      const turn = this.#pick(first) ?? this.#pick(first === this.#healthy ? this.#troubled : this.#healthy)
      if (turn === undefined) return
      const job = turn.head as Job
      this.#unlink(job)
      if (job.deadline <= this.#now()) {
        job.expire()
      } else {
        this.#starts++
        this.#start(job)
      }
    }
  }

  /** The next tenant of the circle that may start; those before it, and itself, go to the circle's end. */
  #pick(circle: Set<Turn>): Turn | undefined {
    // In the other circle only tenants that hold slots can be barred, so few; here all of them can: don't walk it then.
    if (circle === this.#troubled && this.#troubledInFlight >= this.#troubledLimit && this.#tenants() > 1)
      return undefined
    let left = circle.size
    for (const turn of circle) {
      if (left-- === 0) return undefined
      circle.delete(turn)
      circle.add(turn)
      if (this.#mayStart(turn)) return turn
    }
    return undefined
  }

  #circleOf(turn: Turn): Set<Turn> {
    return isTroubled(turn) ? this.#troubled : this.#healthy
  }

  /** After a tenant came into or out of trouble: what it holds and where it waits move with it. */
  #move(turn: Turn, wasTroubled: boolean): void {
    const troubled = isTroubled(turn)
    if (troubled === wasTroubled) return
    this.#troubledInFlight += troubled ? turn.inFlight : -turn.inFlight
    if (turn.waiting === 0) return
    const from = wasTroubled ? this.#troubled : this.#healthy
    from.delete(turn)
    this.#circleOf(turn).add(turn)
  }

  /** Takes a waiting job out. */
  #unlink(job: Job): void {
    const { turn } = job
    if (job.previous === undefined) turn.head = job.next
    else job.previous.next = job.next
    if (job.next === undefined) turn.tail = job.previous
    else job.next.previous = job.previous
    job.next = job.previous = undefined
    if (--turn.waiting === 0) this.#circleOf(turn).delete(turn)
    this.waiting--
  }

  #watch(): void {
    if (this.#sweep !== undefined) return
    this.#sweep = setTimeout(() => {
      this.#sweep = undefined
      this.tick()
      if (this.inFlight > 0 || this.waiting > 0) this.#watch()
    }, tickMs)
    this.#sweep.unref()
  }

  /** Marks attempts that are out for too long, and ends the wait of parts whose deadline has passed. */
  tick(): void {
    const now = this.#now()
    const slowMs = Math.max(this.#slowMs, 4 * this.#usualMs)
    for (let job = this.#oldest; job !== undefined && now - job.startedAt > slowMs; job = job.next) {
      if (job.isSlow) continue
      const wasTroubled = isTroubled(job.turn)
      job.isSlow = true
      job.turn.slow++
      this.#move(job.turn, wasTroubled)
    }
    for (const circle of [this.#healthy, this.#troubled]) {
      for (const turn of circle) {
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
