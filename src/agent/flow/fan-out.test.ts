import { expect, test } from 'vitest'
import { at, series, write } from '../../../test/support/bodies.ts'
import { specOf, startFlowBench, startUpstream, tenancy } from '../../../test/support/flow.ts'
import { defaultTenancy } from '../../config/tenancy-settings.ts'
import { SluiceError } from '../../errors.ts'
import { fanOut } from './fan-out.ts'
import type { Receiver } from './receiver.ts'

const a = '__tenant_id__=a'
const b = '__tenant_id__=b'

/** Two endpoints of one component behind one listener. */
async function two(first = defaultTenancy, second = defaultTenancy) {
  const bench = startFlowBench()
  const [one, other] = [await startUpstream(), await startUpstream()]
  const receivers = await bench.endpoints.put('rw', [
    specOf('rw/one', one.url, { tenancy: first }),
    specOf('rw/other', other.url, { tenancy: second }),
  ])
  const push = await bench.listen(fanOut('rw', 'metrics', receivers))
  return { ...bench, one, other, push, receivers }
}

test('each endpoint gets all of it, in its own way', async () => {
  const { one, other, push } = await two(defaultTenancy, tenancy({ prefix: 'x-' }))
  expect((await push(write([series('__name__=m', a), series('__name__=m', b)]))).status).toBe(200)
  expect(one.got.sort()).toEqual(['a: m', 'b: m'])
  expect(other.got.sort()).toEqual(['x-a: m', 'x-b: m'])
})

test('a repeat contacts only what failed: not the other endpoint, not the other tenant', async () => {
  const { one, other, push } = await two()
  const body = write([series('__name__=m', a), series('__name__=m', b)])
  other.answer = (tenant) => ({ status: tenant === 'b' ? 503 : 200, headers: { 'retry-after': '0' }, body: 'not now' })
  const first = await push(body)
  expect([first.status, first.text]).toEqual([503, '1 of 4 parts failed\ntenant b at rw/other: 503 not now\n'])
  expect((await push(body)).status).toBe(503)
  other.answer = () => ({ status: 200 })
  expect((await push(body)).status).toBe(200)
  expect([one.got.sort(), other.got.sort()]).toEqual([
    ['a: m', 'b: m'],
    ['a: m', 'b: m', 'b: m', 'b: m'],
  ])
  // It was answered for good: the same bytes are another push now.
  expect((await push(body)).status).toBe(200)
  expect([one.got.length, other.got.length]).toEqual([4, 6])
})

test('other bytes, and another tenant header, are another push', async () => {
  const { one, other, push } = await two()
  other.answer = () => ({ status: 500 })
  const body = (ts: number) => write([at(ts, series('__name__=m', a))])
  for (const [ts, headers] of [
    [1, {}],
    [2, {}],
    [2, { 'x-scope-orgid': 'q' }],
    [2, { 'x-scope-orgid': 'q' }],
  ] as const)
    expect((await push(body(ts), headers)).status).toBe(500)
  expect([one.got.length, other.got.length]).toEqual([3, 4])
})

test('final refusals and rejected series are one 400 that names the endpoint', async () => {
  const { other, push } = await two(defaultTenancy, tenancy({ deny: ['b'] }))
  other.answer = () => ({ status: 422, body: 'too old' })
  const { status, text } = await push(write([series('__name__=m', a), series('__name__=m', b)]))
  expect([status, text]).toEqual([
    400,
    '1 of 3 parts failed, 1 series rejected\ntenant a at rw/other: 422 too old\n' +
      'rejected denied_tenant (1): tenant id "b" is refused: deny matches it; for example {__name__="m", __tenant_id__="b"}\n',
  ])
})

test('one that refuses the whole is one more part that failed; a repeat finds the others’ done', async () => {
  const bench = startFlowBench()
  const upstream = await startUpstream()
  const [endpoint] = await bench.endpoints.put('rw', [specOf('rw/0', upstream.url)])
  let full = true
  const full1: Receiver = {
    id: 'other',
    signal: 'metrics',
    receive: async () => {
      if (full) throw new SluiceError('OVERLOADED', 'too much', { retryAfter: 3 })
      return { parts: [], rejected: [] }
    },
  }
  const push = await bench.listen(fanOut('two', 'metrics', [full1, endpoint!]))
  const body = write([series('__name__=m', a)])
  const first = await push(body)
  expect([first.status, first.headers['retry-after'], first.text]).toEqual([
    503,
    '3',
    '1 of 2 parts failed\nother: 503 too much\n',
  ])
  full = false
  expect((await push(body)).status).toBe(200)
  expect(upstream.got).toEqual(['a: m'])
})

test('without receivers everything is settled; a defect is no answer of an endpoint’s', async () => {
  const bench = startFlowBench()
  const nowhere = await bench.listen(fanOut('none', 'metrics', []))
  expect((await nowhere(write([series('__name__=m')]))).status).toBe(204)
  const broken: Receiver = { id: 'x', signal: 'metrics', receive: () => Promise.reject(new TypeError('a defect')) }
  const push = await bench.listen(fanOut('two', 'metrics', [broken, broken]))
  expect((await push(write([series('__name__=m')]))).status).toBe(500)
})
