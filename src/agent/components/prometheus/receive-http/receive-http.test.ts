import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { series, write } from '../../../../../test/support/bodies.ts'
import { createAuthority } from '../../../../../test/support/certificate.ts'
import { type Bench, startBench, testReceiver } from '../../../../../test/support/components.ts'
import { freePort } from '../../../../../test/support/free-port.ts'
import { ask } from '../../../../../test/support/in-process.ts'
import { contentType2, request2, series2 } from '../../../../../test/support/request-2.ts'
import { until } from '../../../../../test/support/until.ts'
import { receiveHttp } from './receive-http.ts'

const id = 'prometheus.receive_http.in'
const path = '/api/v1/metrics/write'
const one = write([series('__name__=m', 'a=b')])

/** `http` and arguments of the component, whose data goes to `a`, or to those that are named. */
const config = (args = '', http = 'listen_port = 0', to = ['a']): string => `
prometheus.receive_http "in" {
  http { ${http} }
  forward_to = [${to.map((name) => `test.sink.${name}.receiver`).join(', ')}]
  ${args}
}
test.sink "a" {}
test.sink "b" {}
`

function setUp() {
  const [a, b] = [testReceiver('a'), testReceiver('b')]
  const bench = startBench([receiveHttp], { a, b })
  const push = (body: Uint8Array = one, headers = {}) => bench.push(id, path, body, headers)
  return { a, b, bench, push }
}

test('a push is answered with what all it reaches settled', async () => {
  const { a, b, bench, push } = setUp()
  expect(await bench.load(config('', 'listen_port = 0', ['a', 'b']))).toEqual([])
  expect((await push()).status).toBe(200)
  expect([a.got, b.got]).toEqual([[['m{a="b"}']], [['m{a="b"}']]])
  b.status = 400
  expect((await push()).status).toBe(400)
  b.status = 503
  const answer = await push()
  expect(answer).toMatchObject({ status: 503, text: expect.stringContaining('from b') })
  expect(await bench.metric('prometheus_forwarded_samples_total')).toEqual(['3'])
  expect(await bench.metric('prometheus_receive_http_tcp_connections')).toEqual([expect.stringMatching(/^http \d$/)])
  const answers = (await bench.metric('prometheus_receive_http_request_duration_seconds')).filter((line) =>
    line.includes('+Inf'),
  )
  expect(answers).toEqual([200, 400, 503].map((code) => `POST api_v1_metrics_write ${code} false +Inf 1`))
})

test('an answer waits for the receiver', async () => {
  const { a, bench, push } = setUp()
  await bench.load(config())
  let open: () => void = () => undefined
  a.gate = new Promise((resolve) => (open = resolve))
  let isAnswered = false
  const answer = push().finally(() => (isAnswered = true))
  await until(() => a.got.length === 1, { what: 'the push arrives' })
  expect(isAnswered).toBe(false)
  open()
  expect((await answer).status).toBe(200)
})

test('what is no push is refused as at any listener', async () => {
  const { bench, push } = setUp()
  await bench.load(config())
  const check = async (answer: ReturnType<typeof push>, status: number, text: string) =>
    expect(await answer).toMatchObject({ status, text: expect.stringContaining(text) })
  await check(bench.push(id, '/push', one), 404, `pushes go to ${path} (remote write)`)
  await check(push(one, { 'content-type': 'text/plain' }), 415, 'application/x-protobuf')
  const message2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request'
  await check(
    push(one, { 'content-type': message2 }),
    415,
    'io.prometheus.write.v2.Request is not accepted here, only application/x-protobuf with proto=prometheus.WriteRequest',
  )
  await check(push(Buffer.from('no snappy at all')), 400, 'snappy')
  await check(push(write([])), 400, 'No timeseries')
  await check(ask(`${bench.urlOf(id)}${path}`, { method: 'GET' }), 405, 'POST')
})

test('which messages are taken, and what becomes of them, changes without another listener', async () => {
  const a = testReceiver('a')
  const bench = startBench([receiveHttp], { a, b: a }, {}, { stability: 'experimental' })
  const item = { ...series2(1000, '__name__=m', 'z=1'), metadata: { type: 1, unit: 's' } }
  const statuses = async () => [
    (await bench.push(id, path, one)).status,
    (await bench.push(id, path, request2([item]), { 'content-type': contentType2 })).status,
  ]
  const check = async (args: string, ...want: readonly number[]) => {
    expect(await bench.load(config(args))).toEqual([])
    expect(await statuses()).toEqual(want)
  }
  const accepts = (...messages: readonly string[]) =>
    `accepted_remote_write_protobuf_messages = ${JSON.stringify(messages)}`
  const [message1, message2] = ['prometheus.WriteRequest', 'io.prometheus.write.v2.Request'] as const
  await check('', 200, 415)
  const url = bench.urlOf(id)
  await check(accepts(message1, message2), 200, 200)
  await check(`${accepts(message2)}\nenable_type_and_unit_labels = true`, 415, 200)
  expect(a.got).toEqual([['m{a="b"}'], ['m{a="b"}'], ['m{z="1"}'], ['m{__type__="counter", __unit__="s", z="1"}']])
  expect(bench.urlOf(id)).toBe(url)
})

