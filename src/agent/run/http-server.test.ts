import { writeFileSync } from 'node:fs'
import { request as requestPlainly } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Certified, createAuthority } from '../../../test/support/certificate.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { Secret, type TextSource } from '../../config/secret.ts'
import { createLogger } from '../../telemetry/log.ts'
import { noMeter } from '../../telemetry/meter.ts'
import type { HttpAuthSettings, HttpTlsSettings } from '../graph/root/http.ts'
import { mayAsk } from './http-auth.ts'
import { startHttpServer } from './http-server.ts'
import { loadHttpTls } from './http-tls.ts'

async function start(address = '127.0.0.1:0') {
  const server = await startHttpServer({
    address,
    handler: (asked, response) =>
      void response.end(`${asked.url} over ${'encrypted' in asked.socket ? 'https' : 'http'}`),
    log: createLogger({ write: () => undefined }),
    meter: noMeter,
  })
  onTestFinished(() => server.close(0))
  return server
}

const auth = { username: 'me', password: new Secret('pass:word') }
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test('who may ask', () => {
  const check = (path: string, authorization: string | undefined, want: boolean, filter?: object) =>
    expect(mayAsk({ ...auth, ...filter }, path, authorization)).toBe(want)
  check('/metrics', undefined, false)
  check('/metrics', basic('me:pass:word'), true)
  check('/metrics', basic('me:pass:word').replace('Basic', 'basic'), true)
  check('/metrics', basic('me:pass'), false)
  check('/metrics', basic('mepass:word'), false)
  check('/metrics', 'Bearer x', false)
  check('/metrics', 'Basic', false)
  const only = (...paths: string[]) => ({ filter: { paths, authenticateMatchingPaths: true } })
  check('/metrics', undefined, false, only('/metrics', '/api'))
  check('/api/v1/tenants', undefined, false, only('/metrics', '/api'))
  check('/-/ready', undefined, true, only('/metrics', '/api'))
  check('/metrics', undefined, true, only())
  const allBut = (...paths: string[]) => ({ filter: { paths, authenticateMatchingPaths: false } })
  check('/-/ready', undefined, true, allBut('/-/'))
  check('/metrics', undefined, false, allBut('/-/'))
  expect(mayAsk(undefined, '/', undefined)).toBe(true)
})

const statusOf = async (url: string, headers = {}): Promise<number> => (await fetch(url, { headers })).status

test('before the first load only probes are answered; then the password counts, from one load to the next', async () => {
  const server = await start()
  expect(await statusOf(`${server.url}/-/ready`)).toBe(200)
  expect(await statusOf(`${server.url}/metrics`)).toBe(503)
  await server.apply({})
  expect(await statusOf(`${server.url}/metrics`)).toBe(200)
  await server.apply({ auth })
  const refused = await fetch(`${server.url}/metrics?x=1`)
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="sluice"'])
  expect(await refused.text()).toBe('a user name and password are needed\n')
  expect(await statusOf(`${server.url}/metrics`, { authorization: basic('me:pass:word') })).toBe(200)
  await server.apply({})
  expect(await statusOf(`${server.url}/metrics`)).toBe(200)
})

/** As they stand in the request line: `fetch` would resolve dots. */
const statusOfTarget = ({ url }: { url: string }, path: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const asked = requestPlainly({ host: '127.0.0.1', port: new URL(url).port, path }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.on('error', reject)
    asked.end()
  })

test('the password is judged by the path that is routed, however it is written', async () => {
  const server = await start()
  const check = async (filter: HttpAuthSettings['filter'] & object, want: Readonly<Record<string, number>>) => {
    await server.apply({ auth: { ...auth, filter } })
    const statuses = Object.keys(want).map(async (path) => [path, await statusOfTarget(server, path)])
    expect(Object.fromEntries(await Promise.all(statuses))).toEqual(want)
  }
  await check(
    { paths: ['/-/ready'], authenticateMatchingPaths: false },
    {
      '/-/ready': 200,
      '/-/ready?x=1': 200,
      'http://x/-/ready': 200,
      '/metrics': 401,
      '/-/ready/../../metrics': 401,
      '/-/ready/%2e%2e/%2e%2e/metrics': 401,
      '/-/ready\\..\\..\\metrics': 401,
      'http://x/metrics': 401,
    },
  )
  await check(
    { paths: ['/metrics'], authenticateMatchingPaths: true },
    {
      '/-/ready': 200,
      '/metrics': 401,
      '/%6detrics': 401,
      '/x/../metrics': 401,
      'http://x/metrics': 401,
      '/%': 400,
      '*': 400,
    },
  )
})

