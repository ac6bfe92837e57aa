import { expect, test } from 'vitest'
import { startAgentBench } from '../../../../test/support/agent-bench.ts'
import { at, logs, series, write } from '../../../../test/support/bodies.ts'
import { startUpstream } from '../../../../test/support/flow.ts'
import { openTestStore } from '../../../../test/support/store.ts'
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { until } from '../../../../test/support/until.ts'
import type { Endpoints } from '../../flow/endpoints.ts'
import type { Value } from '../../syntax/value.ts'
import { localFile } from '../local/file/local-file.ts'
import { lokiWriteKind } from '../loki/write/write.ts'
import { remoteWriteKind } from '../prometheus/remote-write/remote-write.ts'
import { endpointsInfo } from './debug-info.ts'

const kinds = [remoteWriteKind, lokiWriteKind]
const a = '__tenant_id__=a'
const b = '__tenant_id__=b'
const source = 'test.source "in" {\n  forward_to = [prometheus.remote_write.x.receiver]\n}\n'
const logsSource = 'test.source "in" {\n  logs_to = [loki.write.x.receiver]\n}\n'

/** A configuration whose source feeds `prometheus.remote_write.x` with these blocks. */
const writing = (...blocks: readonly string[]) => `${source}prometheus.remote_write "x" {\n${blocks.join('\n')}\n}\n`
const endpoint = (url: string, ...lines: readonly string[]) => `endpoint {\nurl = "${url}"\n${lines.join('\n')}\n}`

async function bench() {
  const one = startAgentBench(kinds)
  const upstream = await startUpstream()
  let listener: ReturnType<typeof one.listen> | undefined
  const push = async (body: Uint8Array) => (await (listener ??= one.listen(one.source('in'))))(body)
  return { ...one, upstream, push }
}

test('two tenants go apart, one of them by its override', async () => {
  const { load, push, upstream } = await bench()
  const other = await startUpstream()
  await load(
    writing(
      endpoint(
        upstream.url,
        'headers = { "X-Which" = "endpoint", "X-Own" = "endpoint" }',
        `tenancy {
override {
tenants = ["b*"]
url = "${other.url.replace('http://', 'http://user:pass@')}"
headers = { "X-Which" = "override" }
}
}`,
      ),
    ),
  )
  expect((await push(write([series('__name__=m', a), series('__name__=n', b), series('__name__=o', a)]))).status).toBe(
    200,
  )
  expect([upstream.got, other.got]).toEqual([['a: m o'], ['b: n']])
  const seen = ({ headers }: typeof upstream) =>
    ['x-which', 'x-own', 'authorization'].map((name) => headers[0]?.[name] ?? '')
  expect(seen(upstream)).toEqual(['endpoint', 'endpoint', ''])
  expect(seen(other)).toEqual(['override', '', `Basic ${Buffer.from('user:pass').toString('base64')}`])
})

test('without a tenancy all goes as one, with whatever header the endpoint has, and without __tenant_id__', async () => {
  const { load, push, upstream } = await bench()
  await load(writing(endpoint(upstream.url, 'headers = { "X-Scope-OrgID" = "static" }')))
  expect((await push(write([series('__name__=m', a), series('__name__=n', b)]))).status).toBe(200)
  expect(upstream.got).toEqual(['static: m n'])
})

test('external labels name the tenant, rules come after them and before it; the series’ own label wins', async () => {
  const { load, push, upstream, registry } = await bench()
  await load(
    writing(
      'external_labels = { team = "ext", cluster = "eu" }',
      endpoint(
        upstream.url,
        'write_relabel_config {\nsource_labels = ["team"]\nregex = "x(.*)"\ntarget_label = "team"\nreplacement = "y$1"\n}',
        'write_relabel_config {\nsource_labels = ["__name__"]\nregex = "drop_.*"\naction = "drop"\n}',
        'tenancy {\nlabels = ["team"]\n}',
      ),
    ),
  )
  const items = [
    series('__name__=m'),
    series('__name__=n', 'team=own'),
    series('__name__=o', 'cluster=us', 'team=x1'),
    series('__name__=drop_it'),
  ]
  expect((await push(write(items))).status).toBe(200)
  expect(upstream.got.sort()).toEqual(['ext: m{cluster="eu"}', 'own: n{cluster="eu"}', 'y1: o{cluster="us"}'])
  expect(registry.meter.tally('sluice_dropped_total', { signal: 'metrics', reason: 'rule' }).value).toBe(1)
})

