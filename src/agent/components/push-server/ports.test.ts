import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { series, write } from '../../../../test/support/bodies.ts'
import { startBench, testReceiver } from '../../../../test/support/components.ts'
import { freePort } from '../../../../test/support/free-port.ts'
import { ask } from '../../../../test/support/in-process.ts'
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { until } from '../../../../test/support/until.ts'
import { localFile } from '../local/file/local-file.ts'
import { sourceApi } from '../loki/source-api/source-api.ts'
import { receiveHttp } from '../prometheus/receive-http/receive-http.ts'

/** `in:8080→a`: the component, where it listens, where its data goes. */
const config = (...components: readonly string[]): string =>
  components
    .map((text) => {
      const [, name, port, to] = /^(\w+):(\d+)→(\w+)$/.exec(text) ?? []
      return `prometheus.receive_http "${name}" {
        http { listen_port = ${port} }
        forward_to = [test.sink.${to}.receiver]
      }`
    })
    .concat('test.sink "a" {}', 'test.sink "b" {}')
    .join('\n')

async function setUp() {
  const receivers = { a: testReceiver('a'), b: testReceiver('b') }
  const bench = startBench([receiveHttp, sourceApi, localFile], receivers)
  const ports = [await freePort(), await freePort()] as const
  const push = (port: number, metric = 'm') =>
    ask(`http://127.0.0.1:${port}/api/v1/metrics/write`, {
      body: write([series(`__name__=${metric}`)]),
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    })
  /** What comes to a port goes to a sink. */
  const leads = async (port: number, to: 'a' | 'b') => {
    const { length } = receivers[to].got
    expect((await push(port)).status).toBe(200)
    expect(receivers[to].got.length).toBe(length + 1)
  }
  return { ...receivers, bench, ports, push, leads }
}

test('a component under another name listens where the old one did, and what is under way is finished', async () => {
  const { a, bench, ports, push, leads } = await setUp()
  const [port] = ports
  expect(await bench.load(config(`old:${port}→a`))).toEqual([])
  let open: () => void = () => undefined
  a.gate = new Promise((resolve) => (open = resolve))
  const pending = push(port)
  await until(() => a.got.length === 1, { what: 'the push is under way' })
  const loaded = bench.load(config(`new:${port}→b`))
  await until(() => bench.lines.filter((line) => line.includes('"listening"')).length === 2, { what: 'it moved' })
  await leads(port, 'b')
  open()
  expect([(await pending).status, await loaded]).toEqual([200, []])
  expect(bench.graph.listComponents().map(({ localID }) => localID)).not.toContain('prometheus.receive_http.old')
  await leads(port, 'b')
})

test('two components change places, or one follows another', async () => {
  const { bench, ports, leads } = await setUp()
  const [one, two] = ports
  const three = await freePort()
  await bench.load(config(`x:${one}→a`, `y:${two}→b`))
  expect(await bench.load(config(`x:${two}→a`, `y:${one}→b`))).toEqual([])
  await leads(one, 'b')
  await leads(two, 'a')
  expect(await bench.load(config(`x:${one}→a`, `y:${three}→b`))).toEqual([])
  await leads(one, 'a')
  await leads(three, 'b')
})

test('the old one comes back where the new one fails', async () => {
  const { bench, ports, leads } = await setUp()
  const [port, taken] = ports
  const other = createServer().listen(taken, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  await bench.load(config(`old:${port}→a`))
  const said = await bench.load(config(`new:${port}→b`, `third:${taken}→b`))
  expect(said).toEqual([expect.stringContaining('the address is taken by another program')])
  await leads(port, 'a')
  expect(bench.graph.unhealthy()).toEqual([])
})

test('two that want the same port: neither a start nor a reload gives it them, and who has it keeps it', async () => {
  const { bench, ports, leads } = await setUp()
  const [port] = ports
  const clash = config(`x:${port}→a`, `y:${port}→b`)
  expect(await bench.load(clash)).toEqual([
    expect.stringMatching(
      new RegExp(`^\\d+:1 it can't listen on 127.0.0.1:${port}: prometheus.receive_http.[xy] listens there$`),
    ),
  ])
  expect(await bench.load(config(`x:${port}→a`))).toEqual([])
  expect(await bench.load(clash)).toEqual([
    `1:1 it can't listen on 127.0.0.1:${port}: prometheus.receive_http.y listens there`,
  ])
  await leads(port, 'a')
  expect(bench.graph.unhealthy()).toEqual(['prometheus.receive_http.x'])
  expect(await bench.load(config(`x:${port}→a`))).toEqual([])
  expect(bench.graph.unhealthy()).toEqual([])
})

test('an expression takes a port while it runs, and gives it back', async () => {
  const { bench, ports, leads } = await setUp()
  const [one, two] = ports
  const path = join(temporaryFolder(), 'port')
  writeFileSync(path, `${two}`)
  const text = config(`x:${one}→a`, `y:${two}→b`).replace(`= ${two}`, '= local.file.port.content')
  const file = `local.file "port" {
    filename       = ${JSON.stringify(path)}
    detector       = "poll"
    poll_frequency = "20ms"
  }`
  expect(await bench.load(`${text}\n${file}`)).toEqual([])
  const id = 'prometheus.receive_http.x'
  writeFileSync(path, `${one}`)
  await until(() => bench.graph.health(id)?.state === 'unhealthy', { what: 'y has its port' })
  expect(bench.graph.health(id)?.message).toMatch(/prometheus\.receive_http\.y listens there/)
  await leads(one, 'b')
  writeFileSync(path, `${two}`)
  await until(() => bench.graph.health(id)?.state === 'healthy', { what: 'x has it again' })
  await leads(one, 'a')
  await leads(two, 'b')
})

test('a port passes between kinds of components', async () => {
  const { bench, ports } = await setUp()
  const [port] = ports
  await bench.load(config(`x:${port}→a`))
  const logs = `loki.source.api "x" {
    http { listen_port = ${port} }
    forward_to = []
  }`
  expect(await bench.load(logs)).toEqual([])
  expect((await ask(`http://127.0.0.1:${port}/ready`, { method: 'GET' })).status).toBe(200)
})