const inline = (text: string): TextSource => ({ kind: 'inline', secret: new Secret(text) })
const tlsOf = ({ certificate, key }: Certified, more: Partial<HttpTlsSettings> = {}): HttpTlsSettings => ({
  ...{ cert: inline(certificate), key: inline(key) },
  ...{ cipherSuites: [], curvePreferences: [] },
  ...more,
})

/** The answer's text, or why there is none. */
const ask = (url: string, options: object): Promise<string> =>
  new Promise((resolve) => {
    const asked = request(url, { agent: false, ...options }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve(text))
    })
    asked.on('error', ({ message }) => resolve(message))
    asked.end()
  })

test('TLS comes, changes and goes with the loads, on one port', async () => {
  const authority = createAuthority()
  const server = await start()
  await server.apply({})
  const { port } = new URL(server.url)
  await server.apply({ tls: tlsOf(authority.issue()) })
  expect(server.url).toBe(`https://127.0.0.1:${port}`)
  expect(await ask(`${server.url}/x`, { ca: authority.certificate })).toBe('/x over https')
  await expect(fetch(`http://127.0.0.1:${port}/x`)).rejects.toThrow()

  const clients = { ca: inline(authority.certificate), isRequired: true, isVerified: true }
  await server.apply({ tls: tlsOf(authority.issue(), { clients }) })
  expect(await ask(`${server.url}/x`, { ca: authority.certificate })).not.toBe('/x over https')
  const { certificate: cert, key } = authority.issue()
  expect(await ask(`${server.url}/x`, { ca: authority.certificate, cert, key })).toBe('/x over https')

  const old = tlsOf(authority.issue(), { minVersion: 'TLS13', cipherSuites: ['TLS_AES_128_GCM_SHA256'] })
  await server.apply({ tls: old })
  expect(await ask(`${server.url}/x`, { ca: authority.certificate, maxVersion: 'TLSv1.2' })).not.toBe('/x over https')
  expect(await ask(`${server.url}/x`, { ca: authority.certificate })).toBe('/x over https')

  await expect(server.apply({ tls: tlsOf({ certificate: 'nonsense', key: 'nonsense' }) })).rejects.toThrow(
    'certificate and key',
  )
  expect(await ask(`${server.url}/x`, { ca: authority.certificate })).toBe('/x over https')
  await server.apply({})
  expect(server.url).toBe(`http://127.0.0.1:${port}`)
  expect(await statusOf(`${server.url}/x`)).toBe(200)
})

test('files', async () => {
  const folder = temporaryFolder()
  const authority = createAuthority()
  const [cert, key] = [join(folder, 'cert'), join(folder, 'key')]
  const write = (certificate: Certified): void => {
    writeFileSync(cert, certificate.certificate)
    writeFileSync(key, certificate.key)
  }
  const server = await start()
  const settings = {
    ...tlsOf(authority.issue()),
    cert: { kind: 'file', path: cert },
    key: { kind: 'file', path: key },
  } as const
  await expect(server.apply({ tls: settings })).rejects.toThrow(`the TLS certificate ${cert} can't be read`)
  write(authority.issue())
  await server.apply({ tls: settings })
  expect(await ask(`${server.url}/x`, { ca: authority.certificate })).toBe('/x over https')
})

test('names of Go', () => {
  const certificate = createAuthority().issue()
  const check = (cipherSuites: string[], curvePreferences: string[], want: object) =>
    expect(loadHttpTls(tlsOf(certificate, { cipherSuites, curvePreferences })).options).toEqual(want)
  check([], [], {})
  check(['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'], ['CurveP256', 'X25519'], {
    ciphers: 'ECDHE-RSA-AES128-GCM-SHA256:TLS_AES_256_GCM_SHA384',
    ecdhCurve: 'P-256:X25519',
  })
  check(['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'TLS_RSA_WITH_AES_256_CBC_SHA'], [], {
    ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305:AES256-SHA',
  })
  expect(() => check(['TLS_AES_128_GCM_SHA256', 'TLS_NO_SUCH_SUITE'], [], {})).toThrow('unknown cipher suite "TLS_NO')
  expect(() => check([], ['P256'], {})).toThrow('unknown curve "P256": use CurveP256')
})

test('addresses that can’t be had', async () => {
  const { url } = await start()
  const taken = new URL(url).host
  await expect(start(taken)).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(taken) })
  await expect(start('nowhere')).rejects.toThrow('--server.http.listen-addr="nowhere" is no address: use host:port')
})
