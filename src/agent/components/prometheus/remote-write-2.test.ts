// Remote write 2.0 through a whole agent, over sockets: both forms come in, either goes out, judged by the test receiver.

import { expect, onTestFinished, test } from 'vitest'
import { series, write } from '../../../../test/support/bodies.ts'
import { startBench } from '../../../../test/support/components.ts'
import { contentType2, request2, series2, written2 } from '../../../../test/support/request-2.ts'
import { openTestStore } from '../../../../test/support/store.ts'
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { testSink } from '../../../../test/support/test-sink.ts'
import { until } from '../../../../test/support/until.ts'
import { encodeHistogram } from '../../../dev/encode.ts'
import type { SeriesInput2 } from '../../../dev/encode-v2.ts'
import { type Sink, startSink } from '../../../dev/sink/sink.ts'
import type { Store } from '../../../send/store/store.ts'
import { receiveHttp } from './receive-http/receive-http.ts'
import { relabel } from './relabel/relabel.ts'
import { remoteWriteKind } from './remote-write/remote-write.ts'

const message1 = 'prometheus.WriteRequest'
const message2 = 'io.prometheus.write.v2.Request'
const as2 = `protobuf_message = "${message2}"`

const receive = (to: string, ...args: readonly string[]) => `
prometheus.receive_http "in" {
  http { listen_port = 0 }
  accepted_remote_write_protobuf_messages = ["${message1}", "${message2}"]
  forward_to = [${to}]
  ${args.join('\n')}
}`

/** Tenants are in `ns`, which goes; so does all of the namespace `off`. */
const rules = (to: string) => `
prometheus.relabel "tenant" {
  rule {
    source_labels = ["ns"]
    target_label  = "__tenant_id__"
  }
  rule {
    source_labels = ["ns"]
    regex         = "off"
    action        = "drop"
  }
  rule {
    regex  = "ns"
    action = "labeldrop"
  }
  forward_to = [${to}]
}`

const endpoint = (url: string, ...args: readonly string[]) => `
  endpoint {
    url = "${url}"
    send_native_histograms = true
    ${args.join('\n')}
  }`
const writer = (name: string, ...endpoints: readonly string[]) =>
  `prometheus.remote_write "${name}" {${endpoints.join('\n')}\n}`

/** Receive, relabel, and write to this endpoint of one tenancy. */
const chain = (url: string, ...args: readonly string[]) =>
  [
    receive('prometheus.relabel.tenant.receiver'),
    rules('prometheus.remote_write.out.receiver'),
    writer('out', endpoint(url, 'tenancy { }', ...args)),
  ].join('\n')

async function setUp(store?: Store) {
  const bench = startBench(
    [receiveHttp, relabel, remoteWriteKind],
    {},
    {},
    { stability: 'experimental', ...(store && { store }) },
  )
  const sink = await testSink()
  const push = (body: Uint8Array, headers = {}) =>
    bench.push('prometheus.receive_http.in', '/api/v1/metrics/write', body, headers)
  return {
    ...bench,
    sink,
    load: async (text: string, ...said: readonly string[]) => expect(await bench.load(text)).toEqual(said),
    push,
    push2: (items: readonly SeriesInput2[], headers = {}) =>
      push(request2(items), { 'content-type': contentType2, ...headers }),
  }
}

/** Versions of the requests that a sink took, in order. */
const versions = ({ requests }: Sink) => requests.map(({ headers }) => headers['x-prometheus-remote-write-version'])
const seriesOf = ({ store }: Sink, tenant: string) => [...store.series(tenant).keys()]

/** Series of three namespaces, with all that 2.0 has. */
const rich: readonly SeriesInput2[] = [
  {
    ...series2(1000, '__name__=m', 'ns=a', 'pod=x'),
    samples: [[1, 1000, 500]],
    exemplars: [{ labels: [['trace_id', 't']], value: 2, tsMs: 1000 }],
    metadata: { type: 1, help: 'about m', unit: 'seconds' },
  },
  { ...series2(1000, '__name__=n', 'ns=b'), metadata: { type: 2, help: 'about n' } },
  { labels: [['__name__', 'h'], ['ns', 'a']], histograms: [encodeHistogram(3, 2, 1000)] }, // biome-ignore format: one line
  series2(1000, '__name__=m', 'ns=off'),
]