test('what a sender says of tenants counts only where it may', async () => {
  const { a, bench, push } = setUp()
  const spoofed = write([series('__name__=m', '__tenant_id__=other', 'a=b'), series('__name__=n')])
  const check = async (args: string, header: string, ...want: readonly string[]) => {
    expect(await bench.load(config(args))).toEqual([])
    a.got.length = 0
    expect((await push(spoofed, header === '' ? {} : { 'x-scope-orgid': header })).status).toBe(200)
    expect(a.got).toEqual([want])
  }
  const fromHeader = 'tenant_from_header = "X-Scope-OrgID"'
  await check('', 'team-a', 'm{a="b"}', 'n')
  await check('trust_tenant_label = true', 'team-a', 'm{__tenant_id__="other", a="b"}', 'n')
  await check(fromHeader, 'team-a', 'm{__tenant_id__="team-a", a="b"}', 'n{__tenant_id__="team-a"}')
  await check(fromHeader, '', 'm{a="b"}', 'n')
  await check(`${fromHeader}\ntrust_tenant_label = true`, '', 'm{__tenant_id__="other", a="b"}', 'n')
  const long = `${'x'.repeat(150)}`
  await check(fromHeader, `${long}${long}`, `m{__tenant_id__="${long}x", a="b"}`, `n{__tenant_id__="${long}x"}`)
})

test('the same body of another tenant is another push', async () => {
  const { a, bench, push } = setUp()
  await bench.load(config('tenant_from_header = "X-Tenant"'))
  await push(one, { 'x-tenant': 'a' })
  await push(one, { 'x-tenant': 'b' })
  await push(one)
  expect(new Set(a.flows.map(({ identity }) => identity)).size).toBe(3)
})

test('other receivers and tenants take effect without another listener', async () => {
  const { a, b, bench, push } = setUp()
  await bench.load(config())
  const url = bench.urlOf(id)
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  let open: () => void = () => undefined
  a.gate = new Promise((resolve) => (open = resolve))
  const waiting = push()
  await until(() => a.got.length === 1, { what: 'the push arrives' })
  expect(await bench.load(config('trust_tenant_label = true', 'listen_port = 0', ['b']))).toEqual([])
  expect(bench.urlOf(id)).toBe(url)
  expect((await push()).status).toBe(200)
  expect([a.got.length, b.got.length]).toEqual([1, 1])
  open()
  expect((await waiting).status).toBe(200)
  expect(socket.destroyed || socket.closed).toBe(false)
})