test('forward_to: each tenant’s data goes on with its id, through another remote_write with a tenancy of its own', async () => {
  const { tryLoad, push, upstream } = await bench()
  const back = `prometheus.remote_write "back" {\n${endpoint(upstream.url, 'tenancy {\nprefix = "p-"\n}')}\n}\n`
  const front = writing(
    'endpoint {\nforward_to = [prometheus.remote_write.back.receiver]\ntenancy {\nlabels = ["team"]\n}\n}',
  )
  expect(await tryLoad(back + front)).toEqual(['tenants are found here, and again in prometheus.remote_write.back'])
  const items = [series('__name__=m', 'team=a'), series('__name__=n', 'team=b')]
  expect((await push(write(items))).status).toBe(200)
  expect(upstream.got.sort()).toEqual(['p-a: m', 'p-b: n'])
  upstream.answer = (tenant) => ({ status: tenant === 'p-b' ? 503 : 200 })
  const again = write(items.map((item) => at(2, item)))
  expect((await push(again)).status).toBe(503)
  upstream.answer = () => ({ status: 200 })
  expect((await push(again)).status).toBe(200)
  expect(upstream.got.splice(2).sort()).toEqual(['p-a: m', 'p-b: n', 'p-b: n'])
})

test('native histograms stay behind unless they are asked for, or forwarded', async () => {
  const { load, push, upstream } = await bench()
  const histograms = [Buffer.from([0x78, 1])]
  const check = async (text: string, want: readonly string[]) => {
    await load(text)
    expect((await push(write([{ labels: [['__name__', 'h']], histograms }]))).status).toBeLessThan(300)
    expect(upstream.got.splice(0)).toEqual(want)
  }
  await check(writing(endpoint(upstream.url)), [])
  const sends = endpoint(upstream.url, 'send_native_histograms = true')
  await check(writing(sends), [': h'])
  const forwards = writing('endpoint {\nforward_to = [prometheus.remote_write.back.receiver]\n}')
  await check(`${forwards}prometheus.remote_write "back" {\n${sends}\n}`, [': h'])
})

test('reload: one endpoint changes, the other keeps its pipeline; one that can’t be used changes nothing', async () => {
  const { load, tryLoad, push, upstream, endpoints } = await bench()
  const [second, third] = [await startUpstream(), await startUpstream()]
  await load(writing(endpoint(upstream.url, 'name = "one"'), endpoint(second.url)))
  const before = endpoints.of('prometheus.remote_write.x')
  expect(before.map(({ id }) => id)).toEqual(['prometheus.remote_write.x/one', 'prometheus.remote_write.x/1'])
  const generations = () => before.map(({ pipeline }) => pipeline.current.number)
  const [one, other] = generations()
  await load(writing(endpoint(upstream.url, 'name = "one"'), endpoint(third.url)))
  expect(endpoints.of('prometheus.remote_write.x')).toEqual(before)
  expect(generations()).toEqual([one, other! + 1])
  const broken = 'tls_config {\nca_pem = "no certificate"\n}'
  const [message] = await tryLoad(writing(endpoint(upstream.url, 'name = "one"', broken), endpoint(second.url)))
  expect(message).toMatch(/^Failed to update component: .*CA cert/)
  expect(generations()).toEqual([one, other! + 1])
  expect((await push(write([series('__name__=m')]))).status).toBe(200)
  expect([upstream.got, second.got, third.got]).toEqual([[': m'], [], [': m']])
})