test('2.0 comes in, is relabelled, and goes out as 1.x, which is Alloy’s default', async () => {
  const { load, push2, sink, metric } = await setUp()
  await load(chain(sink.pushUrl))
  const answer = await push2(rich)
  // What a rule drops is not written, and said not to be.
  expect([answer.status, answer.headers]).toEqual([204, expect.objectContaining(written2(2, 1, 1))])
  expect(versions(sink)).toEqual(['0.1.0', '0.1.0'])
  expect([seriesOf(sink, 'a'), seriesOf(sink, 'b')]).toEqual([['m{pod="x"}', 'h'], ['n']])
  expect(sink.store.series('a').get('m{pod="x"}')?.exemplars).toMatchObject([{ labels: [['trace_id', 't']], value: 2 }])
  expect(sink.store.metadata('a').get('m')).toEqual({ family: 'm', type: 1, help: 'about m', unit: 'seconds' })
  expect(sink.store.violations).toEqual([])
  expect(await metric('sluice_remote_write_conversion_lost_total')).toEqual(['a start_timestamp 1'])
  expect(await metric('sluice_remote_write_fallbacks_total')).toEqual(['0'])
})

test('2.0 comes in and goes out, each tenant’s with symbols of its own', async () => {
  const { load, push2, sink, metric } = await setUp()
  await load(chain(sink.pushUrl, as2))
  const answer = await push2(rich)
  expect([answer.status, answer.headers]).toEqual([204, expect.objectContaining(written2(2, 1, 1))])
  expect(versions(sink)).toEqual(['2.0.0', '2.0.0'])
  expect([seriesOf(sink, 'a'), seriesOf(sink, 'b')]).toEqual([['m{pod="x"}', 'h'], ['n']])
  expect(sink.store.metadata('a').get('m')).toEqual({ family: 'm', type: 1, help: 'about m', unit: 'seconds' })
  expect(sink.store.violations).toEqual([])
  expect(await metric('sluice_remote_write_conversion_lost_total')).toEqual([])
})

test('1.x comes in and goes out as 2.0; its metadata has no series to go with, and nobody is told what was written', async () => {
  const { load, push, sink, metric } = await setUp()
  await load(chain(sink.pushUrl, as2))
  const body = write([series('__name__=m', 'ns=a'), series('__name__=n', 'ns=b')], {
    metadata: [{ family: 'm', type: 1 }],
  })
  const answer = await push(body)
  expect(answer.status).toBe(204)
  expect(Object.keys(answer.headers).filter((name) => name.includes('written'))).toEqual([])
  expect([seriesOf(sink, 'a'), seriesOf(sink, 'b'), sink.store.violations]).toEqual([['m'], ['n'], []])
  expect(await metric('sluice_metadata_dropped_total')).toEqual(['remote_write_2 1'])
  expect(versions(sink)).toEqual(['2.0.0', '2.0.0'])
})

test('the tenant of a 2.0 push: from its header, never from its series', async () => {
  const { load, push2, sink } = await setUp()
  const config = (...args: readonly string[]) =>
    [
      receive('prometheus.remote_write.out.receiver', ...args),
      writer('out', endpoint(sink.pushUrl, as2, 'tenancy { default = "none" }')),
    ].join('\n')
  const items = [series2(1000, '__name__=m', '__tenant_id__=spoofed', 'z=1'), series2(1000, '__name__=n')]
  await load(config())
  expect((await push2(items)).headers).toMatchObject(written2(2))
  expect([sink.store.tenants, seriesOf(sink, 'none')]).toEqual([['none'], ['m{z="1"}', 'n']])
  await load(config('tenant_from_header = "X-Scope-OrgID"'))
  expect((await push2(items, { 'x-scope-orgid': 'team' })).headers).toMatchObject(written2(2))
  expect([sink.store.tenants, seriesOf(sink, 'team')]).toEqual([
    ['none', 'team'],
    ['m{z="1"}', 'n'],
  ])
  await load(config('trust_tenant_label = true'))
  await push2(items)
  expect([seriesOf(sink, 'spoofed'), sink.store.violations]).toEqual([['m{z="1"}'], []])
})

test('an override has a form of its own', async () => {
  const { load, push2, sink } = await setUp()
  const override = `tenancy {\noverride {\ntenants = ["b"]\n${as2}\n}\n}`
  await load(chain(sink.pushUrl).replace('tenancy { }', override))
  expect((await push2(rich)).headers).toMatchObject(written2(2, 1, 1))
  const forms = sink.requests.map(({ tenant, headers }) => `${tenant} ${headers['x-prometheus-remote-write-version']}`)
  expect(forms.sort()).toEqual(['a 0.1.0', 'b 2.0.0'])
})

test('what takes 1.x only gets that, at once', async () => {
  const { load, push2, push, sink, metric } = await setUp()
  for (const fault of [{ refuse2: true }, { unread2: true }]) {
    sink.reset()
    await load(chain(`${sink.pushUrl}?${Object.keys(fault)}`, as2))
    sink.setFault('*', fault)
    expect((await push2([series2(1000, '__name__=m', 'ns=a')])).headers).toMatchObject(written2(1))
    expect((await push(write([series('__name__=n', 'ns=a')]))).status).toBe(204)
    expect([versions(sink), seriesOf(sink, 'a')]).toEqual([
      ['2.0.0', '0.1.0', '0.1.0'],
      ['m', 'n'],
    ])
  }
  expect(await metric('sluice_remote_write_fallbacks_total')).toEqual(['2'])
})

