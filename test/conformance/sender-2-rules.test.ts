// The checklist of remote write 2.0 for senders by its numbers (S2-…, in docs/remote-write.md), where the cases of the
// suite don't say it all: on what Sluice sends of what it was pushed.

import { expect, test } from 'vitest'
import { encodeHistogram } from '../../src/dev/encode.ts'
import { series, write } from '../support/bodies.ts'
import { contentType2, read2, request2, series2, written2 } from '../support/request-2.ts'
import { itemsOf, startLeg } from '../support/sender-leg.ts'

const in1 = (...tenants: string[]) => write(tenants.map((tenant) => series('__name__=m', `tenant=${tenant}`)))
const in2 = (tsMs: number, ...tenants: string[]) =>
  request2(tenants.map((tenant) => series2(tsMs, '__name__=m', `tenant=${tenant}`)))
const always2 =
  "tenancy: { labels: [tenant], keep_label: false, override: [{ tenants: ['*'], protobuf_message: io.prometheus.write.v2.Request }] }"

test('S2-1 S2-14 either message, as it came, or as settings say for a tenant', async () => {
  const rows =
    'tenancy: { labels: [tenant], keep_label: false, override: [{ tenants: [old], protobuf_message: prometheus.WriteRequest }, { tenants: [new], protobuf_message: io.prometheus.write.v2.Request }] }'
  const { legs, push } = await startLeg({ rows })
  await push(1, in1('old', 'new', 'any'))
  await push(2, in2(1, 'old', 'new', 'any'))
  const formsOf = (tenant: string) => legs.filter((leg) => leg.tenant === tenant).map(({ form }) => form)
  expect([formsOf('old'), formsOf('new'), formsOf('any')]).toEqual([
    [1, 1],
    [2, 2],
    [1, 2],
  ])
})

test('S2-2 S2-4 S2-5 S2-6 S2-7 S2-16 whatever a sender’s headers and table are like, what goes out is by the letter', async () => {
  for (const queue of [false, true]) {
    const { legs, push } = await startLeg({ queue })
    const sent = request2(
      ['a', 'b', 'c'].map((tenant) => series2(1, '__name__=m', `only=${tenant}`, `tenant=${tenant}`)),
      { symbols: ['', 'unused', 'm', 'm', 'tenant', 'unused'] },
    )
    const headers = {
      'content-type': 'APPLICATION/x-protobuf ; proto="io.prometheus.write.v2.Request"',
      'content-encoding': 'SNAPPY',
      'x-prometheus-remote-write-version': '2.7.1',
    }
    expect((await push(2, sent, headers)).status).toBe(204)
    for (const { method, headers: out, body, tenant } of legs) {
      expect([method, out['content-type'], out['content-encoding'], out['x-prometheus-remote-write-version']]).toEqual([
        'POST',
        contentType2,
        'snappy',
        '2.0.0',
      ])
      expect(out['user-agent']).toBeTruthy()
      expect(read2(body).symbols.toSorted()).toEqual(['', '__name__', 'm', 'only', tenant].toSorted())
    }
    expect(legs.length).toBe(3)
  }
})

test('S2-8 what a success says is ignored; what a failure says is logged and told as it is, and read for nothing', async () => {
  const liar = await startLeg({ say: () => ({ status: 200, text: 'HTTP/1.1 503 retry', headers: written2(1) }) })
  expect((await liar.push(2, in2(1, 'a'))).status).toBe(200)
  expect(liar.legs.length).toBe(1)
  const text = 'unsupported media type 415, retry as "1.0"'
  const { legs, log, push } = await startLeg({ say: () => ({ status: 400, text, headers: written2(0) }) })
  const answer = await push(2, in2(1, 'a'))
  expect([answer.status, answer.text.includes(text), legs.map(({ form }) => form)]).toEqual([400, true, [2]])
  expect(log.some((line) => JSON.parse(line).error?.includes(text))).toBe(true)
})