test('logs: the label names the tenant and goes, else tenant_id, else no header does', async () => {
  const one = startAgentBench(kinds)
  const upstream = await startUpstream()
  const check = async (
    lines: string,
    want: readonly string[],
    body = logs('{__tenant_id__="a", app="x"}', '{app="y"}'),
  ) => {
    await one.load(`${logsSource}loki.write "x" {\n${endpoint(`${upstream.url}/logs`, lines)}\n}`)
    expect((await (await one.listen(one.source('in'), 'logs'))(body)).status).toBe(200)
    expect(upstream.got.splice(0).sort()).toEqual(want)
    expect(
      upstream.headers
        .splice(0)
        .map((headers) => headers['x-scope-orgid'] ?? '')
        .sort(),
    ).toEqual(want.map((text) => text.slice(0, text.indexOf(':'))))
  }
  await check('', [': {app="y"}', 'a: {app="x"}'])
  await check('tenant_id = "d"', ['a: {app="x"}', 'd: {app="y"}'])
  await check('headers = { "X-Scope-OrgID" = "h" }', ['a: {app="x"}', 'h: {app="y"}'])
  await check('tenancy {\nlabels = ["app"]\nkeep_label = true\n}', ['x: {app="x"}', 'y: {app="y"}'])
})

test('logs: labels that begin with __ are not sent, whoever set them; components get them', async () => {
  const one = startAgentBench(kinds)
  const { url, got } = await startUpstream()
  const inner = 'loki.write "y" {\nendpoint {\nforward_to = [loki.write.x.receiver]\n}\n}\n'
  const check = async (to: string, lines: string, ...want: readonly string[]) => {
    const from = logsSource.replace('loki.write.x', `loki.write.${to}`)
    const write = `loki.write "x" {\nexternal_labels = { __e = "e" }\n${endpoint(`${url}/logs`, lines)}\n}\n`
    await one.load(`${from}${write}${inner}`)
    const push = await one.listen(one.source('in'), 'logs')
    const body = logs('{__tenant_id__="a", app="x"}', '{__path__="/y", __t="t", app="y"}', '{__path__="/z"}')
    expect((await push(body)).status).toBe(200)
    expect(got.splice(0).sort()).toEqual(want)
  }
  await check('x', '', ': {app="y"}', 'a: {app="x"}')
  await check('y', '', ': {app="y"}', 'a: {app="x"}')
  await check('x', 'tenancy {\nlabels = ["__t"]\ndefault = "d"\n}', 'd: {app="x"}', 't: {app="y"}')
})

test('logs get external labels', async () => {
  const one = startAgentBench(kinds)
  const { url, got } = await startUpstream()
  await one.load(
    `${logsSource}loki.write "x" {\nexternal_labels = { app = "e", zone = "z" }\n${endpoint(`${url}/logs`)}\n}`,
  )
  const push = await one.listen(one.source('in'), 'logs')
  expect((await push(logs('{app="own"}', '{job="j"}'))).status).toBe(200)
  expect(got).toEqual([': {app="own", zone="z"} {app="e", job="j", zone="z"}'])
})

