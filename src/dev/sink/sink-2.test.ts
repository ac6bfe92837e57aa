import { expect, test } from 'vitest'
import { testSink } from '../../../test/support/test-sink.ts'
import { encodeHistogram, STALE_MARKER, snappyBlock } from '../encode.ts'
import { encodeRequest2, type Request2Input } from '../encode-v2.ts'
import type { Sink } from './sink.ts'

const headers = {
  'content-type': 'application/x-protobuf; proto=io.prometheus.write.v2.Request',
  'content-encoding': 'snappy',
  'user-agent': 'test/1',
  'x-prometheus-remote-write-version': '2.0.0',
  'x-scope-orgid': 'a',
}

/** Status, the three Written headers (`-` for none), text. */
const post = async ({ pushUrl }: Sink, body: Uint8Array | Request2Input, more: Record<string, string> = {}) => {
  const bytes = body instanceof Uint8Array ? body : encodeRequest2(body)
  const answer = await fetch(pushUrl, { method: 'POST', body: snappyBlock(bytes), headers: { ...headers, ...more } })
  const written = ['samples', 'histograms', 'exemplars'].map(
    (of) => answer.headers.get(`x-prometheus-remote-write-${of}-written`) ?? '-',
  )
  return `${answer.status} ${written.join(' ')} ${await answer.text()}`.trim()
}

const up = [['__name__', 'up']] as const
const good: Request2Input = {
  series: [
    {
      labels: [...up, ['job', 'x']],
      samples: [[STALE_MARKER, 1000, 5]],
      exemplars: [{ labels: [['trace_id', 't']], value: 2, tsMs: 1000 }],
      metadata: { type: 1, help: 'about up', unit: 'seconds' },
    },
    { labels: [['__name__', 'h']], histograms: [encodeHistogram(1, 1, 1000)] },
  ],
}

test('what arrives is kept, and told to be', async () => {
  const sink = await testSink()
  expect(await post(sink, good)).toBe('204 1 1 1')
  const series = sink.store.series('a')
  expect([...series.keys()]).toEqual(['up{job="x"}', 'h'])
  expect(series.get('up{job="x"}')).toMatchObject({
    samples: [[1000, Number.NaN, '7ff0000000000002']],
    exemplars: [{ labels: [['trace_id', 't']], value: 2, tsMs: 1000 }],
  })
  expect(sink.store.metadata('a').get('up')).toEqual({ family: 'up', type: 1, help: 'about up', unit: 'seconds' })
  expect(sink.store.violations).toEqual([])
})

test('strict: the rules of 2.0', async () => {
  const sink = await testSink()
  const check = async (body: Uint8Array | Request2Input, text: string, more: Record<string, string> = {}) =>
    expect(await post(sink, body, more)).toBe(`400 0 0 0 ${text}`)
  const one = { labels: up, samples: [[1, 1]] as const }
  await check(
    { symbols: ['x'], series: [{ labelRefs: [1, 2], samples: [[1, 1]] }] },
    'the first symbol is not the empty string',
  )
  await check({ symbols: ['', 'up', 'up'], series: [one] }, 'symbol "up" is there twice')
  await check({ symbols: ['', 'idle'], series: [one] }, 'symbol 1, "idle", is not used')
  await check(
    { symbols: ['', 'a'], series: [{ labelRefs: [1, 9] }] },
    'series {}: labels: reference 9 is outside of 2 symbols',
  )
  await check({ symbols: ['', 'a'], series: [{ labelRefs: [1] }] }, 'series {}: labels: 1 references are not pairs')
  await check({ series: [{ ...one, samples: [] }] }, 'series up: neither samples nor histograms')
  await check(
    { series: [{ ...one, histograms: [encodeHistogram(1, 1, 1)] }] },
    'series up: both samples and histograms',
  )
  await check({ series: [{ ...one, labels: [['job', 'x']] }] }, 'series {job="x"}: no metric name')
  await check({ series: [{ ...one, labels: [['b', '1'], ['a', '2']] }] }, 'series {b="1", a="2"}: labels are not sorted: a after b') // biome-ignore format: one line
  await check({ series: [{ ...one, samples: [[1, 2], [1, 1]] }] }, 'series up: sample at 1 after 2') // biome-ignore format: one line
  await check({}, 'the request holds no series')
  await check(good, 'X-Prometheus-Remote-Write-Version "0.1.0" is not 2.0.0', {
    'x-prometheus-remote-write-version': '0.1.0',
  })
  await check(Uint8Array.of(0x22, 9), 'Request.symbols: 9 bytes promised, 0 left (at byte 2)')
  expect(await post(sink, good, { 'content-encoding': 'gzip' })).toMatch(/^415 - - - /)
  expect([...new Set(sink.store.violations.map(({ rule }) => rule))].join(' ')).toBe(
    'symbols-first symbol-reference symbols-duplicate symbols-unused no-data mixed-data metric-name label-order ' +
      'sample-order empty-request version protobuf content-encoding',
  )
  expect(sink.store.tenants).toEqual([])
})

test('references one by one, and packed in pieces', async () => {
  const sink = await testSink()
  const symbols = ['__name__', 'up', 'job', 'x'].flatMap((text) => [0x22, text.length, ...Buffer.from(text)])
  const sample = [0x12, 11, 0x09, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 1]
  const fields = [0x08, 1, 0x08, 2, 0x0a, 1, 3, 0x0a, 1, 4, ...sample]
  expect(await post(sink, Uint8Array.of(0x22, 0, ...symbols, 0x2a, fields.length, ...fields))).toBe('204 1 0 0')
  expect([...sink.store.series('a').keys()]).toEqual(['up{job="x"}'])
})

test('faults: a receiver of 1.x, of both kinds; a status says that nothing was kept', async () => {
  const sink = await testSink()
  sink.setFault('*', { refuse2: true })
  expect(await post(sink, good)).toBe('415 - - - remote write 1 only')
  sink.setFault('*', { unread2: true })
  expect(await post(sink, good)).toBe('204 - - -')
  sink.setFault('*', { status: 503, retryAfter: 1 })
  expect(await post(sink, good)).toBe('503 0 0 0 fault set for tenant a: 503')
  sink.setFault('*', { status: 400, store: true })
  expect(sink.store.tenants).toEqual([])
  expect(await post(sink, good)).toBe('400 1 1 1 fault set for tenant a: 400')
  expect(sink.requests.map(({ status, samples }) => [status, samples])).toEqual([
    [415, 2],
    [204, 2],
    [503, 2],
    [400, 2],
  ])
})
