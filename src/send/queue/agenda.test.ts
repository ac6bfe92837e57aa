import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { Agenda, type Entry } from './agenda.ts'

function bench() {
  const clock = { now: 0 }
  const agenda = new Agenda(() => clock.now)
  onTestFinished(() => agenda.close())
  const woken: string[] = []
  const entry = (name: string): Entry => ({ slot: undefined, wake: (now) => void woken.push(`${name}@${now}`) })
  return { clock, agenda, woken, entry }
}

test('each is woken once, when its time has come, earliest first', () => {
  const { clock, agenda, woken, entry } = bench()
  const [a, b, c] = [entry('a'), entry('b'), entry('c')]
  agenda.set(a, 30)
  agenda.set(b, 10)
  agenda.set(c, 20)
  agenda.set(a, 5)
  agenda.set(c, Number.POSITIVE_INFINITY)
  clock.now = 4
  agenda.tick()
  expect(woken).toEqual([])
  clock.now = 10
  agenda.tick()
  agenda.tick()
  expect(woken).toEqual(['a@10', 'b@10'])
})

test('the timer wakes by itself', async () => {
  const agenda = new Agenda(() => performance.now())
  onTestFinished(() => agenda.close())
  const started = performance.now()
  await new Promise<void>((resolve) => agenda.set({ slot: undefined, wake: () => resolve() }, started + 5))
  expect(performance.now() - started).toBeGreaterThanOrEqual(4.9)
})

test('whatever is set, moved and taken out, the order of waking is that of the last times set', () => {
  const change = fc.record({ entry: fc.nat(9), at: fc.oneof(fc.nat(50), fc.constant(Number.POSITIVE_INFINITY)) })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const clock = { now: 0 }
      const agenda = new Agenda(() => clock.now)
      const woken: number[] = []
      const times = new Map<number, number>()
      const entries = Array.from({ length: 10 }, (_, k): Entry => ({ slot: undefined, wake: () => void woken.push(k) }))
      for (const { entry, at } of changes) {
        agenda.set(entries[entry]!, at)
        times.set(entry, at)
      }
      clock.now = 50
      agenda.tick()
      agenda.close()
      const due = [...times].filter(([, at]) => at <= 50)
      expect(woken.map((k) => times.get(k))).toEqual(due.map(([, at]) => at).sort((a, b) => a - b))
      expect(new Set(woken)).toEqual(new Set(due.map(([k]) => k)))
    }),
  )
})