test('a repeat contacts only what failed, and is told of all that was written', async () => {
  for (const message of [message1, message2]) {
    const { load, push2, sink } = await setUp()
    await load(chain(sink.pushUrl, `protobuf_message = "${message}"`))
    sink.setFault('b', { status: 503, retryAfter: 0, times: 1 })
    const first = await push2(rich)
    expect([first.status, first.headers]).toEqual([503, expect.objectContaining(written2(1, 1, 1))])
    const again = await push2(rich)
    expect([again.status, again.headers]).toEqual([204, expect.objectContaining(written2(2, 1, 1))])
    expect(sink.requests.map(({ tenant, status }) => `${tenant} ${status}`).sort()).toEqual(['a 204', 'b 204', 'b 503'])
  }
})

test('several receivers: what one of them did not write was not written; parts that go to components stay 2.0', async () => {
  const { load, push2, sink } = await setUp()
  const other = await startSink()
  onTestFinished(() => other.close())
  await load(
    [
      receive('prometheus.remote_write.split.receiver, prometheus.remote_write.all.receiver'),
      writer('all', endpoint(other.pushUrl, as2, 'tenancy {\ndefault = "all"\n}')),
      writer(
        'split',
        '\nendpoint {\nforward_to = [prometheus.relabel.slim.receiver]\ntenancy {\nlabels = ["ns"]\n}\n}',
      ),
      'prometheus.relabel "slim" {\nrule {\nregex = "pod"\naction = "labeldrop"\n}\nforward_to = [prometheus.remote_write.out.receiver]\n}',
      writer('out', endpoint(sink.pushUrl, as2, 'tenancy { }')),
    ].join('\n'),
    '21:1 tenants are found here, and again in prometheus.remote_write.out',
  )
  const answer = await push2(rich.slice(0, 3))
  expect([answer.status, answer.headers]).toEqual([204, expect.objectContaining(written2(2, 1, 1))])
  expect([seriesOf(sink, 'a'), seriesOf(sink, 'b')]).toEqual([['m', 'h'], ['n']])
  expect([versions(sink), versions(other)]).toEqual([['2.0.0', '2.0.0'], ['2.0.0']])
  sink.setFault('b', { status: 400, body: 'no' })
  const later = rich.slice(0, 2).map((one): SeriesInput2 => ({ ...one, samples: [[1, 2000]] }))
  const refused = await push2(later)
  expect([refused.status, refused.headers]).toEqual([400, expect.objectContaining(written2(1, 0, 1))])
  expect(versions(sink).slice(2)).toEqual(['2.0.0', '2.0.0'])
  expect([...sink.store.violations, ...other.store.violations]).toEqual([])
})

test('stored batches go in the form that is set when they are sent', async () => {
  const { store } = await openTestStore(temporaryFolder(), { wallClock: Date.now })
  const { load, push, push2, sink } = await setUp(store)
  const queue = 'queue_config {\nmin_backoff = "30ms"\nmax_backoff = "30ms"\n}'
  const config = (message: string) => chain(sink.pushUrl, `protobuf_message = "${message}"`, queue)
  for (const [before, after, version] of [
    [message1, message2, '2.0.0'],
    [message2, message1, '0.1.0'],
  ] as const) {
    sink.reset()
    await load(config(before))
    sink.setFault('*', { status: 503 })
    expect((await push2(rich.slice(0, 2))).headers).toMatchObject(written2(2, 0, 1))
    expect((await push(write([series('__name__=o', 'ns=a')]))).status).toBe(204)
    await until(() => store.batches === 3, { what: 'all is stored' })
    await load(config(after))
    const newOf = (of: string) =>
      sink.requests.some(
        ({ tenant, headers }) => tenant === of && headers['x-prometheus-remote-write-version'] === version,
      )
    await until(() => newOf('a') && newOf('b'), { what: 'both are tried in the new form' })
    sink.setFault('*', undefined)
    await until(() => store.batches === 0, { what: 'all is sent' })
    expect([seriesOf(sink, 'a'), seriesOf(sink, 'b')]).toEqual([['m{pod="x"}', 'o'], ['n']])
    const taken = sink.requests.filter(({ status }) => status === 204)
    expect(new Set(taken.map(({ headers }) => headers['x-prometheus-remote-write-version']))).toEqual(
      new Set([version]),
    )
    expect(sink.store.violations).toEqual([])
  }
})
