import { expect, test } from 'vitest'
import { startBench, testReceiver } from '../../../../../test/support/components.ts'
import { ask } from '../../../../../test/support/in-process.ts'
import { decodeLokiPush, encodeLokiPush, snappyBlock } from '../../../../dev/encode.ts'
import { relabel } from '../../prometheus/relabel/relabel.ts'
import { sourceApi } from './source-api.ts'

const id = 'loki.source.api.in'
const path = '/loki/api/v1/push'

const config = (args = '', more = ''): string => `
loki.source.api "in" {
  http { listen_port = 0 }
  forward_to = [test.sink.a.receiver]
  ${args}
}
test.sink "a" {}
${more}
`

const push = (...labels: readonly string[]): Buffer =>
  snappyBlock(encodeLokiPush({ streams: labels.map((text) => ({ labels: text, entries: [{ tsNs: 1n, line: 'x' }] })) }))

function setUp() {
  const a = testReceiver('a', 'logs')
  const bench = startBench([sourceApi, relabel], { a })
  /** What arrives of these streams. */
  const check = async (
    args: string,
    streams: readonly string[],
    headers: Record<string, string>,
    ...want: string[]
  ) => {
    expect(await bench.load(config(args))).toEqual([])
    a.got.length = 0
    const { status } = await bench.push(id, path, push(...streams), headers)
    expect([status, ...a.got.flat()]).toEqual([want.length === 0 ? 204 : 200, ...want])
  }
  return { a, bench, check }
}

test('protobuf and JSON, on both paths', async () => {
  const { a, bench } = setUp()
  await bench.load(config())
  expect((await bench.push(id, path, push('{app="web"}'))).status).toBe(200)
  expect((await bench.push(id, '/api/v1/push', push('{app="api"}'))).status).toBe(200)
  const json = Buffer.from('{"streams":[{"stream":{"app":"json"},"values":[["5","line"]]}]}')
  const answer = await ask(`${bench.urlOf(id)}${path}`, { body: json, headers: { 'content-type': 'application/json' } })
  expect(answer.status).toBe(200)
  expect(a.got.flat()).toEqual(['{app="web"}', '{app="api"}', '{app="json"}'])
  expect(await ask(`${bench.urlOf(id)}/ready`, { method: 'GET' })).toMatchObject({ status: 200, text: 'ready\n' })
  expect(await bench.push(id, '/loki/api/v1/raw', push())).toMatchObject({
    status: 404,
    text: expect.stringContaining(`pushes go to ${path}, /api/v1/push (Loki)`),
  })
  expect(await bench.metric('loki_source_api_entries_written')).toEqual(['3'])
})

test('the tenant comes from the header, and nothing that begins with __ from senders', async () => {
  const { check } = setUp()
  const streams = ['{__tenant_id__="spoofed", app="web"}', '{__path__="/x", app="web", zone="z"}']
  await check('', streams, {}, '{app="web"}', '{app="web", zone="z"}')
  const tenant = '{__tenant_id__="team-a", app="web"}'
  await check('', streams, { 'x-scope-orgid': 'team-a' }, tenant, '{__tenant_id__="team-a", app="web", zone="z"}')
  await check('tenant_from_header = ""', streams, { 'x-scope-orgid': 'team-a' }, '{app="web"}', '{app="web", zone="z"}')
  await check('trust_tenant_label = true', streams, {}, '{__tenant_id__="spoofed", app="web"}', '{app="web", zone="z"}')
  const similar = ['{__tenant_id__="t", __tenant_id="a", __tenant_id___="b", __="c", __tenant="d", __x__="e", a="b"}']
  await check('trust_tenant_label = true', similar, {}, '{__tenant_id__="t", a="b"}')
  await check('trust_tenant_label = true', streams.slice(0, 1), { 'x-scope-orgid': 'team-a' }, tenant)
  await check('', ['{__only__="internal"}'], {})
})

test('labels of the configuration, then rules of a relabelling component', async () => {
  const { a, bench, check } = setUp()
  await check(
    'labels = { app = "a$1b", added = "yes", gone = "" }',
    ['{app="web", gone="x"}'],
    {},
    '{added="yes", app="a$1b"}',
  )
  const rules = `prometheus.relabel "r" {
    forward_to = []
    rule {
      source_labels = ["added", "__path__"]
      target_label  = "joined"
    }
    rule {
      source_labels = ["app"]
      regex         = "debug"
      action        = "drop"
    }
  }`
  const args = 'labels = { added = "yes" }\nrelabel_rules = prometheus.relabel.r.rules'
  expect(await bench.load(config(args, rules))).toEqual([])
  a.got.length = 0
  await bench.push(id, path, push('{app="web", __path__="/x"}', '{app="debug"}'))
  expect(a.got).toEqual([['{added="yes", app="web", joined="yes;/x"}']])
})

test('entries have the time at which they came, unless theirs is kept', async () => {
  const { a, bench } = setUp()
  const times = async (args: string): Promise<readonly bigint[]> => {
    await bench.load(config(args))
    let seen: readonly bigint[] = []
    const { receive } = a
    Object.assign(a, {
      receive: (flow: Parameters<typeof receive>[0]) => {
        seen = decodeLokiPush(flow.batch.bytes).streams.flatMap(({ entries }) => entries.map(({ tsNs }) => tsNs))
        return receive(flow)
      },
    })
    await bench.push(id, path, push('{a="b"}', '{c="d"}'))
    Object.assign(a, { receive })
    return seen
  }
  expect(await times('use_incoming_timestamp = true')).toEqual([1n, 1n])
  const before = BigInt(Date.now()) * 1_000_000n
  const [first = 0n, second] = await times('')
  expect(first >= before && first < before + 60_000_000_000n).toBe(true)
  expect(second).toBe(first + 1n)
})

test('a malformed stream does not keep the others back', async () => {
  const { a, bench } = setUp()
  await bench.load(config())
  await bench.push(id, path, push('{app=', '{app="web"}'))
  expect(a.flows[0]?.batch.count).toBe(2)
  expect(a.flows[0]?.batch.faults.size).toBe(1)
})

test('the size of a push is limited, as it comes and unpacked', async () => {
  const { bench } = setUp()
  await bench.load(config('max_send_message_size = "1KiB"'))
  const long = (line: string) => encodeLokiPush({ streams: [{ labels: '{a="b"}', entries: [{ tsNs: 1n, line }] }] })
  const status = async (body: Uint8Array) => (await bench.push(id, path, body)).status
  expect(await status(snappyBlock(long('x'.repeat(900))))).toBe(200)
  expect(await status(snappyBlock(long('x'.repeat(5000))))).toBe(413)
  expect(await status(Buffer.alloc(2000))).toBe(413)
})

test('what is wrong is said where it is written', async () => {
  const { bench } = setUp()
  const check = async (args: string, ...want: readonly string[]) =>
    expect((await bench.load(config(args))).map((line) => line.replace(/^\d+:\d+ /, ''))).toEqual(want)
  await check('labels = { "a-b" = "c" }', '"a-b" is no label name')
  await check('relabel_rules = "x"', 'expected capsule, got string')
  await check('relabel_rules = []', 'expected capsule, got array')
})
