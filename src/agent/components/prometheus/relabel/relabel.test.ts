import { expect, test } from 'vitest'
import { at, series, write } from '../../../../../test/support/bodies.ts'
import { endpointTo, startBench, testReceiver } from '../../../../../test/support/components.ts'
import { startUpstream } from '../../../../../test/support/flow.ts'
import type { Receiver } from '../../../flow/receiver.ts'
import { receiveHttp } from '../receive-http/receive-http.ts'
import { relabel } from './relabel.ts'

const input = 'prometheus.receive_http.in'
const path = '/api/v1/metrics/write'

/** A sender's way through a relabelling component with this body to sinks. */
const through = (rules: string, to = ['a']): string => `
prometheus.receive_http "in" {
  http { listen_port = 0 }
  forward_to = [prometheus.relabel.rules.receiver]
}
prometheus.relabel "rules" {
  forward_to = [${to.map((name) => `test.sink.${name}.receiver`).join(', ')}]
  ${rules}
}
test.sink "a" {}
test.sink "b" {}
`

/** The tenant from a namespace `team-NAME-…`. */
const tenantRule = (replacement = '$1') => `rule {
  source_labels = ["namespace"]
  regex         = "team-([a-z]+)-.*"
  target_label  = "__tenant_id__"
  replacement   = "${replacement}"
}`

const inNamespace = (namespace: string, name = 'm') => series(`__name__=${name}`, `namespace=${namespace}`)

test('series are relabelled on their way, and those that rules drop go nowhere', async () => {
  const a = testReceiver('a')
  const bench = startBench([receiveHttp, relabel], { a, b: a })
  const drop = 'rule {\n source_labels = ["__name__"]\n regex = "go_.*"\n action = "drop"\n }'
  expect(await bench.load(through(`${drop}\n${tenantRule()}`))).toEqual([])
  const push = async (...items: readonly ReturnType<typeof series>[]) =>
    (await bench.push(input, path, write(items))).status
  expect(await push(inNamespace('team-red-x'), inNamespace('team-red-x', 'go_y'), inNamespace('other'))).toBe(200)
  expect(a.got).toEqual([['m{__tenant_id__="red", namespace="team-red-x"}', 'm{namespace="other"}']])
  expect(await push(inNamespace('z', 'go_y'))).toBe(204)
  expect(a.got.length).toBe(1)
  expect(await push(inNamespace('team-red-x'))).toBe(200)
  const metrics = ['metrics_processed', 'metrics_written', 'cache_hits', 'cache_misses', 'cache_size']
  const values = await Promise.all(metrics.map((name) => bench.metric(`alloy_prometheus_relabel_${name}`)))
  expect(values).toEqual([['5'], ['3'], ['1'], ['4'], ['4']])
})

test('of two endpoints one fails: the sender is told, and its repeat goes to that one only', async () => {
  const sinks: Record<string, Receiver> = {}
  const bench = startBench([receiveHttp, relabel], sinks)
  const [one, other] = [await startUpstream(), await startUpstream()]
  sinks.a = await endpointTo(bench, 'remote.a', `${one.url}/push`)
  sinks.b = await endpointTo(bench, 'remote.b', `${other.url}/push`)
  expect(await bench.load(through(tenantRule(), ['a', 'b']))).toEqual([])
  const body = write([inNamespace('team-red-x'), inNamespace('team-blue-y')])
  other.answer = (tenant) => ({ status: tenant === 'blue' ? 503 : 200 })
  expect((await bench.push(input, path, body)).status).toBe(503)
  other.answer = () => ({ status: 200 })
  expect((await bench.push(input, path, body)).status).toBe(200)
  const [red, blue] = ['red: m{namespace="team-red-x"}', 'blue: m{namespace="team-blue-y"}']
  expect([[...one.got].sort(), [...other.got].sort()]).toEqual([
    [blue, red],
    [blue, blue, red],
  ])
})

