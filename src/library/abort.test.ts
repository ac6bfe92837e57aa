// Abort reaches every part, wherever it is, but not one that somebody else waits for.

import { expect, onTestFinished, test } from 'vitest'
import { metricsOf } from '../../test/support/pipeline.ts'
import { startTenantUpstream } from '../../test/support/tenant-upstream.ts'
import { SluiceError } from '../errors.ts'
import { tenantFetch } from './tenant-fetch.ts'
import type { TenantOptions, TenantResult } from './tenant-options.ts'

const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
const body = metricsOf(['a', 'b'])

async function bench(options: TenantOptions = {}) {
  const upstream = await startTenantUpstream(() => 'hang')
  const told: TenantResult[] = []
  const send = tenantFetch(fetch, { labels: ['tenant'], onTenantResult: (result) => told.push(result), ...options })
  const push = (signal?: AbortSignal, bytes = body) =>
    send(upstream.url, { method: 'POST', headers, body: bytes, ...(signal && { signal }) })
  return { upstream, told, push }
}

test('in flight: rejects with the reason, and the connections are cut', async () => {
  const { upstream, push, told } = await bench()
  const abort = new AbortController()
  const pushed = push(abort.signal)
  await upstream.until(() => upstream.arrivals.length === 2)
  const reason = new SluiceError('UPSTREAM_TIMEOUT', 'enough')
  abort.abort(reason)
  await expect(pushed).rejects.toBe(reason)
  await upstream.until(() => upstream.arrivals.every(({ isCut }) => isCut))
  expect(told.map(({ status, error }) => [status, error?.code])).toEqual([
    [504, 'UPSTREAM_TIMEOUT'],
    [504, 'UPSTREAM_TIMEOUT'],
  ])
})

test('before: nothing is sent, as fetch would', async () => {
  const { upstream, push } = await bench()
  const check = (signal: AbortSignal) => expect(push(signal)).rejects.toBe(signal.reason)
  await check(AbortSignal.abort(new Error('early')))
  await check(AbortSignal.abort())
  expect(upstream.arrivals).toEqual([])
})

test('a time-out signal: TimeoutError', async () => {
  const { push } = await bench()
  await expect(push(AbortSignal.timeout(100))).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('in the queue: what waits is never sent', async () => {
  const { upstream, push } = await bench({ maxInFlightPerTenant: 1 })
  void push(undefined, metricsOf(['a'], { value: 2 }))
  await upstream.until(() => upstream.arrivals.length === 1)
  const abort = new AbortController()
  const waiting = push(abort.signal, metricsOf(['a'], { value: 3 }))
  const patient = push(undefined, metricsOf(['a'], { value: 4 }))
  abort.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  upstream.tell = () => 200
  await expect(Promise.race([patient, Promise.resolve('waits')])).resolves.toBe('waits')
  expect(upstream.arrivals.length).toBe(1)
})

test('after the abort its place is free', async () => {
  const { upstream, push } = await bench({ maxInFlightPerTenant: 1 })
  const abort = new AbortController()
  const first = push(abort.signal, metricsOf(['a'], { value: 2 }))
  await upstream.until(() => upstream.arrivals.length === 1)
  const second = push(undefined, metricsOf(['a'], { value: 3 }))
  upstream.tell = () => 200
  abort.abort()
  await expect(first).rejects.toThrow()
  expect((await second).status).toBe(200)
})

test('joined by a repeat: the parts live until all who wait are aborted', async () => {
  const { upstream, push } = await bench()
  const [one, two] = [new AbortController(), new AbortController()]
  const first = push(one.signal)
  await upstream.until(() => upstream.arrivals.length === 2)
  const second = push(two.signal)
  one.abort(new Error('first'))
  await expect(first).rejects.toThrow('first')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(upstream.arrivals.map(({ isCut }) => isCut)).toEqual([false, false])
  two.abort(new Error('second'))
  await expect(second).rejects.toThrow('second')
  await upstream.until(() => upstream.arrivals.every(({ isCut }) => isCut))
  expect(upstream.arrivals.length).toBe(2)
})

test('joined by one that can’t be aborted: it gets the answer', async () => {
  const { upstream, push } = await bench()
  let answer: (status: number) => void = () => undefined
  upstream.tell = () => new Promise((resolve) => (answer = resolve))
  const abort = new AbortController()
  const bytes = metricsOf(['a'])
  const first = push(abort.signal, bytes)
  await upstream.until(() => upstream.arrivals.length === 1)
  const second = push(undefined, bytes)
  abort.abort(new Error('first'))
  await expect(first).rejects.toThrow('first')
  answer(202)
  expect((await second).status).toBe(202)
  expect(upstream.arrivals.length).toBe(1)
})

test('aborted, then repeated: what was delivered is not sent again, the rest anew', async () => {
  const { upstream, push, told } = await bench()
  upstream.tell = ({ tenant }) => (tenant === 'a' ? 200 : 'hang')
  const abort = new AbortController()
  const pushed = push(abort.signal)
  await upstream.until(() => upstream.arrivals.length === 2)
  while (told.length === 0) await new Promise((resolve) => setImmediate(resolve))
  abort.abort()
  upstream.tell = () => 200
  // At once: the aborted parts have not ended yet.
  const again = push()
  await expect(pushed).rejects.toThrow()
  expect((await again).status).toBe(200)
  expect(upstream.tenants()).toEqual(['a', 'b', 'b'])
})

test('one signal for many pushes: no listener is left', async () => {
  const { upstream, push } = await bench()
  upstream.tell = () => 200
  const { signal } = new AbortController()
  let listeners = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++
    add(...args)
  }
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--
    remove(...args)
  }
  for (let value = 0; value < 5; value++)
    expect((await push(signal, metricsOf(['a', 'b'], { value }))).status).toBe(200)
  expect(listeners).toBe(0)
})

test('one signal for many tenants and many pushes: no warning of a leak', async () => {
  const { upstream, push } = await bench()
  upstream.tell = () => 200
  const warnings: Error[] = []
  const note = (warning: Error) => void warnings.push(warning)
  process.on('warning', note)
  onTestFinished(() => void process.off('warning', note))
  const { signal } = new AbortController()
  const tenants = Array.from({ length: 20 }, (_, k) => `t${k}`)
  await Promise.all(tenants.map((_, value) => push(signal, metricsOf(tenants, { value }))))
  expect(warnings).toEqual([])
})
