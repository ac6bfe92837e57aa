import { expect, onTestFinished, test } from 'vitest'
import { type Answer, type Asked, standIn } from '../../test/support/stand-in.ts'
import { loadConfiguration } from '../config/load.ts'
import { resolveProxySettings } from '../config/proxy-settings.ts'
import type { EndpointSettings } from '../pipeline/settings.ts'
import { buildUpstreams } from './upstream.ts'

/** Upstreams as a file of these lines makes them. */
function upstreams(text: string) {
  const loaded = loadConfiguration({ file: { name: 'sluice.yml', text } })
  if (!loaded.ok) throw new Error(loaded.diagnostics.map(({ message }) => message).join('; '))
  const made = buildUpstreams(resolveProxySettings(loaded.configuration.settings))
  onTestFinished(() => made.destroy())
  return made
}

const post = (endpoint: EndpointSettings, url = endpoint.url, nth?: number) => {
  const override = nth === undefined ? undefined : endpoint.tenancy.override[nth]
  const send = (override && endpoint.sendOf?.(override)) ?? endpoint.send
  return send({ method: 'POST', url, headers: { 'x-scope-orgid': 'a' }, body: Buffer.from('x') })
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
const ok = (): Answer => ({ status: 204 })

test('client: signs in to both upstreams; a URL’s user and password win; an override replaces the whole', async () => {
  const { url, asked } = await standIn(ok)
  const { settings } = upstreams(`
target: ${url}/metrics
target_loki: ${url.replace('//', '//in:url@')}/logs
sluice:
  client:
    authorization: { credentials: token }
    http_headers: { X-Cluster: { values: [eu] } }
  tenancy:
    override:
      - { tenants: [a], basic_auth: { username: u, password: p } }
      - { tenants: [b], http_headers: { X-Own: { secrets: [own] } } }
      - { tenants: [c], headers: { X-More: more } }
`)
  await post(settings.metrics)
  await post(settings.logs)
  for (const nth of [0, 1, 2]) await post(settings.metrics, undefined, nth)
  const shown = ({ path, headers }: Asked) => [path, headers.authorization, headers['x-cluster'], headers['x-own']]
  expect(asked.map(shown)).toEqual([
    ['/metrics', 'Bearer token', 'eu', undefined],
    ['/logs', basic('in:url'), 'eu', undefined],
    ['/metrics', basic('u:p'), 'eu', undefined],
    ['/metrics', 'Bearer token', undefined, 'own'],
    ['/metrics', 'Bearer token', 'eu', undefined],
  ])
})

test('redirects are the answer, as in cortex-tenant, unless the client is to follow them', async () => {
  const { url, asked } = await standIn(({ path }) =>
    path === '/from' ? { status: 308, headers: { location: '/to' } } : ok(),
  )
  expect((await post(upstreams(`target: ${url}/from`).settings.metrics)).status).toBe(308)
  const following = upstreams(`{ target: ${url}/from, sluice: { client: { follow_redirects: true } } }`)
  expect((await post(following.settings.metrics)).status).toBe(204)
  expect(asked.map(({ path, body }) => `${path} ${body}`)).toEqual(['/from x', '/from x', '/to x'])
})

test('an override may go by a proxy of its own; all others share their connections', async () => {
  const { url, asked } = await standIn(ok)
  const proxy = await standIn(() => ({ status: 200 }))
  const { settings } = upstreams(`
target: ${url}/metrics
target_loki: ${url}/logs
sluice: { tenancy: { override: [{ tenants: [a], proxy_url: ${proxy.url} }] } }
`)
  await post(settings.metrics)
  await post(settings.logs)
  await post(settings.metrics, undefined, 0)
  expect(asked.map(({ path }) => path)).toEqual(['/metrics', '/logs'])
  expect(proxy.asked.map(({ target }) => target)).toEqual([`${url}/metrics`])
})

test('what can’t be used is found before anything is sent', () => {
  const check = (client: string, want: RegExp) => {
    expect(() => upstreams(`sluice: { client: { ${client} } }`)).toThrow(want)
    const { metrics } = upstreams(`sluice: { tenancy: { override: [{ tenants: ["b*", c], ${client} }] } }`).settings
    const inOverride = new RegExp(want.source.replace('client', 'tenancy.override of b\\*,c'))
    expect(() => metrics.sendOf?.(metrics.tenancy.override[0]!)).toThrow(inOverride)
  }
  check('tls_config: { ca_file: /nowhere/ca.pem }', /^client: unable to read CA cert/)
  check('tls_config: { cert: nonsense, key: nonsense }', /^client: unable to use specified client cert/)
})
