// The sender suite of remote write 2 (prometheus/compliance, remotewrite/sender), by its names: the cases about what one
// request is like, on Sluice's own requests for what was pushed. Lanes that answer and lanes that store are held to the
// same. Stricter than the suite where that can't fail.

import { expect, test } from 'vitest'
import { encodeHistogram } from '../../src/dev/encode.ts'
import type { SeriesInput2 } from '../../src/dev/encode-v2.ts'
import { uncompress } from '../../src/wire/snappy.ts'
import { at, series, write } from '../support/bodies.ts'
import { contentType2, read2, request2, series2 } from '../support/request-2.ts'
import { itemsOf, type Leg, startLeg } from '../support/sender-leg.ts'
import { until } from '../support/until.ts'

/** Two tenants' series, mixed, from a sender that makes a table as bad as receivers still read. */
const mixed: SeriesInput2[] = ['/users', '/posts', '/comments'].flatMap((endpoint, k) => [
  {
    labels: labels(
      ['__name__', 'api_calls'],
      ['endpoint', endpoint],
      ['status', '200'],
      ['tenant', 'a'],
      ['zone', 'z'],
    ),
    samples: [[k, 1000 + k, 500]],
    exemplars: [{ labels: [['trace_id', `t${k}`]], value: k, tsMs: 1000 }],
    metadata: { type: 1, help: 'Calls.', unit: 'calls' },
  },
  {
    ...series2(1000, '__name__=up', `endpoint=${endpoint}`, 'tenant=b'),
    metadata: { type: 2, help: 'Whether it is up.' },
  },
])
function labels(...all: [string, string][]): [string, string][] {
  return all
}
const pushed = request2(mixed, { symbols: ['', 'unused', 'status', 'status', 'api_calls', '200', 'api_calls'] })

/** What came upstream for tenant a. */
async function legOfA(queue: boolean): Promise<Leg> {
  const { legs, push } = await startLeg({ queue })
  const answer = await push(2, pushed)
  expect([answer.status, legs.map(({ tenant }) => tenant).sort()]).toEqual([204, ['a', 'b']])
  return legs.find(({ tenant }) => tenant === 'a')!
}

const cases: Record<string, (leg: Leg) => void> = {
  'TestProtocolCompliance/content_type_protobuf': ({ headers }) =>
    expect(headers['content-type']).toMatch(/^application\/x-protobuf(;|$)/),
  'TestProtocolCompliance/content_type_with_proto_param': ({ headers }) =>
    expect(headers['content-type']).toBe(contentType2),
  'TestProtocolCompliance/content_encoding_snappy': ({ headers }) => expect(headers['content-encoding']).toBe('snappy'),
  'TestProtocolCompliance/version_header_present': ({ headers }) =>
    expect(headers['x-prometheus-remote-write-version']).toBeTruthy(),
  'TestProtocolCompliance/version_header_value': ({ headers }) =>
    expect(headers['x-prometheus-remote-write-version']).toBe('2.0.0'),
  'TestProtocolCompliance/user_agent_present': ({ headers }) => expect(headers['user-agent']).toBe('sender/1'),
  'TestProtocolCompliance/snappy_block_format': ({ body }) => {
    expect(body.subarray(0, 10)).not.toEqual(Buffer.from('ff060000734e61507059', 'hex'))
    expect(uncompress(body, 1 << 20).length).toBeGreaterThan(0)
  },
  'TestProtocolCompliance/protobuf_parseable': ({ body }) => expect(read2(body).timeseries.length).toBe(3),
  'TestSymbolTable/empty_string_at_index_zero': ({ body }) => expect(read2(body).symbols[0]).toBe(''),
  'TestSymbolTable/string_deduplication': ({ body }) => {
    const { symbols } = read2(body)
    expect(new Set(symbols).size).toBe(symbols.length)
  },
  'TestSymbolTable/labels_refs_valid_indices': ({ body }) => {
    const { symbols, timeseries } = read2(body)
    for (const { labelsRefs, exemplars, metadata } of timeseries)
      for (const ref of [labelsRefs, exemplars[0]!.labelsRefs, metadata!.helpRef, metadata!.unitRef].flat())
        expect(symbols[ref]).toBeTruthy()
  },
  'TestSymbolTable/labels_refs_even_length': ({ body }) =>
    expect(read2(body).timeseries.map(({ labelsRefs }) => labelsRefs.length)).toEqual([8, 8, 8]),
  TestSymbolTableEfficiency: ({ body }) =>
    expect(read2(body).symbols.toSorted()).toEqual(
      ['', '/comments', '/posts', '/users', '200', 'Calls.', '__name__', 'api_calls', 'calls', 'endpoint', 'status']
        .concat('t0', 't1', 't2', 'trace_id', 'z', 'zone')
        .toSorted(),
    ),
  'TestBatchingBehavior/multiple_series_per_request': (leg) =>
    expect(itemsOf(leg)).toEqual(['api_calls@1000', 'api_calls@1001', 'api_calls@1002']),
  'TestBatchingBehavior/metadata_batching': ({ body }) => {
    const { symbols, timeseries } = read2(body)
    for (const { metadata } of timeseries) {
      const { type, helpRef, unitRef } = metadata!
      expect([type, symbols[helpRef], symbols[unitRef]]).toEqual([1, 'Calls.', 'calls'])
    }
  },
}

