// Parts whose push brings its own way to send, and ends them itself.

import { expect, test } from 'vitest'
import { noMeter } from '../telemetry/meter.ts'
import type { HttpRequest, HttpResponse, Send } from '../wire/message.ts'
import { Forms } from './forms.ts'
import { type Carrier, Lane } from './lane.ts'
import { Scheduler } from './scheduler.ts'

const taken: HttpResponse = { status: 200, headers: { 'x-seen': '1' }, body: Buffer.from('Ok') }
const never = () => new Promise<never>(() => undefined)

/** A lane that may have one request out, to an upstream of its own that no part here goes to. */
function bench(ownTimeoutMs = Number.POSITIVE_INFINITY) {
  const now = () => performance.now()
  const scheduler = new Scheduler({ limit: 1, now, tenants: () => 1 })
  const send: Send = () => Promise.reject(new Error('the endpoint’s own way was taken'))
  const more = { signal: 'metrics', tenantHeader: 'X-Scope-OrgID', meter: noMeter, maxInFlightPerTenant: 0 } as const
  const context = { ...more, send, forms: new Forms(now), scheduler, now, wallClock: now }
  const rateLimit = { samplesPerSecond: 0, burst: 0 }
  const lane = new Lane('a', { url: 'http://up/', headers: {}, timeoutMs: ownTimeoutMs, rateLimit }, context)
  const sent: HttpRequest[] = []
  const deliver = (answer: () => Promise<HttpResponse>, more: Omit<Carrier, 'send'> = {}) => {
    const carrier: Carrier = {
      ...more,
      send: (request) => {
        sent.push(request)
        return answer()
      },
    }
    return lane.deliver({ body: Buffer.from('body'), protocol: 'remote-write-1', samples: 1, travelling: {}, carrier })
  }
  return { deliver, sent, scheduler, lane }
}

test('it is sent in its own way; the whole answer, or why there is none, comes along', async () => {
  const { deliver, sent } = bench()
  expect(await deliver(async () => taken)).toMatchObject({ status: 200, answered: true, response: taken })
  const headers = {
    'content-encoding': 'snappy',
    'content-type': 'application/x-protobuf',
    'x-prometheus-remote-write-version': '0.1.0',
    'x-scope-orgid': 'a',
  }
  expect(sent).toEqual([{ method: 'POST', url: 'http://up/', headers, body: Buffer.from('body') }])
  const error = new Error('no')
  expect(await deliver(() => Promise.reject(error))).toMatchObject({ status: 503, answered: false, text: 'no', error })
})

test('signal and time go to whatever sends it; the target’s own time goes before', async () => {
  const check = async (own: number | undefined, given: number | undefined, want: number | undefined) => {
    const { deliver, sent } = bench(own)
    const { signal } = new AbortController()
    await deliver(async () => taken, { signal, ...(given !== undefined && { timeoutMs: given }) })
    const { timeoutMs } = sent[0] as HttpRequest
    expect(sent[0]?.signal).toBe(signal)
    expect(timeoutMs === undefined ? undefined : Math.round(timeoutMs / 1000)).toBe(want)
  }
  await check(undefined, undefined, undefined)
  await check(undefined, 5000, 5)
  await check(9000, undefined, 9)
  await check(9000, 5000, 9)
  await check(3000, 5000, 3)
})

test('aborted while it waits, or before', async () => {
  const { deliver, sent, scheduler } = bench()
  const abort = new AbortController()
  void deliver(never)
  const waiting = deliver(async () => taken, { signal: abort.signal })
  abort.abort(new Error('enough'))
  expect(await waiting).toMatchObject({ status: 503, answered: false, text: 'enough' })
  expect(await deliver(async () => taken, { signal: abort.signal })).toMatchObject({ status: 503, text: 'enough' })
  expect([sent.length, scheduler.waiting]).toEqual([1, 0])
})

test('time runs out while it waits, also behind one with more time', async () => {
  const { deliver, sent, scheduler } = bench()
  void deliver(never)
  const patient = deliver(async () => taken)
  const hasty = deliver(async () => taken, { timeoutMs: 30 })
  expect(await hasty).toMatchObject({ status: 504, text: 'no free upstream connection within 30 ms' })
  expect([sent.length, scheduler.waiting]).toEqual([1, 1])
  await expect(Promise.race([patient, Promise.resolve('waits')])).resolves.toBe('waits')
})

test('a part that began is no longer ended by the queue', async () => {
  const { deliver } = bench()
  const abort = new AbortController()
  let answer: (response: HttpResponse) => void = () => undefined
  const first = deliver(() => new Promise((resolve) => (answer = resolve)))
  const second = deliver(() => new Promise((resolve) => (answer = resolve)), {
    signal: abort.signal,
    timeoutMs: 60_000,
  })
  answer(taken)
  await first
  abort.abort()
  answer({ ...taken, status: 202 })
  expect((await second).status).toBe(202)
})
