import fc from 'fast-check'
import { expect, test } from 'vitest'
import { faultyDisk, itemsIn, type QueueBench, queueDefaults, soon, startQueueBench } from '../../test/support/queue.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { SluiceError } from '../errors.ts'
import type { HttpRequest } from '../wire/message.ts'

// Whatever upstream does, and however often the program ends and starts: what was acknowledged arrives, or is counted
// where a command or the size bound took it, each series in the order of its timestamps once repeats are removed, and
// nothing comes twice but what was in flight when it failed. What was dropped, or is paused, is not sent.

type Step =
  | { readonly do: 'push'; readonly names: readonly string[]; readonly cluster: string }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'restart' }
  | { readonly do: 'lanes'; readonly lanes: number }
  | { readonly do: 'disk' }
  | { readonly do: 'drop' | 'pause' | 'resume'; readonly tenant: string }
  | { readonly do: 'upstream'; readonly says: Outcome }

/** `taken`: it took the request, and the answer was lost. `slow`: it answers when the next step of time is over. */
type Outcome = 'fine' | 'down' | 'limited' | 'taken' | 'small' | 'slow' | 'picky'

const names = ['a/x', 'a/y', 'a/z', 'b/x', 'b/bad']
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      names: fc.subarray(names, { minLength: 1 }),
      cluster: fc.constantFrom('one', 'two'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(5, 20, 60, 1100) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lanes' as const), lanes: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('drop' as const, 'pause' as const, 'resume' as const),
      tenant: fc.constantFrom('a', 'b'),
    }),
  },
  // Writes are carried out, and return at the next such step.
  { weight: 2, arbitrary: fc.constant({ do: 'disk' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('upstream' as const),
      says: fc.constantFrom<Outcome>('fine', 'down', 'limited', 'taken', 'small', 'slow', 'picky'),
    }),
  },
)

class Receiver {
  says: Outcome = 'fine'
  /** `tenant/name@ts` in the order of arrival. */
  readonly got: string[] = []
  readonly refused = new Set<string>()
  /** Requests that were taken without an answer that came back. */
  readonly mayRepeat = new Set<string>()
  /** What was dropped, and the tenants that are paused. */
  readonly banned = new Set<string>()
  readonly paused = new Set<string>()
  readonly faults: string[] = []
  /** What is out and not answered. */
  readonly out = new Set<string>()
  #held: (() => void)[] = []

