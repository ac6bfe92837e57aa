import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Meter } from '../telemetry/meter.ts'
import { createAdmission, type Ticket } from './admission.ts'

test('bytes and requests are bounded and come back', () => {
  const admission = createAdmission({ maxBytes: 100, maxRequests: 2 })
  const first = admission.enter(60) as Ticket
  expect(admission.enter(41)).toBe('bytes')
  const second = admission.enter(40) as Ticket
  expect(admission.enter(0)).toBe('requests')
  expect(second.take(1)).toBe(false)
  first.leave()
  first.leave()
  expect(admission).toMatchObject({ usedBytes: 40, requests: 1 })
  expect(second.take(60)).toBe(true)
  second.giveBack(10)
  expect(admission.usedBytes).toBe(90)
  second.leave()
  expect(second.take(1)).toBe(false)
  second.giveBack(5)
  expect(admission).toMatchObject({ usedBytes: 0, requests: 0 })
})

test('a push that is alone may grow past the limit, one among others may not', () => {
  const admission = createAdmission({ maxBytes: 100 })
  const ticket = admission.enter(50) as Ticket
  expect(ticket.take(1000)).toBe(false)
  expect(ticket.take(1000, true)).toBe(true)
  expect(admission.enter(0)).toBe('bytes')
  ticket.leave()
  const [one, other] = [admission.enter(50) as Ticket, admission.enter(10) as Ticket]
  expect(one.take(1000, true)).toBe(false)
  other.leave()
  expect(one.take(1000, true)).toBe(true)
})

test('the gauges follow', () => {
  const values: Record<string, { value: number }> = {}
  const tally: Meter['tally'] = (name) => (values[name] ??= { value: 0 })
  const meter: Meter = { tally, distribution: () => ({ observe: () => undefined }), forgetTenant: () => undefined }
  const ticket = createAdmission({ maxBytes: 100, meter }).enter(7) as Ticket
  const shown = () => Object.values(values).map(({ value }) => value)
  expect(Object.keys(values)).toEqual([
    'sluice_in_flight_bytes',
    'sluice_requests_in_flight',
    'sluice_in_flight_bytes_limit',
  ])
  expect(shown()).toEqual([7, 1, 100])
  ticket.leave()
  expect(shown()).toEqual([0, 0, 100])
})

test('law: whatever comes and goes, the limit holds and nothing is lost', () => {
  const step = fc.tuple(fc.constantFrom('enter', 'take', 'back', 'leave'), fc.nat(40), fc.nat(9))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const admission = createAdmission({ maxBytes: 100, maxRequests: 5 })
      const inside: Ticket[] = []
      for (const [what, bytes, which] of steps) {
        const ticket = inside[which % Math.max(1, inside.length)]
        if (what === 'enter') {
          const entered = admission.enter(bytes)
          if (typeof entered !== 'string') inside.push(entered)
        } else if (what === 'take') ticket?.take(bytes)
        else if (what === 'back') ticket?.giveBack(Math.min(bytes, ticket.bytes))
        else if (ticket !== undefined) inside.splice(inside.indexOf(ticket), 1)[0]!.leave()
        expect(admission.usedBytes).toBe(inside.reduce((sum, one) => sum + one.bytes, 0))
        expect(admission.requests).toBe(inside.length)
        expect(admission.usedBytes).toBeLessThanOrEqual(100)
      }
    }),
  )
})
