// From start to end: a wrong configuration, reloads, certificates, and the two steps in which it stops.

import { writeFileSync } from 'node:fs'
import { connect as connectPlain, createServer } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import type { Sink } from '../src/dev/sink/sink.ts'
import { createAuthority } from './support/certificate.ts'
import { startHttpsFront } from './support/https-front.ts'
import { bodyOf, post, seriesOf } from './support/push.ts'
import { type ProxyProgram, runSluice, startProxy } from './support/sluice.ts'
import { temporaryFolder } from './support/temporary-folder.ts'
import { testSink } from './support/test-sink.ts'
import { until } from './support/until.ts'

const byTenant = (sink: Sink): string[] => [`--target=${sink.pushUrl}`, '--tenancy.labels=tenant']

let clock = 0
/** A push of one sample that was not made before, for one tenant. */
const push = (proxy: ProxyProgram, tenant = 'a') => post(proxy.pushUrl, bodyOf(seriesOf([tenant], ++clock)))

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status

/** Ends within this time of now; returns how. */
const endOf = async (proxy: ProxyProgram, withinMs: number) =>
  until(() => proxy.end, { what: 'the program ends', timeoutMs: withinMs, seen: () => proxy.stderr })

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: probes fail, pushes go on, what is in flight finishes, exit 0',
  async (signal) => {
    const sink = await testSink()
    const proxy = await startProxy({ flags: [...byTenant(sink), '--timeout_shutdown=1s', '--log_level=info'] })
    for (const path of ['/alive', '/-/ready', '/-/healthy']) expect(await statusOf(proxy.url + path)).toBe(200)
    sink.setFault('slow', { delayMs: 2000 })
    const inFlight = push(proxy, 'slow')
    await until(async () => (await proxy.metric('sluice_requests_in_flight')) === 1, { what: 'a push is in flight' })

    const begun = performance.now()
    proxy.signal(signal)
    await until(async () => (await statusOf(`${proxy.url}/alive`)) === 503, { what: '/alive is 503' })
    expect(await statusOf(`${proxy.url}/-/ready`)).toBe(503)
    expect(await statusOf(`${proxy.url}/-/healthy`)).toBe(200)
    expect(await statusOf(`${proxy.adminUrl}/-/ready`)).toBe(503)
    const during = await push(proxy)
    expect([during.status, during.headers.connection]).toEqual([204, 'close'])

    const late = await inFlight
    expect(late.status).toBe(204)
    expect(performance.now() - begun).toBeGreaterThan(1000)
    expect(await endOf(proxy, 2000)).toEqual({ code: 0, signal: null })
    expect(sink.store.counts('slow').samples).toBe(1)
    await expect(push(proxy)).rejects.toThrow('ECONNREFUSED')
    expect(proxy.logged()).toContainEqual(expect.objectContaining({ level: 'info', msg: 'stopping', signal }))
  },
)

const waits = [
  ['for timeout_shutdown', ['--timeout_shutdown=60s'], async (url: string) => (await statusOf(url)) === 503],
  [
    'for what is in flight',
    ['--server.shutdown_deadline=60s'],
    (url: string) =>
      statusOf(url).then(
        () => false,
        () => true,
      ),
  ],
] as const
test.each(waits)('a second signal ends the wait %s', async (_what, flags, hasBegun) => {
  const sink = await testSink()
  const proxy = await startProxy({ flags: [...byTenant(sink), ...flags, '--timeout=60s'] })
  sink.setFault('never', { hang: true })
  const hanging = push(proxy, 'never').catch(() => undefined)
  await sink.until(({ requests }) => requests.length === 1)
  // A sender that is in the middle of its body, too.
  const { hostname, port } = new URL(proxy.url)
  const slow = connectPlain(Number(port), hostname).on('error', () => undefined)
  onTestFinished(() => void slow.destroy())
  slow.write('POST /push HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nabc')
  await until(async () => (await proxy.metric('sluice_requests_in_flight')) === 2, { what: 'two pushes are in flight' })
  proxy.signal('SIGTERM')
  await until(() => hasBegun(`${proxy.url}/alive`), { what: 'the wait begins' })
  proxy.signal('SIGTERM')
  expect(await endOf(proxy, 3000)).toEqual({ code: 0, signal: null })
  // If there is time for an answer, it asks for a repeat.
  expect([503, undefined]).toContain((await hanging)?.status)
})

test('what is in flight has the deadline to finish, no longer', async () => {
  const sink = await testSink()
  const proxy = await startProxy({ flags: [...byTenant(sink), '--server.shutdown_deadline=1s', '--timeout=60s'] })
  sink.setFault('never', { hang: true })
  const cut = push(proxy, 'never').catch(() => 'cut')
  await sink.until(({ requests }) => requests.length === 1)
  const begun = performance.now()
  proxy.signal('SIGTERM')
  expect(await endOf(proxy, 5000)).toEqual({ code: 0, signal: null })
  expect(performance.now() - begun).toBeGreaterThan(900)
  expect(await cut).toBe('cut')
})

