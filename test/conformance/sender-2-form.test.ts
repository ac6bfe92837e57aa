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
import { type Cases, formNames } from './sender-2-names.ts'

type Name = (typeof formNames)[number]

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
const twice = ['', 'unused', 'status', 'status', 'api_calls', '200', 'api_calls', '__name__', 'endpoint', '/comments']
/** The last of tenant a: what is in the table twice is here the second. */
const secondOnes = [7, 6, 8, 9, 3, 5, 10, 11, 12, 13]
const pushed = request2(
  mixed.map((one, k) => (k === 4 ? { ...one, labelRefs: secondOnes } : one)),
  { symbols: [...twice, 'tenant', 'a', 'zone', 'z'] },
)

/** What came upstream for tenant a. */
async function legOfA(queue: boolean): Promise<Leg> {
  const { legs, push } = await startLeg({ queue })
  const answer = await push(2, pushed)
  expect([answer.status, legs.map(({ tenant }) => tenant).sort()]).toEqual([204, ['a', 'b']])
  return legs.find(({ tenant }) => tenant === 'a')!
}

/** 12,000 series of one tenant, of two kinds, in 24 pushes at once. */
async function startFlood(): Promise<readonly Leg[]> {
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
  return legs
}

/** What needs more than one request. */
const ofMany = {
  'TestBatchingBehavior/batch_size_reasonable': async () => {
    const legs = await startFlood()
    expect(legs.length).toBeLessThan(24)
    for (const { body } of legs) expect(read2(body).timeseries.length).toBeLessThanOrEqual(2000)
  },
  'TestBatchingBehavior/handles_varying_cardinality': async () => {
    for (const { body } of await startFlood()) {
      const sizes = new Set(read2(body).timeseries.map(({ labelsRefs }) => labelsRefs.length))
      expect(sizes).toEqual(new Set([4, 6]))
    }
  },
  'TestBatchingBehavior/efficient_symbol_reuse': async () => {
    // "", four names, "metric", "GET", and 500 numbers at most, however many pushes are in it.
    for (const { body } of await startFlood()) expect(read2(body).symbols.length).toBeLessThanOrEqual(507)
  },
  TestConcurrentRequests: async () => {
    // Tenants at once: no upstream says a word until all five are asked.
    let letGo = (): void => undefined
    const all = new Promise<void>((resolve) => (letGo = resolve))
    const { legs, push } = await startLeg({
      queue: true,
      say: async (_leg, nth) => {
        if (nth === 5) letGo()
        await all
        return 204
      },
    })
    const tenants = ['a', 'b', 'c', 'd', 'e']
    const { status } = await push(2, request2(tenants.map((tenant) => series2(1, '__name__=m', `tenant=${tenant}`))))
    expect([status, legs.map(({ tenant }) => tenant).sort()]).toEqual([204, tenants])
  },
} satisfies Partial<Cases<Name, () => Promise<void>>>