test('the API is told of each tenant: what waits, since when, and how it went; troubled ones first', async () => {
  const { store } = await openTestStore(temporaryFolder(), { wallClock: Date.now })
  const one = startAgentBench(kinds, store)
  const upstream = await startUpstream((tenant) =>
    tenant === 'b' ? { status: 429, headers: { 'retry-after': '60' } } : { status: tenant === 'c' ? 400 : 200 },
  )
  await one.load(writing(endpoint(upstream.url, 'tenancy { }')))
  const push = await one.listen(one.source('in'))
  const items = [series('__name__=m', a), series('__name__=n', b), series('__name__=o', '__tenant_id__=c')]
  expect((await push(write(items))).status).toBe(400)
  await until(() => store.batches === 1, { what: 'what b could not take is stored' })
  const view = one.graph.component('prometheus.remote_write.x')
  expect(view?.debugInfo).toMatchObject([{ name: 'endpoints', value: { type: 'array' } }])
  const [first] = infoOf(one.endpoints)
  const { tenants, ...about } = first!
  expect(about).toEqual({ id: 'prometheus.remote_write.x/0', url: `${upstream.url}/`, tenants_not_listed: 0 })
  const idle = { pending_samples: 0, oldest_unsent_age_seconds: null, in_flight: 0, limited_until: null, paused: false }
  expect(tenants.find(({ tenant }) => tenant === 'a')).toEqual({
    ...{ tenant: 'a', ...idle, last_status: 200, samples_sent: 1, samples_dropped: 0, requests_failed: 0 },
  })
  expect(tenants.find(({ tenant }) => tenant === 'c')).toEqual({
    ...{ tenant: 'c', ...idle, last_status: 400, samples_sent: 0, samples_dropped: 1, requests_failed: 1 },
  })
  const limited = tenants.find(({ tenant }) => tenant === 'b')
  expect(limited).toMatchObject({ pending_samples: 1, last_status: 429, samples_sent: 0, samples_dropped: 0 })
  expect(limited?.oldest_unsent_age_seconds).toBeGreaterThanOrEqual(0)
  expect(Date.parse(limited?.limited_until ?? '') - Date.now()).toBeGreaterThan(30_000)
  expect(tenants.at(-1)?.tenant).toBe('a')
  await one.graph.stop(200)
  await store.close()
})

test('a load that is refused takes no endpoint away meanwhile, and ends at once', async () => {
  const { load, tryLoad, listen, source } = startAgentBench([...kinds, localFile])
  let open: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (open = resolve))
  const [up, slow] = [await startUpstream(), await startUpstream(() => gate.then(() => ({ status: 200 })))]
  const named = (name: string, url: string) => endpoint(url, `name = "${name}"`)
  await load(writing(named('one', up.url), named('two', slow.url)))
  const push = await listen(source('in'))
  const m = series('__name__=m')
  const first = push(write([m]))
  await until(() => slow.got.length === 1, { what: 'a request is out' })
  const refused = tryLoad(`${writing(named('one', up.url))}local.file "f" {\nfilename = "/nowhere"\n}\n`)
  const second = push(write([at(2000, m)]))
  expect((await refused)[0]).toMatch(/no such file/)
  open()
  expect([(await first).status, (await second).status]).toEqual([200, 200])
  expect([up.got, slow.got]).toEqual([
    [': m', ': m'],
    [': m', ': m'],
  ])
})

test('of many tenants those with trouble are listed', async () => {
  const { load, push, upstream, endpoints } = await bench()
  upstream.answer = (tenant) => ({ status: tenant === 't149' ? 400 : 200 })
  await load(writing(endpoint(upstream.url, 'tenancy { }')))
  const items = Array.from({ length: 150 }, (_, k) => series('__name__=m', `__tenant_id__=t${k}`))
  expect((await push(write(items))).status).toBe(400)
  const [{ tenants, tenants_not_listed }] = infoOf(endpoints) as [Info]
  expect([tenants.length, tenants_not_listed, tenants[0]?.tenant]).toEqual([100, 50, 't149'])
})

interface Info {
  readonly id: string
  readonly url: string
  readonly tenants: readonly {
    readonly tenant: string
    readonly oldest_unsent_age_seconds: number | null
    readonly limited_until: string | null
  }[]
  readonly tenants_not_listed: number
}

const plain = (value: Value): unknown => {
  if (value.type === 'array') return value.items.map(plain)
  if (value.type === 'object') return Object.fromEntries([...value.fields].map(([key, field]) => [key, plain(field)]))
  if (value.type === 'number') return Number(value.value)
  return value.type === 'string' || value.type === 'bool' ? value.value : null
}

const infoOf = (endpoints: Endpoints): readonly Info[] =>
  plain(endpointsInfo(endpoints.of('prometheus.remote_write.x')).endpoints!) as readonly Info[]
