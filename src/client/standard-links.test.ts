import { expect, onTestFinished, test } from 'vitest'
import { standIn } from '../../test/support/stand-in.ts'
import type { HttpClientSettings } from '../config/http-client/http-client-settings.ts'
import { chain } from './chain.ts'
import { standardLinks } from './standard-links.ts'
import { createTransport } from './transport.ts'

const settings: HttpClientSettings = {
  tls: {},
  proxy: {},
  followRedirects: true,
  enableHttp2: false,
  httpHeaders: {},
  headers: {},
  roundRobinDns: false,
}

test('metadata servers are asked past the proxy that the environment names', async () => {
  const proxy = await standIn(() => ({ status: 502 }))
  const metadata = await standIn(() => ({ body: { access_token: 'of-the-machine', expires_in: 3600 } }))
  const upstream = await standIn(() => ({ status: 204 }))
  // Not a loopback address by its name, which would go past any proxy; it is found on this machine all the same.
  const host = metadata.url.replace('127.0.0.1', '0.0.0.0')
  const env = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, AZURE_POD_IDENTITY_AUTHORITY_HOST: host }
  const azuread = { cloud: 'AzurePublic', credential: { kind: 'managed_identity', clientId: '' } } as const
  const { links, destroy } = standardLinks({ ...settings, azuread }, { env })
  const transport = createTransport()
  onTestFinished(() => {
    destroy()
    transport.destroy()
  })
  const send = chain([...links.values()], transport.send)
  await send({ method: 'POST', url: `${upstream.url}/`, headers: {}, body: Buffer.from('x'), timeoutMs: 15_000 })
  expect(upstream.asked[0]?.headers.authorization).toBe('Bearer of-the-machine')
  expect(proxy.asked).toEqual([])
})