/** Proved for one request of tenant a, by lanes that answer and by lanes that store. */
const ofOne: Cases<Exclude<Name, keyof typeof ofMany | `TestRemoteWrite1${string}`>, (leg: Leg) => void> = {
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
  TestHTTPMethod: ({ method }) => expect(method).toBe('POST'),
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

for (const [name, prove] of Object.entries(ofOne)) {
  test(name, async () => {
    for (const queue of [false, true]) prove(await legOfA(queue))
  })
}
for (const [name, run] of Object.entries(ofMany)) test(name, run)

test('what is not in a table or a label goes byte for byte: start timestamps too', async () => {
  for (const queue of [false, true]) {
    const { timeseries } = read2((await legOfA(queue)).body)
    expect(timeseries.map(({ samples }) => [samples[0]!.value, samples[0]!.startTimestamp])).toEqual([
      [0, 500n],
      [1, 500n],
      [2, 500n],
    ])
  }
})

test('one request for each tenant and push', async () => {
  for (const queue of [false, true]) {
    const { legs, push } = await startLeg({ queue })
    for (const ts of [1, 2]) await push(2, request2([series2(ts, '__name__=m', 'tenant=a')]))
    expect(legs.map(itemsOf)).toEqual([['m@1'], ['m@2']])
  }
})

test('one tenant with nothing to remove: the very bytes that came', async () => {
  const { legs, push } = await startLeg({ rows: 'tenancy: { labels: [tenant], keep_label: true }' })
  const body = request2([series2(1, '__name__=m', 'tenant=a')], {
    symbols: ['', 'm', 'a', 'tenant', '__name__'],
  })
  await push(2, body)
  expect(legs[0]!.form).toBe(2)
  expect(Buffer.compare(legs[0]!.body, body)).toBe(0)
})

const to1 =
  "tenancy: { labels: [tenant], keep_label: false, override: [{ tenants: ['*'], protobuf_message: prometheus.WriteRequest }] }"

/** Field 3 of a sample: 500. */
const startTimestamp = Buffer.from([0x18, 0xf4, 0x03])

/** What came for tenant a of a push in 2.0, histograms of both kinds among it, and of one in 1.0, where 1.0 is asked for. */
async function legsOfA(queue: boolean): Promise<[from2: Leg, from1: Leg]> {
  const custom = Buffer.concat([encodeHistogram(1, 1, 1000), Buffer.from([0x20, 105])])
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
  const [from2, from1] = legs.filter(({ tenant }) => tenant === 'a')
  return [from2!, from1!]
}

type From2 = readonly [from2: Leg, from1: Leg]

/** What is sent as 1.0 is 1.0, in whatever form it came. */
const as1: Cases<Extract<Name, `TestRemoteWrite1Compatibility/${string}`>, (legs: From2) => void> = {
  'TestRemoteWrite1Compatibility/rw1_version_header': (legs) => {
    for (const { headers } of legs) expect(headers['x-prometheus-remote-write-version']).toBe('0.1.0')
  },
  'TestRemoteWrite1Compatibility/rw1_content_type': (legs) => {
    for (const { headers } of legs) expect(headers['content-type']).toBe('application/x-protobuf')
  },
  'TestRemoteWrite1Compatibility/rw1_samples_encoding': ([{ content }]) =>
    expect(
      content.series.slice(0, 3).map(({ samples }) => [samples.length, samples[0]!.value, samples[0]!.tsMs]),
    ).toEqual([
      [1, 0, 1000],
      [1, 1, 1001],
      [1, 2, 1002],
    ]),
  'TestRemoteWrite1Compatibility/rw1_labels_encoding': ([{ content }]) =>
    expect(content.series.slice(0, 3).map((one) => one.labels.flat().join(' '))).toEqual([
      '__name__ api_calls endpoint /users status 200 zone z',
      '__name__ api_calls endpoint /posts status 200 zone z',
      '__name__ api_calls endpoint /comments status 200 zone z',
    ]),
  // Those that receivers of 1.x know go, as Prometheus sends them; those with custom buckets don't.
  'TestRemoteWrite1Compatibility/rw1_no_native_histograms': ([{ content }]) =>
    expect(content.series.slice(3).map((one) => [one.labels[0]![1], one.histograms.length])).toEqual([['native', 1]]),
  'TestRemoteWrite1Compatibility/rw1_no_start_timestamp': (legs) => {
    for (const { body } of legs) expect(Buffer.from(uncompress(body, 1 << 20)).includes(startTimestamp)).toBe(false)
  },
  'TestRemoteWrite1Compatibility/rw1_metadata_handling': ([{ content }]) =>
    expect(content.metadata).toEqual([{ family: 'api_calls', type: 1, help: 'Calls.', unit: 'calls' }]),
  // Nothing but what the schema of 1.0 has.
  'TestRemoteWrite1Compatibility/rw1_symbol_table_not_used': (legs) => {
    for (const { content } of legs)
      expect([...content.unknown, ...content.series.flatMap(({ unknown }) => unknown)]).toEqual([])
  },
}

for (const [name, prove] of Object.entries(as1)) {
  test(name, async () => {
    for (const queue of [false, true]) prove(await legsOfA(queue))
  })
}

const configuration: Cases<Extract<Name, 'TestRemoteWrite1Configuration'>, () => Promise<void>> = {
  TestRemoteWrite1Configuration: async () => {
    // Without a word in the settings each goes as it came; with one, in that form.
    for (const [rows, wanted] of [
      ['', [1, 2]],
      [to1, [1, 1]],
      [to1.replace('prometheus.WriteRequest', 'io.prometheus.write.v2.Request'), [2, 2]],
    ] as const) {
      const { legs, push } = await startLeg({ rows })
      await push(1, write([series('__name__=one', 'tenant=a')]))
      await push(2, request2([series2(1, '__name__=two', 'tenant=a')]))
      expect(legs.map(({ form }) => form)).toEqual(wanted)
      expect(legs.map(({ headers }) => headers['x-prometheus-remote-write-version'])).toEqual(
        wanted.map((form) => (form === 1 ? '0.1.0' : '2.0.0')),
      )
    }
  },
}
for (const [name, run] of Object.entries(configuration)) test(name, run)

test('all 29 cases of this kind are here', () => {
  const held = [ofOne, ofMany, as1, configuration].flatMap((cases) => Object.keys(cases))
  expect(held.sort()).toEqual([...formNames].sort())
})
