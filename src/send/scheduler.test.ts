import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Job, Scheduler, Turn } from './scheduler.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

type State = 'waiting' | 'out' | 'done' | 'expired'

/** A scheduler with a clock of its own, tenants by name, and a note of every start. */
class Bench {
  now = 0
  readonly turns = new Map<string, Turn>()
  readonly started: string[] = []
  readonly scheduler: Scheduler
  readonly cap: number
  constructor(limit: number, cap = Number.POSITIVE_INFINITY) {
    this.cap = cap
    this.scheduler = new Scheduler({ limit, now: () => this.now, tenants: () => this.turns.size })
  }
  turn(tenant: string): Turn {
    const turn = this.turns.get(tenant) ?? new Turn(this.cap)
    this.turns.set(tenant, turn)
    return turn
  }
  know(...tenants: string[]): void {
    for (const tenant of tenants) this.turn(tenant)
  }
  run(tenant: string, timeoutMs = 10_000): FakeJob {
    const job = new FakeJob(this, tenant, this.now + timeoutMs)
    this.scheduler.run(job)
    return job
  }
  runMany(tenant: string, count: number): FakeJob[] {
    return Array.from({ length: count }, () => this.run(tenant))
  }
  tick(ms: number): void {
    this.now += ms
    this.scheduler.tick()
  }
}

class FakeJob implements Job {
  state: State = 'waiting'
  startedAt = 0
  isSlow = false
  next: Job | undefined = undefined
  previous: Job | undefined = undefined
  readonly turn: Turn
  readonly bench: Bench
  readonly tenant: string
  readonly deadline: number
  constructor(bench: Bench, tenant: string, deadline: number) {
    this.bench = bench
    this.tenant = tenant
    this.deadline = deadline
    this.turn = bench.turn(tenant)
  }
  start(): void {
    expect(this.state).toBe('waiting')
    expect(this.bench.now).toBeLessThanOrEqual(this.deadline)
    this.state = 'out'
    this.bench.started.push(this.tenant)
  }
  expire(): void {
    expect(this.state).toBe('waiting')
    this.state = 'expired'
  }
  end(failed = false): void {
    expect(this.state).toBe('out')
    this.state = 'done'
    this.bench.scheduler.done(this, failed)
  }
}

const out = (jobs: readonly FakeJob[]) => jobs.filter(({ state }) => state === 'out')

test('a tenant alone has the whole limit', () => {
  const bench = new Bench(8)
  const jobs = bench.runMany('a', 10)
  expect(out(jobs)).toHaveLength(8)
  expect(bench.scheduler.waiting).toBe(2)
  jobs[0]!.end()
  expect(out(jobs)).toHaveLength(8)
})

test('a tenant alone has the whole limit even in trouble: there is nobody to make room for', () => {
  const bench = new Bench(8)
  bench.run('a').end(true)
  expect(out(bench.runMany('a', 10))).toHaveLength(8)
})

test('with two, one that hangs leaves the other half of the limit', () => {
  const bench = new Bench(64)
  bench.know('a', 'b')
  expect(out(bench.runMany('a', 100))).toHaveLength(32)
  expect(out(bench.runMany('b', 100)).length).toBeGreaterThanOrEqual(15)
})

test('however many hang one after the other, first slots stay free for a quarter of the limit', () => {
  const bench = new Bench(64)
  const tenants = Array.from({ length: 40 }, (_, i) => `t${i}`)
  bench.know(...tenants)
  for (const tenant of tenants.slice(0, 20)) bench.runMany(tenant, 50)
  for (const tenant of tenants.slice(20, 22)) {
    const jobs = bench.runMany(tenant, 3)
    for (let k = 0; k < 3; k++) {
      expect(jobs[k]!.state).toBe('out')
      jobs[k]!.end()
    }
  }
})

test('waiting tenants are served in turn, however long their queues are', () => {
  const bench = new Bench(1)
  bench.know('a', 'b', 'c')
  const first = bench.run('a')
  const jobs = [...bench.runMany('a', 3), ...bench.runMany('b', 2), bench.run('c')]
  first.end()
  for (let k = 0; k < jobs.length; k++) out(jobs)[0]!.end()
  expect(bench.started.slice(1, 4).sort()).toEqual(['a', 'b', 'c'])
  expect(bench.started.slice(4, 6).sort()).toEqual(['a', 'b'])
})

test('a limit of its own binds a tenant though there is room', () => {
  const bench = new Bench(64, 4)
  bench.know('a', 'b')
  const jobs = bench.runMany('a', 10)
  expect(out(jobs)).toHaveLength(4)
  jobs[0]!.end()
  expect(out(jobs)).toHaveLength(4)
})