test('SIGHUP: settings are swapped whole; a bad file changes nothing and is said everywhere', async () => {
  const sink = await testSink()
  const config = (tenant: string): string =>
    `target: ${sink.pushUrl}\ntenant: { label: tenant, default: ${tenant} }\nlog_level: info\n`
  const proxy = await startProxy({ config: config('first') })
  const isSuccessful = async (): Promise<boolean> => (await proxy.metric('sluice_config_last_reload_successful')) === 1
  const unnamed = () => post(proxy.pushUrl, bodyOf([{ labels: [['__name__', 'm']], samples: [[1, ++clock]] }]))
  const goesTo = async (tenant: string): Promise<void> => {
    const before = sink.store.counts(tenant).samples
    expect((await unnamed()).status).toBe(204)
    expect(sink.store.counts(tenant).samples).toBe(before + 1)
  }
  const logged = (msg: RegExp) => proxy.line(new RegExp(`"msg":"${msg.source}`))
  await goesTo('first')
  expect(await isSuccessful()).toBe(true)

  // What is under way finishes with the settings that it began with.
  sink.setFault('first', { delayMs: 700, times: 1 })
  const inFlight = unnamed()
  await until(async () => (await proxy.metric('sluice_upstream_requests_in_flight', { signal: 'metrics' })) === 1, {
    what: 'a push is in flight',
  })
  proxy.configure(config('second'))
  proxy.signal('SIGHUP')
  await logged(/the configuration was reloaded/)
  await goesTo('second')
  expect((await inFlight).status).toBe(204)
  expect(sink.store.counts('first').samples).toBe(2)

  proxy.configure('target: [oops\n')
  proxy.signal('SIGHUP')
  await logged(/the configuration was not reloaded; the old one stays/)
  expect(await isSuccessful()).toBe(false)
  await goesTo('second')

  proxy.configure(`${config('third')}tenants: {}\nsluice: { tenancy: { on_missing: explode } }\n`)
  const refused = await fetch(`${proxy.adminUrl}/-/reload`, { method: 'POST' })
  expect(refused.status).toBe(400)
  const said = await refused.text()
  expect(said).toMatch(/sluice\.yml:4:1\b[\s\S]*tenants[\s\S]*\^[\s\S]*sluice\.yml:5:\d+[\s\S]*explode[\s\S]*\^/)
  expect(proxy.logged().at(-1)).toMatchObject({ level: 'error', diagnostics: said.trimEnd() })
  expect(await isSuccessful()).toBe(false)
  await goesTo('second')

  proxy.configure(`${config('third')}listen: 127.0.0.1:1\nconcurrency: 7\n`)
  const taken = await fetch(`${proxy.adminUrl}/-/reload`, { method: 'POST' })
  expect([taken.status, await taken.text()]).toEqual([
    200,
    'reloaded\nconcurrency is another now: it takes effect at the next start\n',
  ])
  expect(await isSuccessful()).toBe(true)
  await goesTo('third')
})

test('a wrong configuration: every problem at once, and exit 78', async () => {
  const file = join(temporaryFolder(), 'wrong.yml')
  writeFileSync(file, 'listen: 127.0.0.1:0\ntimeout: fast\nconcurency: 5\nsluice:\n  tenancy:\n    default: "a|b"\n')
  const { code, stdout, stderr } = await runSluice(['proxy', '--config', file, '--tenancy.strict=perhaps'], {
    env: { CT_LOG_LEVEL: 'loud', SLUICE_TENANCY_LABLES: 'x', CT_UNKNOWN: 'ignored' },
  })
  expect([code, stdout]).toEqual([78, ''])
  for (const words of [
    'wrong.yml:2:10',
    'wrong.yml:3:1',
    'wrong.yml:6:14',
    '--tenancy.strict',
    'CT_LOG_LEVEL',
    'SLUICE_TENANCY_LABLES',
  ]) {
    expect(stderr).toContain(words)
  }
  expect(stderr).toContain('concurrency')
  expect(stderr).not.toContain('CT_UNKNOWN')
  expect(await runSluice(['proxy', '--config', '/no/such/file.yml'])).toMatchObject({ code: 78, stdout: '' })
})