  release(): void {
    for (const go of this.#held.splice(0)) go()
  }

  async answer({ body }: HttpRequest, tenant: string): Promise<number> {
    const items = itemsIn(body).map((item) => `${tenant}/${item}`)
    const { says } = this
    for (const item of items) if (this.banned.has(item)) this.faults.push(`${item} was dropped`)
    if (this.paused.has(tenant)) this.faults.push(`${items} of a paused tenant`)
    if (says === 'slow') {
      for (const item of items) {
        this.mayRepeat.add(item)
        this.out.add(item)
      }
      await new Promise<void>((resolve) => this.#held.push(resolve))
      for (const item of items) this.out.delete(item)
    }
    if (says === 'down') return 503
    if (says === 'limited') return 429
    if (says === 'small' && items.length > 1) return 413
    if (says === 'picky' && items.some((item) => item.includes('bad'))) {
      if (items.length === 1) this.refused.add(items[0]!)
      else if (new Set(items.map((item) => item.split('@')[1])).size === 1)
        for (const item of items) this.refused.add(item)
      return 400
    }
    this.got.push(...items)
    if (says !== 'taken') return 200
    for (const item of items) this.mayRepeat.add(item)
    throw new SluiceError('UPSTREAM_TIMEOUT', 'the answer was lost')
  }
}

async function run(steps: readonly Step[], initialLanes: number, maxBytes: number): Promise<void> {
  const path = temporaryFolder()
  const receiver = new Receiver()
  let now = 0
  let lanes = initialLanes
  const queue = () => ({ ...queueDefaults, maxSamplesPerSend: 5, minShards: lanes, maxShards: lanes })
  const disk = faultyDisk()
  let release = (): void => undefined
  let dropped = 0
  const onDropped = ({ samples }: { readonly samples: number }) => void (dropped += samples)
  const start = async (): Promise<QueueBench> => {
    const bench = await startQueueBench({
      path,
      queue: queue(),
      store: { connect: disk.connect, maxBytes, onDropped },
      upstream: (request, tenant) => receiver.answer(request, tenant),
    })
    bench.clock.now = now
    return bench
  }
  let bench = await start()
  const told: Promise<readonly [names: readonly string[], ts: number, answer: string]>[] = []
  const freeDisk = (): void => {
    release()
    disk.state.hold = undefined
  }
  const restart = async (): Promise<void> => {
    receiver.release()
    freeDisk()
    await bench.pipeline.stop(2000)
    await Promise.all(told)
    now = bench.clock.now
    bench.pipeline.close()
    await bench.store.close()
    bench = await start()
  }
  const drop = async (tenant: string): Promise<void> => {
    const mine = [...acknowledged].filter((item) => item.startsWith(`${tenant}/`))
    await bench.commands.drop({ tenant })
    for (const item of mine) if (!receiver.out.has(item) && !receiver.got.includes(item)) receiver.banned.add(item)
  }
  let ts = 0
  const acknowledged = new Set<string>()
  const clusters: string[] = []
  for (const one of steps) {
    if (one.do === 'push') {
      const at = ++ts
      clusters[at] = one.cluster
      const pushed = bench.put(one.names, at, one).then((answer) => {
        for (const name of one.names) acknowledged.add(`${name}@${at}`)
        return [one.names, at, answer] as const
      })
      told.push(pushed)
    } else if (one.do === 'pass') {
      await bench.pass(one.ms)
      receiver.release()
    } else if (one.do === 'restart') {
      await restart()
    } else if (one.do === 'lanes') {
      lanes = one.lanes
      bench.pipeline.reload(bench.settingsOf({ settings: { queue: queue() } }), () => undefined)
    } else if (one.do === 'disk') {
      if (disk.state.hold === undefined) disk.state.hold = new Promise((resolve) => (release = resolve))
      else freeDisk()
    } else if (one.do === 'upstream') {
      receiver.says = one.says
    } else if (disk.state.hold !== undefined) {
      // A command waits for its write.
    } else if (one.do === 'drop') {
      await drop(one.tenant)
    } else if (one.do === 'pause') {
      await bench.commands.pause({ tenant: one.tenant })
      receiver.paused.add(one.tenant)
    } else {
      receiver.paused.delete(one.tenant)
      await bench.commands.resume({ tenant: one.tenant })
    }
  }
  receiver.says = 'fine'
  receiver.release()
  freeDisk()
  receiver.paused.clear()
  for (const tenant of ['a', 'b']) await bench.commands.resume({ tenant })
  await soon('all is delivered', () => {
    bench.clock.now += 400
    bench.pipeline.queues?.metrics.tick()
    receiver.release()
    return bench.store.batches === 0 && [...bench.pipeline.queues!.metrics].every((queue) => queue.isIdle)
  })
  await bench.pass(20)

  const got = new Set(receiver.got)
  const lost: string[] = []
  for (const [pushed, at, answer] of await Promise.all(told)) {
    expect(answer).toMatch(/^(200|204|400 tenant b: 400)$/)
    for (const name of pushed) {
      const item = `${name}@${at}`
      if (!got.has(item) && !receiver.refused.has(item)) lost.push(item)
    }
  }
  // What was out when it was given up may have arrived all the same.
  if (lost.length > dropped) throw new Error(`${lost} are lost; ${dropped} were given up`)
  expect(receiver.faults).toEqual([])
  const repeats = receiver.got.filter((item, k) => receiver.got.indexOf(item) !== k)
  expect(repeats.filter((item) => !receiver.mayRepeat.has(item))).toEqual([])
  for (const name of names) {
    const times = [...got].filter((item) => item.startsWith(`${name}@`)).map((item) => Number(item.split('@')[1]))
    // The label makes a series of its own, which may have another lane.
    for (const cluster of ['one', 'two']) {
      const own = times.filter((at) => clusters[at] === cluster)
      expect(own).toEqual([...own].sort((a, b) => a - b))
    }
  }
}

test('nothing is lost, nothing overtakes, nothing comes twice without need', async () => {
  const lanes = fc.integer({ min: 1, max: 4 })
  const maxBytes = fc.constantFrom(1500, 3000, 64 << 20)
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 30 }), lanes, maxBytes, run), {
    numRuns: Number(process.env.SLUICE_RUNS ?? 30),
    interruptAfterTimeLimit: 50_000,
  })
}, 60_000)