for (const queue of [false, true]) {
  test(`what one request is like, by lanes that ${queue ? 'store' : 'answer'}`, async () => {
    const leg = await legOfA(queue)
    for (const [name, prove] of Object.entries(cases)) {
      try {
        prove(leg)
      } catch (cause) {
        throw new Error(name, { cause })
      }
    }
    // What is not in a table or a label goes byte for byte: start timestamps too.
    const { timeseries } = read2(leg.body)
    expect(timeseries.map(({ samples }) => [samples[0]!.value, samples[0]!.startTimestamp])).toEqual([
      [0, 500n],
      [1, 500n],
      [2, 500n],
    ])
  })

  test(`TestHTTPMethod: one request a tenant and push, by lanes that ${queue ? 'store' : 'answer'}`, async () => {
    const { legs, push } = await startLeg({ queue })
    for (const ts of [1, 2]) await push(2, request2([series2(ts, '__name__=m', 'tenant=a')]))
    expect(legs.map(itemsOf)).toEqual([['m@1'], ['m@2']])
  })
}

test('one tenant with nothing to remove: the very bytes that came', async () => {
  const { legs, push } = await startLeg({ rows: 'tenancy: { labels: [tenant], keep_label: true }' })
  const body = request2([series2(1, '__name__=m', 'tenant=a')], {
    symbols: ['', 'm', 'a', 'tenant', '__name__'],
  })
  await push(2, body)
  expect(legs[0]!.form).toBe(2)
  expect(Buffer.compare(legs[0]!.body, body)).toBe(0)
})

test('TestBatchingBehavior/batch_size_reasonable, handles_varying_cardinality and efficient_symbol_reuse', async () => {
  const { legs, push } = await startLeg({ queue: true })
  const part = (k: number) =>
    request2(
      Array.from({ length: 500 }, (_, n) =>
        series2(k, '__name__=metric', ...(n % 2 ? ['method=GET'] : []), `n=${n}`, 'tenant=a'),
      ),
    )
  const answers = await Promise.all(Array.from({ length: 24 }, (_, k) => push(2, part(k + 1))))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]))
  const found = (): Set<string> =>
    new Set(
      legs.flatMap(({ content }) => content.series.map((one) => `${one.labels.join(' ')} ${one.samples[0]!.tsMs}`)),
    )
  await until(() => found().size === 12_000, { what: 'all of it is sent', seen: () => found().size, everyMs: 200 })
  expect(legs.length).toBeLessThan(24)
  for (const { body } of legs) {
    const { symbols, timeseries } = read2(body)
    expect(timeseries.length).toBeLessThanOrEqual(2000)
    // "", four names, "metric", "GET", and 500 numbers at most, however many pushes are in it.
    expect(symbols.length).toBeLessThanOrEqual(507)
  }
})

