// The form of remote write in which a part goes out, over the life of an upstream and of settings: what is remembered,
// what a reload changes, and what stored batches become. The clock of ten minutes is in src/send/forms.test.ts.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeHistogram } from '../../src/dev/encode.ts'
import { at, series, write } from '../support/bodies.ts'
import { request2, series2, written2 } from '../support/request-2.ts'
import { itemsOf, type Leg, startLeg } from '../support/sender-leg.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const always = (message: string) =>
  `tenancy: { labels: [tenant], keep_label: false, override: [{ tenants: ['*'], protobuf_message: ${message} }] }`
const to1 = always('prometheus.WriteRequest')
const to2 = always('io.prometheus.write.v2.Request')

const in1 = (tsMs: number) => write([at(tsMs, series('__name__=m', 'tenant=a'))])
const in2 = (tsMs: number) => request2([series2(tsMs, '__name__=m', 'tenant=a')])
const seen = (legs: readonly Leg[]) => legs.map((leg) => `${leg.form}: ${itemsOf(leg).join(' ')}`)

test('an upstream of before 2.0 that answers 400, or 2xx without having read anything: 1.0 within the push', async () => {
  for (const status of [400, 200]) {
    for (const queue of [false, true]) {
      const { legs, push } = await startLeg({
        queue,
        say: ({ form }) => (form === 2 ? { status, text: 'no timeseries' } : 204),
      })
      const answer = await push(2, in2(1))
      expect([answer.status, answer.headers['x-prometheus-remote-write-samples-written']]).toEqual([204, '1'])
      expect(seen(legs)).toEqual(['2: m@1', '1: m@1'])
      // A 1.0 push beside it goes as ever.
      expect((await push(1, in1(2))).status).toBe(204)
      expect(seen(legs).slice(2)).toEqual(['1: m@2'])
    }
  }
})

test('a 400 that 1.0 is answered with, too, is the sender’s, and nothing is remembered', async () => {
  const { legs, push, metric } = await startLeg({ say: () => ({ status: 400, text: 'out of bounds' }) })
  for (const ts of [1, 2]) {
    const answer = await push(2, in2(ts))
    expect([answer.status, answer.text.includes('out of bounds')]).toEqual([400, true])
  }
  expect(seen(legs)).toEqual(['2: m@1', '1: m@1', '2: m@2', '1: m@2'])
  expect(await metric('sluice_remote_write_fallbacks_total')).toBe(2)
})

test('a reload that changes protobuf_message holds from the next request on', async () => {
  for (const queue of [false, true]) {
    const { legs, push, reload } = await startLeg({ queue })
    const rows = ['', to1, to2, '']
    for (const [k, own] of rows.entries()) {
      if (k > 0) reload(own)
      for (const [n, form] of ([1, 2] as const).entries()) {
        const { status } = await push(form, (form === 1 ? in1 : in2)(k * 10 + n))
        expect(status).toBe(204)
      }
    }
    expect(seen(legs)).toEqual(['1: m@0', '2: m@1', '1: m@10', '1: m@11', '2: m@20', '2: m@21', '1: m@30', '2: m@31'])
  }
})

test('what is stored goes in the form that settings ask for when it is sent, each once, what is lost counted then', async () => {
  const custom = Buffer.concat([encodeHistogram(1, 1, 1000), Buffer.from([0x20, 105])])
  let isBack = false
  const { legs, push, reload, drained, metric } = await startLeg({
    queue: true,
    say: ({ form }) => (isBack ? 204 : { status: 503, ...(form === 2 && { headers: written2(0) }) }),
  })
  const mixed = request2([
    { ...series2(1, '__name__=m', 'tenant=a'), samples: [[1, 1, 1]] },
    { ...series2(1, '__name__=h', 'tenant=a'), samples: [], histograms: [custom] },
  ])
  expect((await push(2, mixed)).status).toBe(204)
  expect((await push(1, in1(2))).status).toBe(204)
  const lost = 'sluice_remote_write_conversion_lost_total{tenant="a",reason="start_timestamp"}'
  const dropped = 'sluice_dropped_total{signal="metrics",reason="nhcb_in_rw1_not_supported"}'
  expect([await metric(lost), await metric(dropped)]).toEqual([0, 0])
  reload(to1)
  await until(() => legs.some(({ form }) => form === 1), { what: 'it is tried in 1.0' })
  expect([await metric(lost), await metric(dropped)]).toEqual([0, 0])
  isBack = true
  await drained()
  expect(seen(legs).slice(-2)).toEqual(['1: m@1', '1: m@2'])
  const first = legs.findIndex(({ form }) => form === 1)
  expect(new Set(legs.slice(0, first).map(({ form }) => form))).toEqual(new Set([2]))
  expect(new Set(legs.slice(first).map(({ form }) => form))).toEqual(new Set([1]))
  expect([await metric(lost), await metric(dropped)]).toEqual([1, 1])
})

test('stored in 2.0, sent after a restart to an upstream that speaks 1.x alone', async () => {
  const storage = join(temporaryFolder(), 'store')
  const before = await startLeg({ queue: true, storage, say: () => ({ status: 503, headers: written2(0) }) })
  expect((await before.push(2, in2(1))).status).toBe(204)
  await before.stop()
  const after = await startLeg({ queue: true, storage, say: ({ form }) => (form === 2 ? 415 : 204) })
  await after.came(2)
  await after.drained()
  expect(seen(after.legs)).toEqual(['2: m@1', '1: m@1'])
})

test('stored in 1.0, sent as 2.0 after a reload: in the series that 2.0 knows, what is lost counted then', async () => {
  let isBack = false
  const { legs, push, reload, drained, metric } = await startLeg({
    queue: true,
    say: () => (isBack ? 204 : { status: 503, headers: written2(0) }),
  })
  const labels = (name: string) =>
    [
      ['__name__', name],
      ['tenant', 'a'],
    ] as const
  const exemplars = [{ labels: [['trace_id', 't']] as const, value: 1, tsMs: 1 }]
  const sent = write([
    { labels: labels('m'), samples: [[1, 1]] },
    { labels: labels('m'), exemplars },
    { labels: labels('none'), exemplars },
  ])
  expect((await push(1, sent)).status).toBe(204)
  reload(to2)
  await until(() => legs.some(({ form }) => form === 2), { what: 'it is tried in 2.0' })
  const lost = 'sluice_remote_write_conversion_lost_total{tenant="a",reason="exemplar"}'
  expect(await metric(lost)).toBe(0)
  isBack = true
  await drained()
  const { content } = legs.at(-1)!
  expect([seen(legs).at(-1), content.series.map((one) => one.exemplars.length)]).toEqual(['2: m@1', [1]])
  expect(await metric(lost)).toBe(1)
})