test('S2-9 a count that is missing is 0, none is read of a 1.0 answer, and no version is read from any', async () => {
  const some = { 'x-prometheus-remote-write-exemplars-written': '0', 'x-prometheus-remote-write-version': '0.1.0' }
  const two = await startLeg({ say: () => ({ status: 204, headers: some }) })
  for (const ts of [1, 2]) {
    const { status, headers } = await two.push(2, in2(ts, 'a'))
    expect([status, headers['x-prometheus-remote-write-samples-written']]).toEqual([204, '0'])
  }
  expect(two.legs.map(({ form }) => form)).toEqual([2, 2])
  const one = await startLeg({
    say: () => ({ status: 204, headers: { ...written2(0), 'x-prometheus-remote-write-version': '2.0.0' } }),
  })
  for (const _ of [1, 2]) {
    const { status, headers } = await one.push(1, in1('a'))
    expect([status, headers['x-prometheus-remote-write-samples-written']]).toEqual([204, undefined])
  }
  expect(one.legs.map(({ form }) => form)).toEqual([1, 1])
})

test('S2-10 S2-11 2xx without a count, or 400 of one that finds no series, is an upstream of 1.x; 202 is not', async () => {
  for (const [status, forms] of [
    [200, [2, 1]],
    [204, [2, 1]],
    [400, [2, 1]],
    [202, [2]],
  ] as const) {
    const { legs, push } = await startLeg({ say: ({ form }) => (form === 2 ? { status } : 204) })
    const { status: told, headers } = await push(2, in2(1, 'a', 'a'))
    expect([told < 300, headers['x-prometheus-remote-write-samples-written']]).toEqual([true, '2'])
    expect(legs.map(({ form }) => form)).toEqual(forms)
    // Several series go in one request.
    expect(itemsOf(legs.at(-1)!)).toEqual(['m@1', 'm@1'])
  }
})

test('S2-12 S2-13 4xx never again; 5xx and 429 again, not before their Retry-After', async () => {
  const outOfDate = await startLeg({
    queue: true,
    say: (_leg, nth) => (nth === 1 ? { status: 422, headers: written2(0) } : 204),
  })
  expect((await outOfDate.push(2, in2(1, 'a'))).status).toBe(422)
  expect((await outOfDate.push(2, in2(2, 'a'))).status).toBe(204)
  expect(outOfDate.legs.map(itemsOf)).toEqual([['m@1'], ['m@2']])
  for (const status of [429, 503]) {
    const headers = { ...written2(0), 'retry-after': '1' }
    const queued = await startLeg({ queue: true, say: (_leg, nth) => (nth === 1 ? { status, headers } : 204) })
    expect((await queued.push(2, in2(1, 'a'))).status).toBe(204)
    await queued.came(2)
    await queued.drained()
    expect(queued.legs.map(itemsOf)).toEqual([['m@1'], ['m@1']])
    expect(queued.legs[1]!.at - queued.legs[0]!.at).toBeGreaterThan(990)
    const direct = await startLeg({ say: () => ({ status, headers }) })
    const answer = await direct.push(2, in2(1, 'a'))
    expect([answer.status, answer.headers['retry-after']]).toEqual([status, '1'])
    // Too early a repeat is not passed on.
    expect((await direct.push(2, in2(1, 'a'))).status).toBe(status)
    expect(direct.legs.length).toBe(1)
  }
})

test('S2-15 what came as 1.0: labels, samples or histograms, exemplars beside them', async () => {
  for (const queue of [false, true]) {
    const { legs, push, metric } = await startLeg({ queue, rows: always2 })
    const labels = [
      ['__name__', 'm'],
      ['tenant', 'a'],
    ] as const
    const exemplar = { labels: [['trace_id', 't']] as const, value: 1, tsMs: 1 }
    const { status } = await push(
      1,
      write([
        { labels, samples: [[1, 1]], histograms: [encodeHistogram(1, 1, 2)] },
        { labels, exemplars: [exemplar] },
        { labels: [['__name__', 'other'], labels[1]], exemplars: [exemplar] },
      ]),
    )
    expect(status).toBe(204)
    const { symbols, timeseries } = read2(legs[0]!.body)
    expect(
      timeseries.map(({ labelsRefs, samples, histograms, exemplars }) => [
        labelsRefs.map((ref) => symbols[ref]).join('='),
        samples.length,
        histograms.length,
        exemplars.length,
      ]),
    ).toEqual([
      ['__name__=m', 1, 0, 1],
      ['__name__=m', 0, 1, 0],
    ])
    expect(await metric('sluice_remote_write_conversion_lost_total{tenant="a",reason="exemplar"}')).toBe(1)
  }
})
