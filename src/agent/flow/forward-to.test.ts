import { expect, test } from 'vitest'
import { at, logs, series, write } from '../../../test/support/bodies.ts'
import { ownerOf, specOf, startFlowBench, startUpstream, tenancy } from '../../../test/support/flow.ts'
import { queueDefaults } from '../../../test/support/queue.ts'
import { openTestStore } from '../../../test/support/store.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { until } from '../../../test/support/until.ts'
import { defaultTenancy, noTenancy } from '../../config/tenancy-settings.ts'
import type { EndpointSpec } from './endpoint-spec.ts'
import type { Flow, Receiver } from './receiver.ts'

const a = '__tenant_id__=a'
const b = '__tenant_id__=b'

/** `front/0` feeds `back/0` and `back/1`, which send to an upstream each. */
async function chained(front: Partial<EndpointSpec> = {}, back: Partial<EndpointSpec> = {}, isLogs = false) {
  const { store } = await openTestStore(temporaryFolder(), { wallClock: Date.now })
  const bench = startFlowBench(store)
  const ups = [await startUpstream(), await startUpstream()]
  const signal = isLogs ? 'logs' : 'metrics'
  const toUrl = ups.map(({ url }, k) => specOf(`back/${k}`, `${url}/${signal}`, { signal, ...back }))
  const receivers = await bench.endpoints.put('back', toUrl)
  const [front0] = await bench.endpoints.put('front', [specOf('front/0', receivers, { signal, ...front })])
  return { ...bench, store, ups, push: await bench.listen(front0!, signal) }
}

test('each part goes on as a batch with its final id in __tenant_id__; tenancy downstream applies again', async () => {
  const { ups, push } = await chained(
    { tenancy: tenancy({ prefix: 'x-' }) },
    { tenancy: tenancy({ allow: ['x-a', 'x-d'] }) },
  )
  const body = write([series('__name__=m', a), series('__name__=n', b), series('__name__=o', a)])
  expect((await push(body, { traceparent: '00-x' })).status).toBe(204)
  for (const { got, headers } of ups) {
    expect(got).toEqual(['x-a: m o'])
    expect(headers[0]).toMatchObject({ traceparent: '00-x', 'user-agent': 'Sluice/test' })
  }
})

test('an endpoint without tenancy hands on series without a tenant', async () => {
  const { ups, push } = await chained({ tenancy: noTenancy }, { tenancy: tenancy({ default: 'd' }) })
  expect((await push(write([series('__name__=m', a), series('__name__=n')]))).status).toBe(200)
  expect(ups.map(({ got }) => got)).toEqual([['d: m n'], ['d: m n']])
})

test('logs go on the same way', async () => {
  const { ups, push } = await chained({}, {}, true)
  expect((await push(logs('{__tenant_id__="a", app="x"}', '{app="y", __tenant_id__="b"}'))).status).toBe(200)
  expect(ups.map(({ got }) => got.sort())).toEqual([
    ['a: {app="x"}', 'b: {app="y"}'],
    ['a: {app="x"}', 'b: {app="y"}'],
  ])
})

test('what fails downstream fails the part; a repeat contacts only what is unfinished, through all of the chain', async () => {
  const { ups, push } = await chained()
  const [one, other] = ups as [(typeof ups)[0], (typeof ups)[0]]
  other.answer = (tenant) =>
    tenant === 'a' ? { status: 429, headers: { 'retry-after': '0' }, body: 'slow' } : { status: 200 }
  const body = write([series('__name__=m', a), series('__name__=n', b)])
  const first = await push(body)
  expect([first.status, first.text]).toEqual([
    429,
    '1 of 2 parts failed\ntenant a at front/0: 429 1 of 2 parts failed tenant a at back/1: 429 slow\n',
  ])
  other.answer = () => ({ status: 200 })
  expect((await push(body)).status).toBe(200)
  expect([one.got.sort(), other.got.sort()]).toEqual([
    ['a: m', 'b: n'],
    ['a: m', 'a: m', 'b: n'],
  ])
})

