// Every way to authenticate × every redirect × every way through an outbound proxy, over real sockets: what reached
// which server.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { HttpClientSettings, OutboundProxySettings } from '../../src/config/http-client/http-client-settings.ts'
import { Secret } from '../../src/config/secret.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { client, file, inline } from './client.ts'
import { loopbackServer } from './loopback-server.ts'
import { type OutboundProxy, outboundProxy } from './outbound-proxy.ts'
import { type Outcome, outcomeTable } from './outcome-table.ts'
import { awsKeys, region, seenCredentials } from './seen-credentials.ts'
import { type Arrival, serverNames, startUpstreams } from './upstreams.ts'

const ownAuthorization = 'the request’s own Authorization'

async function authentications(): Promise<Readonly<Record<string, Partial<HttpClientSettings>>>> {
  const folder = temporaryFolder()
  for (const name of ['token', 'key']) writeFileSync(join(folder, name), 'of-file\n')
  const tokenServer = await loopbackServer(({ headers }) => {
    const isKnown = headers.authorization === `Basic ${btoa('sluice:secret')}`
    return isKnown ? { status: 200, body: '{"access_token":"issued","token_type":"bearer"}' } : { status: 401 }
  })
  return {
    none: {},
    basic_auth: { basicAuth: { username: inline('user'), password: inline('password') } },
    authorization: { authorization: { type: 'Custom', credentials: inline('typed') } },
    'bearer file': { authorization: { type: 'Bearer', credentials: file(join(folder, 'token')) } },
    oauth2: {
      oauth2: {
        clientId: 'sluice',
        clientSecret: inline('secret'),
        grantType: 'client_credentials',
        signatureAlgorithm: 'RS256',
        claims: {},
        scopes: [],
        tokenUrl: `http://127.0.0.1:${tokenServer.port}/token`,
        endpointParams: {},
        tls: {},
        proxy: {},
      },
    },
    http_headers: {
      httpHeaders: {
        'X-Plain': { values: ['1'], secrets: [], files: [] },
        'X-Key': { values: [], secrets: [new Secret('s1')], files: [join(folder, 'key')] },
      },
    },
    headers: { headers: { 'X-Set': new Secret('s2'), Cookie: new Secret('c=1') } },
    sigv4: {
      sigv4: {
        accessKey: awsKeys.accessKeyId,
        secretKey: new Secret(awsKeys.secretAccessKey),
        region,
        useFipsStsEndpoint: false,
        serviceName: 'aps',
      },
    },
    [ownAuthorization]: {},
  }
}

/** Name → the scheme of the servers, and how they are reached. */
function waysThrough(proxy: OutboundProxy) {
  const through: OutboundProxySettings = {
    url: new Secret(`http://u:p@proxy.test:${proxy.port}`),
    connectHeaders: { 'X-Connect': [new Secret('for the proxy')] },
  }
  return {
    http: { scheme: 'http', proxy: {} },
    https: { scheme: 'https', proxy: {} },
    'http, proxy': { scheme: 'http', proxy: through },
    'https, proxy': { scheme: 'https', proxy: through },
    'http, no_proxy': { scheme: 'http', proxy: { ...through, noProxy: 'sub.a.test,b.test' } },
    'https, no_proxy': { scheme: 'https', proxy: { ...through, noProxy: 'sub.a.test,b.test' } },
  } as const
}

/** How the proxy had a part in it, by its own account. */
function wayOf({ received }: Arrival, proxy: OutboundProxy): string {
  const tunnel = proxy.tunnelOf(received.socket)
  if (tunnel !== undefined) return `tunnel (x-connect: ${tunnel['x-connect']})`
  return received.headers.via === undefined ? 'direct' : 'proxy'
}