test('another address is listened on before the old one is left; the same one with other settings too', async () => {
  const { a, bench, push } = setUp()
  const [first, second] = [await freePort(), await freePort()]
  const answers = async () => (await push()).status
  await bench.load(config('', `listen_port = ${first}`))
  expect([bench.urlOf(id), await answers()]).toEqual([`http://127.0.0.1:${first}`, 200])
  let open: () => void = () => undefined
  a.gate = new Promise((resolve) => (open = resolve))
  const waiting = push()
  await until(() => a.got.length === 2, { what: 'the push arrives' })
  await bench.load(config('', `listen_port = ${second}`))
  a.gate = Promise.resolve()
  expect([bench.urlOf(id), await answers()]).toEqual([`http://127.0.0.1:${second}`, 200])
  await expect(ask(`http://127.0.0.1:${first}${path}`, { body: one })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  open()
  expect(await waiting).toMatchObject({ status: 200, headers: { connection: 'close' } })
  expect(await bench.load(config('', `listen_port = ${second}, conn_limit = 5`.replace(',', '\n')))).toEqual([])
  expect(await answers()).toBe(200)
})

test('an address that is taken is a problem at start, and leaves the old one at a change', async () => {
  const { bench, push } = setUp()
  const other = startBench([receiveHttp], { a: testReceiver('a'), b: testReceiver('b') })
  await other.load(config())
  const taken = new URL(other.urlOf(id)).port
  const text = [
    `2:1 Failed to build component: it can't listen on 127.0.0.1:${taken}: the address is taken by another program; stop it or set another address`,
  ]
  expect(await bench.load(config('', `listen_port = ${taken}`))).toEqual(text)
  expect(await bench.metric('prometheus_receive_http_tcp_connections')).toEqual([])
  expect(await bench.load(config())).toEqual([])
  const url = bench.urlOf(id)
  expect(await bench.load(config('', `listen_port = ${taken}`))).toEqual(
    text.map((it) => it.replace('build', 'update')),
  )
  expect([bench.urlOf(id), (await push()).status]).toEqual([url, 200])
})

test('connections beyond the limit are closed', async () => {
  const { bench, push } = setUp()
  await bench.load(config('', 'listen_port = 0\nconn_limit = 1'))
  const socket = connect({ port: Number(new URL(bench.urlOf(id)).port), host: '127.0.0.1' })
  await once(socket, 'connect')
  await until(async () => (await bench.metric('prometheus_receive_http_tcp_connections'))[0] === 'http 1', {
    what: 'the first connection counts',
  })
  await expect(push()).rejects.toThrow()
  expect(await bench.metric('sluice_overload_total')).toContain('connections 1')
  socket.destroy()
  await until(async () => (await push()).status === 200, { what: 'room again' })
})

test('it ends with the requests under way, and its metrics go', async () => {
  const { a, bench, push } = setUp()
  await bench.load(config())
  let open: () => void = () => undefined
  a.gate = new Promise((resolve) => (open = resolve))
  const waiting = push()
  await until(() => a.got.length === 1, { what: 'the push arrives' })
  const url = bench.urlOf(id)
  const gone = bench.load('test.sink "a" {}')
  await until(
    () =>
      ask(`${url}${path}`).then(
        () => false,
        (error) => error.code === 'ECONNREFUSED',
      ),
    { what: 'no new connections' },
  )
  open()
  expect(await waiting).toMatchObject({ status: 200, headers: { connection: 'close' } })
  expect(await gone).toEqual([])
  expect(await bench.metric('prometheus_forwarded_samples_total')).toEqual([])
})

test('TLS: texts of certificates, and senders that must show theirs', async () => {
  const { bench } = setUp()
  const [own, senders] = [createAuthority(), createAuthority('Senders')]
  const pair = own.issue()
  const quoted = JSON.stringify
  const tls = (more = '') =>
    `listen_port = 0\ntls { cert_pem = ${quoted(pair.certificate)}\nkey_pem = ${quoted(pair.key)}\n${more} }`
  const secure = (more = {}) =>
    ask(`${bench.urlOf(id)}${path}`, { body: one, headers: content, ca: own.certificate, ...more })
  expect(await bench.load(config('', tls()))).toEqual([])
  expect((await secure()).status).toBe(200)
  const ca = `client_ca_pem = ${quoted(senders.certificate)}`
  const check = async (type: string, withNone: number, withTheirs: number, withStranger: number) => {
    expect(
      await bench.load(config('', tls(`client_auth_type = "${type}"\n${type.includes('Verify') ? ca : ''}`))),
    ).toEqual([])
    const status = async (more = {}) =>
      secure(more).then(
        ({ status }) => status,
        () => 0,
      )
    const shows = ({ certificate: cert, key }: ReturnType<typeof own.issue>) => ({ certificate: { cert, key } })
    expect([await status(), await status(shows(senders.issue())), await status(shows(own.issue()))]).toEqual([
      withNone,
      withTheirs,
      withStranger,
    ])
  }
  await check('RequestClientCert', 200, 200, 200)
  await check('RequireAnyClientCert', 0, 200, 200)
  await check('VerifyClientCertIfGiven', 200, 200, 0)
  await check('RequireAndVerifyClientCert', 0, 200, 0)
  expect(bench.lines.join('')).not.toContain('PRIVATE KEY')
})

const content = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }

test('what is wrong is said where it is written', async () => {
  const { bench } = setUp()
  const check = async (text: string, ...want: readonly string[]) => expect(await said(bench, text)).toEqual(want)
  await check(config('', 'listen_address = "a b"\nlisten_port = 0'), '"a b" is no address to listen on')
  await check(config('', 'listen_port = 70000'), '70000 is too much; at most 65535')
  await check(config('', 'tls {}'), 'one of cert_pem and cert_file is needed', 'one of key_pem and key_file is needed')
  await check(
    config('', 'tls { cert_file = "a", cert_pem = "b", key_file = "c" }'.replaceAll(',', '\n')),
    'only one of cert_pem and cert_file may be given',
  )
  await check(
    config('', 'tls { cert_file = "a"\nkey_file = "b"\nclient_auth_type = "RequireAndVerifyClientCert" }'),
    'client_auth_type "RequireAndVerifyClientCert" needs a client CA',
  )
  await check(
    config('accepted_remote_write_protobuf_messages = ["io.prometheus.write.v2.Request"]'),
    'using "io.prometheus.write.v2.Request" in supported_protocol_versions is an experimental feature, and must be enabled by setting the stability.level flag to experimental',
  )
  await check(
    config('accepted_remote_write_protobuf_messages = ["x"]'),
    'unsupported protocol version "x": valid values are "prometheus.WriteRequest" and "io.prometheus.write.v2.Request"',
  )
  await check(config('grpc {}'), 'block "grpc" is not supported yet')
  await check(
    config('enable_type_and_unit_labels = true'),
    'enable_type_and_unit_labels is an experimental feature, and must be enabled by setting the stability.level flag to experimental',
  )
  await check(config('append_metadata = true'), 'attribute "append_metadata" has no effect here')
})

const said = async (bench: Bench, text: string): Promise<readonly string[]> =>
  (await bench.load(text)).map((line) => line.replace(/^\d+:\d+ /, ''))
