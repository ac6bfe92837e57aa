// What cortex-tenant's own tests say about its configuration, its client and TLS: cases T1 to T12, asked of the proxy.
// Without a word about a difference in its title a case is equal: status, what goes upstream, and under which tenant.
// The text of an answer that refuses is Sluice's own everywhere.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { series, write } from '../support/bodies.ts'
import { createAuthority } from '../support/certificate.ts'
import { startHttpsFront } from '../support/https-front.ts'
import { ask, settingsOf, startInProcess } from '../support/in-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

afterEach(() => vi.unstubAllEnvs())

const oneSeries = write([series('__name__=up', '__tenant__=my-tenant')])

test('T1: a file sets a value', () => {
  expect(settingsOf('concurrency: 10').ingress.concurrency).toBe(10)
})

test('T2: no prefix is an empty prefix', () => {
  for (const file of ['', 'tenant: { prefix: "" }', 'tenant:\n  prefix:']) {
    expect(settingsOf(file).metrics.tenancy.prefix).toBe('')
  }
})

test('T3: a prefix is kept to the letter', () => {
  expect(settingsOf('tenant: { prefix: foobar- }').metrics.tenancy.prefix).toBe('foobar-')
})

test('T4: a tenant’s request carries its id and says what it is', async () => {
  const { push, sent } = await startInProcess('')
  await push(oneSeries)
  const [{ headers } = { headers: {} }] = sent()
  expect(headers).toMatchObject({
    'x-scope-orgid': 'my-tenant',
    'content-encoding': 'snappy',
    'content-type': 'application/x-protobuf',
    'x-prometheus-remote-write-version': '0.1.0',
  })
})

test('T4: User-Agent is the sender’s, X-Cortex-Tenant-Client and -ReqID are not sent (listed: travelling headers)', async () => {
  const { push, sent } = await startInProcess('')
  await push(oneSeries)
  const [{ headers } = { headers: {} }] = sent()
  expect(headers).toMatchObject({ 'user-agent': 'Prometheus/3' })
  expect(Object.keys(headers).filter((name) => name.startsWith('x-cortex-tenant'))).toEqual([])
})

test('T5: no user, no Authorization', async () => {
  const { push, sent } = await startInProcess('')
  await push(oneSeries)
  expect(sent().map(({ headers }) => headers.authorization)).toEqual([undefined])
})

test('T6: user and password become Basic auth', async () => {
  const { push, sent } = await startInProcess('auth: { egress: { username: foo, password: bar } }')
  await push(oneSeries, { authorization: 'Bearer of-the-sender' })
  const basic = `Basic ${Buffer.from('foo:bar').toString('base64')}`
  expect(sent().map(({ headers }) => headers.authorization)).toEqual([basic])
})

test('T6: a user without a password ends the start', () => {
  expect(() => settingsOf('auth: { egress: { username: foo } }')).toThrow('there is a user name but no password')
})

const bundle = (path: string): string => `auth: { egress: { tls_config: { ca_bundle_file: ${path} } } }\ntimeout: 30s\n`

test('T7: a CA bundle that is not there ends the start', async () => {
  const path = join(temporaryFolder(), 'missing.pem')
  await expect(startInProcess(bundle(path))).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})

test('T8: the authorities of a CA bundle, all of them and no others', async () => {
  const [first, second, stranger] = [createAuthority('one'), createAuthority('two'), createAuthority('three')]
  const path = join(temporaryFolder(), 'ca.pem')
  writeFileSync(path, first.certificate + second.certificate)
  // The system's are not asked, whatever they are.
  const system = join(temporaryFolder(), 'system.pem')
  writeFileSync(system, stranger.certificate)
  vi.stubEnv('SSL_CERT_FILE', system)
  const statuses: number[] = []
  for (const authority of [first, second, stranger]) {
    const upstream = async ({ url }: { url: string }) => (await startHttpsFront(url, authority.issue())).url
    const { push } = await startInProcess(bundle(path), { upstream })
    statuses.push((await push(oneSeries)).status)
  }
  expect(statuses).toEqual([200, 200, 503])
})

test('T9: without a CA bundle the system’s authorities count', async () => {
  const [known, stranger] = [createAuthority('one'), createAuthority('two')]
  const path = join(temporaryFolder(), 'system.pem')
  writeFileSync(path, known.certificate)
  vi.stubEnv('SSL_CERT_FILE', path)
  const statuses: number[] = []
  for (const authority of [known, stranger]) {
    const upstream = async ({ url }: { url: string }) => (await startHttpsFront(url, authority.issue())).url
    statuses.push((await (await startInProcess('timeout: 30s', { upstream })).push(oneSeries)).status)
  }
  expect(statuses).toEqual([200, 503])
})

const alive = (url: string, ca?: string) => ask(`${url}/alive`, { method: 'GET', ...(ca !== undefined && { ca }) })

test('T10: without certificate and key the listener speaks http', async () => {
  const { url } = (await startInProcess('')).proxy
  expect((await alive(url)).status).toBe(200)
  await expect(alive(url.replace('http:', 'https:'))).rejects.toThrow()
})

const ingress = (cert: string, key: string): string =>
  `auth: { ingress: { tls_config: { cert_file: ${cert}, key_file: ${key} } } }\n`

test('T11: with certificate and key it speaks https and nothing else', async () => {
  const authority = createAuthority()
  const folder = temporaryFolder()
  const [cert, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  const issued = authority.issue()
  writeFileSync(cert, issued.certificate)
  writeFileSync(key, issued.key)
  const { url } = (await startInProcess(ingress(cert, key))).proxy
  expect(url).toMatch(/^https:/)
  expect((await alive(url, authority.certificate)).status).toBe(200)
  await expect(alive(url)).rejects.toThrow(/certificate/)
  await expect(alive(url.replace('https:', 'http:'))).rejects.toThrow()
})

test('T12: a certificate and a key that are not there end the start', async () => {
  const folder = temporaryFolder()
  const starting = startInProcess(ingress(join(folder, 'no.crt'), join(folder, 'no.key')))
  await expect(starting).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})