test('what reached which server', async () => {
  const upstreams = await startUpstreams()
  const proxy = await outboundProxy(`Basic ${btoa('u:p')}`)
  const outcomes: Outcome[] = []
  const ways = new Set<string>()
  for (const [subject, settings] of Object.entries(await authentications()))
    for (const [way, { scheme, proxy: through }] of Object.entries(waysThrough(proxy))) {
      const send = client({ ...settings, tls: { ca: inline(upstreams.ca) }, proxy: through })
      const own = subject === ownAuthorization ? { authorization: 'Bearer own' } : {}
      const headers = { 'x-scope-orgid': 'team-a', ...own }
      const targets = serverNames.map((name) => [name, `${scheme}://${name}`] as const)
      const downgrade = ['a.test over http:', 'http://a.test'] as const
      for (const method of ['GET', 'POST'])
        for (const status of [301, 302, 303, 307, 308])
          for (const [target, server] of scheme === 'https' ? [...targets, downgrade] : targets) {
            const url = upstreams.startUrl(scheme, status, server)
            const body = Buffer.from(method === 'GET' ? '' : 'body')
            const answer = await send({ method, url, headers, body, timeoutMs: 10_000 })
            const seen: string[] = []
            const arrivals = upstreams.taken()
            expect([`${scheme}://a.test`, server]).toEqual(expect.arrayContaining(arrivals.map((one) => one.server)))
            for (const arrival of arrivals) {
              expect(arrival.received).toMatchObject({ method, body, headers: { 'x-scope-orgid': 'team-a' } })
              seen.push(await seenCredentials(arrival.received))
              ways.add(`${way.padEnd(16)} ${arrival.server.padEnd(19)} ${wayOf(arrival, proxy)}`)
            }
            const last = answer.status === status ? 'the redirect' : String(answer.status)
            outcomes.push({
              subject,
              request: `${method} ${status}`,
              target,
              way,
              text: `${seen.join(' → ')} → ${last}`,
            })
          }
    }
  // 9 authentications × 10 redirects × (3 ways to 4 servers and 3 to 5).
  expect(outcomes).toHaveLength(9 * 10 * 27)
  expect(`\n${[...ways].join('\n')}\n`).toBe(`
http             http://a.test       direct
http             http://a.test:2     direct
http             http://sub.a.test   direct
http             http://b.test       direct
https            https://a.test      direct
https            https://a.test:2    direct
https            https://sub.a.test  direct
https            https://b.test      direct
https            http://a.test       direct
http, proxy      http://a.test       proxy
http, proxy      http://a.test:2     proxy
http, proxy      http://sub.a.test   proxy
http, proxy      http://b.test       proxy
https, proxy     https://a.test      tunnel (x-connect: for the proxy)
https, proxy     https://a.test:2    tunnel (x-connect: for the proxy)
https, proxy     https://sub.a.test  tunnel (x-connect: for the proxy)
https, proxy     https://b.test      tunnel (x-connect: for the proxy)
https, proxy     http://a.test       proxy
http, no_proxy   http://a.test       proxy
http, no_proxy   http://a.test:2     proxy
http, no_proxy   http://sub.a.test   direct
http, no_proxy   http://b.test       direct
https, no_proxy  https://a.test      tunnel (x-connect: for the proxy)
https, no_proxy  https://a.test:2    tunnel (x-connect: for the proxy)
https, no_proxy  https://sub.a.test  direct
https, no_proxy  https://b.test      direct
https, no_proxy  http://a.test       proxy
`)
  expect(`\n${outcomeTable(outcomes)}\n`).toBe(`
none
  GET 301 302 303 307 308, POST 307 308
    anywhere                               – → – → 200
  POST 301 302 303
    anywhere                               – → the redirect
basic_auth
  GET 301 302 303 307 308, POST 307 308
    a.test, a.test:2, sub.a.test           basic → basic → 200
    b.test, a.test over http:              basic → – → 200
  POST 301 302 303
    anywhere                               basic → the redirect
authorization
  GET 301 302 303 307 308, POST 307 308
    a.test, a.test:2, sub.a.test           Custom typed → Custom typed → 200
    b.test, a.test over http:              Custom typed → – → 200
  POST 301 302 303
    anywhere                               Custom typed → the redirect
bearer file
  GET 301 302 303 307 308, POST 307 308
    a.test, a.test:2, sub.a.test           Bearer of-file → Bearer of-file → 200
    b.test, a.test over http:              Bearer of-file → – → 200
  POST 301 302 303
    anywhere                               Bearer of-file → the redirect
oauth2
  GET 301 302 303 307 308, POST 307 308
    a.test, a.test:2, sub.a.test           Bearer issued → Bearer issued → 200
    b.test, a.test over http:              Bearer issued → – → 200
  POST 301 302 303
    anywhere                               Bearer issued → the redirect
http_headers
  GET 301 302 303 307 308, POST 307 308
    a.test, a.test:2, sub.a.test           x-plain: 1, x-key: s1, of-file → x-plain: 1, x-key: s1, of-file → 200
    b.test, a.test over http:              x-plain: 1, x-key: s1, of-file → – → 200
  POST 301 302 303
    anywhere                               x-plain: 1, x-key: s1, of-file → the redirect
headers
  GET 301 302 303 307 308, POST 307 308
    a.test, a.test:2, sub.a.test           cookie: c=1, x-set: s2 → cookie: c=1, x-set: s2 → 200
    b.test, a.test over http:              cookie: c=1, x-set: s2 → – → 200
  POST 301 302 303
    anywhere                               cookie: c=1, x-set: s2 → the redirect
sigv4
  GET 301 302 303 307 308, POST 307 308
    a.test, a.test:2, sub.a.test           signature → signature → 200
    b.test, a.test over http:              signature → – → 200
  POST 301 302 303
    anywhere                               signature → the redirect
the request’s own Authorization
  GET 301 302 303 307 308, POST 307 308
    a.test, a.test:2, sub.a.test           Bearer own → Bearer own → 200
    b.test, a.test over http:              Bearer own → – → 200
  POST 301 302 303
    anywhere                               Bearer own → the redirect
`)
})