test('a rule that changes under load loses nothing, and leaves the listener alone', async () => {
  const a = testReceiver('a')
  const bench = startBench([receiveHttp, relabel], { a, b: a })
  await bench.load(through(tenantRule()))
  const url = bench.urlOf(input)
  let next = 0
  const statuses = new Set<number>()
  let isOver = false
  const sender = async (): Promise<void> => {
    while (!isOver) {
      const body = write([at(++next, inNamespace(`team-red-${next}`))])
      statuses.add((await bench.push(input, path, body)).status)
    }
  }
  const senders = Array.from({ length: 4 }, sender)
  for (let k = 0; k < 20; k++) {
    expect(await bench.load(through(tenantRule(k % 2 === 0 ? 'new-$1' : '$1')))).toEqual([])
    const seen = next
    while (next < seen + 8) await new Promise((resolve) => setImmediate(resolve))
  }
  isOver = true
  await Promise.all(senders)
  const numbers = a.got.flat().map((text) => Number(/team-red-(\d+)/.exec(text)?.[1]))
  expect([...statuses]).toEqual([200])
  expect(numbers.sort((x, y) => x - y)).toEqual(Array.from({ length: next }, (_, k) => k + 1))
  const tenants = new Set(a.got.flat().map((text) => /__tenant_id__="([^"]*)"/.exec(text)?.[1]))
  expect([...tenants].sort()).toEqual(['new-red', 'red'])
  expect(bench.urlOf(input)).toBe(url)
  expect(bench.lines.filter((line) => line.includes('"msg":"listening"')).length).toBe(1)
})

test('what new rules make is another batch to those that remember; new receivers make no other', async () => {
  const [a, b] = [testReceiver('a'), testReceiver('b')]
  const bench = startBench([relabel, receiveHttp], { a, b })
  const identity = async (rules: string, to: readonly string[]) => {
    await bench.load(through(rules, [...to]))
    await bench.push(input, path, write([inNamespace('x')]))
    return [...a.flows, ...b.flows].at(-1)?.identity
  }
  const first = await identity(tenantRule(), ['a'])
  expect(await identity(`${tenantRule()}\nmax_cache_size = 7`, ['a'])).toBe(first)
  expect(await identity(tenantRule('x'), ['a'])).not.toBe(first)
  b.flows.length = a.flows.length = 0
  const changed = await identity(tenantRule('x'), ['a'])
  expect(await identity(tenantRule('x'), ['b'])).toBe(changed)
})

test('rules are an export, and the same one while they are the same', async () => {
  const a = testReceiver('a')
  const bench = startBench([relabel, receiveHttp], { a, b: a })
  const shown = async (rules: string): Promise<unknown> => {
    const text = `${through(rules)}\ntest.text "t" { value = prometheus.relabel.rules.rules }`
    expect(await bench.load(text)).toEqual([])
    return bench.graph.component('test.text.t')?.debugInfo?.map((info) => info.type === 'attr' && info.value.value)
  }
  expect(await shown(tenantRule())).toEqual(['capsule("relabel.Rules")', 0])
  expect(await shown(`${tenantRule()}\nmax_cache_size = 5`)).toEqual(['capsule("relabel.Rules")', 0])
  expect(await shown(tenantRule('x'))).toEqual(['capsule("relabel.Rules")', 1])
})

test('what is wrong is said where it is written', async () => {
  const a = testReceiver('a')
  const bench = startBench([relabel, receiveHttp], { a, b: a })
  const check = async (rules: string, ...want: readonly string[]) =>
    expect((await bench.load(through(rules))).map((line) => line.replace(/^\d+:\d+ /, ''))).toEqual(want)
  await check('max_cache_size = 0', 'one of max_cache_size or cache_ttl must be set')
  await check('cache_ttl = "10m"', 'max_cache_size and cache_ttl are mutually exclusive')
  await check('max_cache_size = 0\ncache_ttl = "10s"', 'cache_ttl must be at least 1m')
  await check(
    'rule { regex = "(" }\nrule { action = "hashmod"\ntarget_label = "x" }',
    `relabel configuration for replace action requires 'target_label' value`,
    'error parsing regexp: missing closing ): `^(?s:()$`',
    'relabel configuration for hashmod requires non-zero modulus',
  )
  await check('max_cache_size = 0\ncache_ttl = "10m"')
})