test('a final refusal is final; what downstream rejects series by series is dropped there', async () => {
  const { ups, push, registry } = await chained({}, { tenancy: tenancy({ deny: ['b'] }) })
  ups[1]!.answer = () => ({ status: 422, body: 'no' })
  const { status, text } = await push(write([series('__name__=m', a), series('__name__=n', b)]))
  expect([status, text.split('\n')[1]]).toEqual([
    400,
    'tenant a at front/0: 400 1 of 2 parts failed tenant a at back/1: 422 no',
  ])
  const dropped = registry.meter.tally('sluice_dropped_total', { signal: 'metrics', reason: 'denied_tenant' })
  expect(dropped.value).toBe(2)
})

test('a receiver that does not settle in time counts as a time-out; the repeat joins what is under way', async () => {
  const bench = startFlowBench()
  const flows: Flow[] = []
  let settle: (() => void) | undefined
  const slow: Receiver = {
    id: 'slow',
    signal: 'metrics',
    receive: (flow) => {
      flows.push(flow)
      return new Promise((resolve) => (settle = () => resolve({ parts: [], rejected: [] })))
    },
  }
  const [front] = await bench.endpoints.put('front', [specOf('front/0', [slow], { timeoutMs: 300 })])
  const push = await bench.listen(front!)
  const { status, text } = await push(write([series('__name__=m', a)]))
  expect([status, text.includes('did not settle it within')]).toEqual([504, true])
  settle?.()
  expect(await flows[0]!.answered).toBe(204)
})

test('with a queue what fails downstream is stored, and sent on after a restart', async () => {
  const path = temporaryFolder()
  const queue = { ...queueDefaults, ackGraceMs: 60_000, maxBackoffMs: 50 }
  const down = await startUpstream(() => ({ status: 503 }))
  const run = async () => {
    const { store } = await openTestStore(path, { wallClock: Date.now })
    const bench = startFlowBench(store)
    const back = await bench.endpoints.put('back', [specOf('back/0', down.url)])
    const [front] = await bench.endpoints.put('front', [specOf('front/0', back, { queue })])
    return { ...bench, store, push: await bench.listen(front!) }
  }
  const before = await run()
  for (const ts of [1, 2]) expect((await before.push(write([at(ts, series('__name__=m', a))]))).status).toBe(204)
  expect(before.store.list().map(({ queue: one, samples }) => [one, samples])).toEqual([
    [{ endpoint: 'front/0', signal: 'metrics', tenant: 'a' }, 2],
  ])
  for (const { id } of before.endpoints.live()) await before.endpoints.remove(ownerOf(id), 1000)
  await before.store.close()
  down.answer = () => ({ status: 200 })
  down.got.length = 0
  const after = await run()
  await until(() => after.store.batches === 0, { what: 'all is sent on' })
  expect(down.got).toEqual(['a: m m'])
})

test('reload: other receivers behind the same endpoint, what is under way ends with the old ones', async () => {
  const bench = startFlowBench()
  const [old, next] = [await startUpstream(), await startUpstream()]
  const [toOld, toNext] = await bench.endpoints.put('back', [specOf('back/0', old.url), specOf('back/1', next.url)])
  const [front] = await bench.endpoints.put('front', [specOf('front/0', [toOld!])])
  const push = await bench.listen(front!)
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  old.answer = () => held.then(() => ({ status: 200 }))
  const first = push(write([series('__name__=m', a)]))
  await until(() => old.got.length === 1, { what: 'the first is out' })
  expect(await bench.endpoints.put('front', [specOf('front/0', [toNext!], { tenancy: defaultTenancy })])).toEqual([
    front,
  ])
  expect((await push(write([series('__name__=n', a)]))).status).toBe(200)
  release()
  expect((await first).status).toBe(200)
  expect([old.got, next.got]).toEqual([['a: m'], ['a: n']])
})