test('TestConcurrentRequests: tenants at once, one after the other for one', async () => {
  let most = 0
  let out = 0
  const { legs, push, came } = await startLeg({
    queue: true,
    say: () => {
      most = Math.max(most, ++out)
      setTimeout(() => out--, 20)
      return 204
    },
  })
  const tenants = ['a', 'b', 'c', 'd', 'e']
  await push(2, request2(tenants.map((tenant) => series2(1, '__name__=m', `tenant=${tenant}`))))
  await came(5)
  expect(legs.map(({ tenant }) => tenant).sort()).toEqual(tenants)
  expect(most).toBeGreaterThan(1)
})

const to1 =
  "tenancy: { labels: [tenant], keep_label: false, override: [{ tenants: ['*'], protobuf_message: prometheus.WriteRequest }] }"

/** Field 3 of a sample: 500. */
const startTimestamp = Buffer.from([0x18, 0xf4, 0x03])

test('TestRemoteWrite1Compatibility: what is sent as 1.0 is 1.0, in whatever form it came', async () => {
  const custom = Buffer.concat([encodeHistogram(1, 1, 1000), Buffer.from([0x20, 105])])
  for (const queue of [false, true]) {
    const { legs, push } = await startLeg({ queue, rows: to1 })
    const histograms: SeriesInput2[] = [
      { labels: labels(['__name__', 'native'], ['tenant', 'a']), histograms: [encodeHistogram(2, 3, 1000)] },
      { labels: labels(['__name__', 'nhcb'], ['tenant', 'a']), histograms: [custom] },
    ]
    expect(await push(2, request2([...mixed, ...histograms]))).toMatchObject({
      status: 400,
      text: expect.stringContaining('1 histograms with custom buckets were not sent'),
    })
    expect((await push(1, write([at(2000, series('__name__=one', 'tenant=a'))]))).status).toBe(204)
    const ofA = legs.filter(({ tenant }) => tenant === 'a')
    for (const { headers } of ofA) {
      // rw1_version_header, rw1_content_type
      expect(headers['x-prometheus-remote-write-version']).toBe('0.1.0')
      expect(headers['content-type']).toBe('application/x-protobuf')
    }
    const [first, second] = ofA.map(({ content }) => content)
    // rw1_samples_encoding, rw1_labels_encoding, rw1_symbol_table_not_used
    expect(
      first!.series.slice(0, 3).map(({ labels: own, samples }) => [own.flat().join(' '), samples[0]!.value]),
    ).toEqual([
      ['__name__ api_calls endpoint /users status 200 zone z', 0],
      ['__name__ api_calls endpoint /posts status 200 zone z', 1],
      ['__name__ api_calls endpoint /comments status 200 zone z', 2],
    ])
    expect([...first!.unknown, ...second!.unknown]).toEqual([])
    // rw1_no_native_histograms: those that receivers of 1.0 know go, those with custom buckets don't.
    expect(first!.series.slice(3).map(({ labels: own, histograms: some }) => [own[0]![1], some.length])).toEqual([
      ['native', 1],
    ])
    // rw1_no_start_timestamp: nothing but what the schema of 1.0 has.
    expect(first!.series.flatMap(({ unknown }) => unknown)).toEqual([])
    for (const { body } of ofA) expect(Buffer.from(uncompress(body, 1 << 20)).includes(startTimestamp)).toBe(false)
    // rw1_metadata_handling
    expect(first!.metadata).toEqual([{ family: 'api_calls', type: 1, help: 'Calls.', unit: 'calls' }])
  }
})

test('TestRemoteWrite1Configuration: without a word in the settings each goes as it came', async () => {
  const { legs, push } = await startLeg()
  await push(1, write([series('__name__=one', 'tenant=a')]))
  await push(2, request2([series2(1, '__name__=two', 'tenant=a')]))
  expect(legs.map(({ form, headers }) => [form, headers['x-prometheus-remote-write-version']])).toEqual([
    [1, '0.1.0'],
    [2, '2.0.0'],
  ])
})