test('an address that is taken: exit 78 and the setting by name', async () => {
  const sink = await testSink()
  const taken = new URL(sink.url).host
  for (const setting of ['listen', 'listen_metrics_address', 'server.http.listen_addr']) {
    const others = ['listen', 'listen_metrics_address', 'server.http.listen_addr'].filter((other) => other !== setting)
    const flags = [`--${setting}=${taken}`, ...others.map((other) => `--${other}=127.0.0.1:0`)]
    const { code, stderr } = await runSluice(['proxy', ...flags])
    expect([code, stderr]).toEqual([78, expect.stringContaining(`${setting} = "${taken}"`)])
  }
})

test('the admin listener’s own address being taken is no reason not to start', async () => {
  const blocker = createServer()
  onTestFinished(() => void blocker.close())
  // Taken by somebody else already is as good.
  await new Promise((resolve) => blocker.once('error', resolve).listen(12345, '127.0.0.1', () => resolve(undefined)))
  const sink = await testSink()
  const proxy = await startProxy({ flags: byTenant(sink), withDefaultAdmin: true })
  expect(proxy.adminUrl).toBe('off')
  expect(proxy.logged()).toMatchObject([
    { level: 'warn', msg: expect.stringMatching(/^the admin listener is off: 127\.0\.0\.1:12345 is taken/) },
  ])
  expect((await push(proxy)).status).toBe(204)
})

test('https from senders; a renewed certificate is taken without a restart', async () => {
  const sink = await testSink()
  const folder = temporaryFolder()
  const authority = createAuthority()
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  const renew = (): void => {
    const { certificate, key } = authority.issue()
    writeFileSync(certFile, certificate)
    writeFileSync(keyFile, key)
  }
  renew()
  const proxy = await startProxy({
    flags: byTenant(sink),
    env: { CT_TLS_CERT_FILE: certFile, CT_TLS_KEY_FILE: keyFile },
  })
  expect(proxy.url).toMatch(/^https:/)
  const tls = { ca: authority.certificate }
  const fingerprint = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect({ ...tls, host: '127.0.0.1', port: Number(new URL(proxy.url).port) }, () => {
        resolve(socket.getPeerCertificate().fingerprint256)
        socket.destroy()
      }).once('error', reject)
    })
  const send = () => post(proxy.pushUrl, bodyOf(seriesOf(['a'], ++clock)), tls)
  expect((await send()).status).toBe(204)

  const old = await fingerprint()
  renew()
  await until(async () => (await fingerprint()) !== old, { what: 'the new certificate is used' })
  expect((await send()).status).toBe(204)

  const current = await fingerprint()
  writeFileSync(keyFile, 'not a key')
  await until(async () => (await proxy.metric('sluice_tls_cert_reload_failures_total')) === 1, {
    what: 'the failure is counted',
  })
  expect(await fingerprint()).toBe(current)
  expect(proxy.logged()).toMatchObject([{ level: 'warn', msg: expect.stringContaining('the old one stays') }])
})

test('https to upstream: the CA bundle is the only trust, Basic auth goes along', async () => {
  const sink = await testSink()
  const authority = createAuthority()
  const front = await startHttpsFront(sink.url, authority.issue())
  const bundle = join(temporaryFolder(), 'ca.pem')
  writeFileSync(bundle, authority.certificate)
  const flags = [`--target=${front.url}/api/v1/push`, '--tenancy.labels=tenant']
  const secret = 'p4ss:word-ü'
  const proxy = await startProxy({
    flags,
    env: { CT_CA_BUNDLE_FILE: bundle, CT_AUTH_EGRESS_USERNAME: 'sluice', CT_AUTH_EGRESS_PASSWORD: secret },
  })
  expect((await push(proxy)).status).toBe(204)
  expect(sink.store.tenants).toEqual(['a'])
  expect(front.authorizations).toEqual([`Basic ${Buffer.from(`sluice:${secret}`).toString('base64')}`])

  writeFileSync(bundle, createAuthority('Another CA').certificate)
  const stranger = await startProxy({ flags, env: { CT_CA_BUNDLE_FILE: bundle } })
  const refused = await push(stranger)
  expect([refused.status, refused.text]).toEqual([503, expect.stringMatching(/certificate/)])
  // The first one takes the new bundle at a reload.
  expect((await fetch(`${proxy.adminUrl}/-/reload`, { method: 'POST' })).status).toBe(200)
  expect((await push(proxy)).status).toBe(503)
  expect(`${proxy.stderr}${await (await fetch(`${proxy.adminUrl}/api/v1/tenants`)).text()}`).not.toContain(secret)

  writeFileSync(bundle, 'no certificate at all')
  const broken = await runSluice(['proxy', ...flags, '--listen=127.0.0.1:0'], { env: { CT_CA_BUNDLE_FILE: bundle } })
  expect([broken.code, broken.stderr]).toEqual([78, expect.stringContaining(bundle)])
})