test('tenants whose last attempt failed share at most half', () => {
  const bench = new Bench(16)
  const failing = Array.from({ length: 12 }, (_, i) => `f${i}`)
  bench.know(...failing, 'h')
  for (const tenant of failing) bench.run(tenant).end(true)
  const jobs = failing.flatMap((tenant) => bench.runMany(tenant, 3))
  expect(out(jobs)).toHaveLength(8)
  expect(out(bench.runMany('h', 3)).length).toBeGreaterThanOrEqual(2)
  // One that recovers counts as healthy at once.
  const recovered = out(jobs)[0]!
  recovered.end()
  expect(recovered.turn.failing).toBe(false)
  expect(bench.scheduler.inFlight).toBeLessThanOrEqual(16)
})

test('an attempt that is out for long puts its tenant in trouble, and its answer out of it', () => {
  const bench = new Bench(8)
  bench.know('a', 'b', 'c', 'd')
  const hanging = ['a', 'b', 'c'].flatMap((tenant) => bench.runMany(tenant, 4))
  const before = out(hanging).length
  bench.tick(1001)
  expect(hanging.filter(({ isSlow }) => isSlow)).toHaveLength(before)
  // Beyond half already: none of them may have more, d may.
  expect(before).toBeGreaterThanOrEqual(4)
  expect(bench.run('a').state).toBe('waiting')
  const other = bench.run('d')
  expect(other.state).toBe('out')
  other.end()
  for (const job of out(hanging)) job.end()
  expect(bench.turn('a').slow).toBe(0)
  expect(out(hanging).length).toBeGreaterThan(0)
})

test('where the whole limit begins to hang at one moment, others wait for its first failures, and then no more', () => {
  const bench = new Bench(8)
  const tenants = Array.from({ length: 8 }, (_, i) => `hangs-${i}`)
  bench.know(...tenants, 'well')
  const first = tenants.map((tenant) => bench.run(tenant))
  expect(out(first)).toHaveLength(8)
  bench.tick(5000)
  const waits = bench.run('well')
  expect(waits.state).toBe('waiting')
  const second = tenants.map((tenant) => bench.run(tenant))
  for (const job of first) job.end(true)
  expect([waits.state, out(second).length]).toEqual(['out', 4])
  waits.end()
  expect(bench.run('well').state).toBe('out')
})

test('where all upstreams are slow, being slow is no trouble', () => {
  const bench = new Bench(8)
  bench.know('a', 'b')
  for (let k = 0; k < 100; k++) {
    const job = bench.run('a')
    bench.tick(1500)
    job.end()
  }
  const job = bench.run('a')
  bench.tick(3000)
  expect(job.isSlow).toBe(false)
  bench.tick(4000)
  expect(job.isSlow).toBe(true)
})

test('under a full load of healthy tenants, one in trouble still gets to show that it recovered', () => {
  const bench = new Bench(4)
  const healthy = ['a', 'b', 'c', 'd', 'e']
  bench.know(...healthy, 'sick')
  bench.run('sick').end(true)
  const busy = healthy.flatMap((tenant) => bench.runMany(tenant, 100))
  const probe = bench.run('sick')
  expect(probe.state).toBe('waiting')
  for (let k = 0; k < 12 && probe.state === 'waiting'; k++) out(busy)[0]!.end()
  expect(probe.state).toBe('out')
})

test('a part whose time is over before a slot is free is told so, and takes no slot', () => {
  const bench = new Bench(1)
  bench.know('a', 'b')
  const holds = bench.run('a')
  const [late, later] = [bench.run('b', 100), bench.run('b', 300)]
  bench.tick(100)
  expect([late.state, later.state]).toEqual(['expired', 'waiting'])
  // Between two looks of the timer: the freed slot is not wasted on it.
  bench.now += 250
  const next = bench.run('a')
  holds.end()
  expect([later.state, next.state]).toEqual(['expired', 'out'])
  expect(bench.scheduler.waiting).toBe(0)
})

test('the timer ends waits by itself, and stops when nothing is under way', () => {
  const bench = new Bench(1)
  const holds = bench.run('a')
  const late = bench.run('a', 60)
  bench.now = 60
  vi.advanceTimersByTime(100)
  expect(late.state).toBe('expired')
  holds.end()
  vi.advanceTimersByTime(100)
  expect(vi.getTimerCount()).toBe(0)
  bench.run('a')
  expect(vi.getTimerCount()).toBe(1)
  bench.scheduler.close()
  expect(vi.getTimerCount()).toBe(0)
})

type Step = { readonly kind: 'run' | 'end' | 'fail' | 'tick' | 'leave'; readonly which: number; readonly ms: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom<Step['kind']>('run', 'run', 'run', 'end', 'end', 'fail', 'tick', 'leave'),
    which: fc.nat(1000),
    ms: fc.integer({ min: 1, max: 1500 }),
  }),
  { maxLength: 200 },
)

test('whatever happens: limits hold, counts add up, nobody who may start waits, every part ends once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
      steps,
      (limit, cap, all) => {
        const bench = new Bench(limit, cap)
        const { scheduler } = bench
        bench.know('t0')
        const jobs: FakeJob[] = []
        const check = () => {
          const turns = [...bench.turns.values()]
          const flying = out(jobs)
          const waiting = jobs.filter(({ state }) => state === 'waiting')
          expect(scheduler.inFlight).toBe(flying.length)
          expect(scheduler.waiting).toBe(waiting.length)
          expect(flying.length).toBeLessThanOrEqual(limit)
          let troubled = 0
          for (const turn of turns) {
            expect(turn.inFlight).toBe(flying.filter((job) => job.turn === turn).length)
            expect(turn.waiting).toBe(waiting.filter((job) => job.turn === turn).length)
            expect(turn.slow).toBe(flying.filter((job) => job.turn === turn && job.isSlow).length)
            expect(turn.inFlight).toBeLessThanOrEqual(cap)
            const isTroubled = turn.failing || turn.slow > 0
            if (isTroubled) troubled += turn.inFlight
            // A healthy tenant with nothing out waits only where nothing is free.
            if (!isTroubled && turn.waiting > 0 && turn.inFlight === 0) expect(flying.length).toBe(limit)
          }
          // One in trouble with nothing out waits only where nothing is free, or half is theirs.
          for (const turn of turns) {
            if (turn.waiting === 0 || turn.inFlight > 0) continue
            expect(flying.length === limit || troubled >= Math.max(1, limit >> 1)).toBe(true)
          }
        }
        for (const { kind, which, ms } of all) {
          const flying = out(jobs)
          if (kind === 'run') jobs.push(bench.run(`t${which % 5}`, 3000))
          else if (kind === 'tick') bench.tick(ms)
          else if (kind === 'leave') {
            for (const [tenant, turn] of bench.turns) {
              if (turn.inFlight + turn.waiting === 0 && bench.turns.size > 1) bench.turns.delete(tenant)
            }
            // Who is alone now may have more; the timer's next look sees to it.
            bench.tick(1)
          } else if (flying.length > 0) flying[which % flying.length]!.end(kind === 'fail')
          check()
        }
        while (out(jobs).length > 0) {
          out(jobs)[0]!.end()
          check()
        }
        expect(jobs.every(({ state }) => state === 'done' || state === 'expired')).toBe(true)
        scheduler.close()
      },
    ),
    { numRuns: 500 },
  )
})

test('no tenant is passed over for long: between its request for a slot and its start, each other one starts few', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.tuple(fc.nat(3), fc.nat(30), fc.boolean()), { minLength: 20, maxLength: 120 }),
      (limit, events) => {
        const bench = new Bench(limit)
        const busy = ['b0', 'b1', 'b2', 'b3']
        bench.know(...busy, 'quiet')
        const jobs = busy.flatMap((tenant) => bench.runMany(tenant, 60))
        for (const [tenant, which, failed] of events) {
          const quiet = bench.run('quiet', 1e9)
          const before = bench.started.length
          for (let k = 0; quiet.state === 'waiting'; k++) {
            const flying = out(jobs)
            const job = flying[(which + k) % flying.length]!
            job.end(failed && job.tenant === `b${tenant}`)
          }
          expect(bench.started.length - before).toBeLessThanOrEqual(2 * (busy.length + 1))
          quiet.end()
          for (const name of busy) jobs.push(bench.run(name, 1e9))
        }
        bench.scheduler.close()
      },
    ),
    { numRuns: 100 },
  )
})

test('a job that is cancelled leaves the queue, wherever in it it is', () => {
  const bench = new Bench(1)
  bench.know('a', 'b')
  const running = bench.run('a')
  const [first, second, third] = bench.runMany('a', 3) as [FakeJob, FakeJob, FakeJob]
  const only = bench.run('b')
  bench.scheduler.cancel(second)
  bench.scheduler.cancel(only)
  expect(bench.scheduler.waiting).toBe(2)
  running.end()
  first.end()
  bench.scheduler.cancel(bench.run('a'))
  third.end()
  expect([first, second, third, only].map(({ state }) => state)).toEqual(['done', 'waiting', 'done', 'waiting'])
  expect([bench.scheduler.waiting, bench.scheduler.inFlight]).toEqual([0, 0])
  bench.run('b').end()
})
