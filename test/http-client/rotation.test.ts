// Passwords, tokens and certificates are replaced on disk under load: every request carries what was valid when it was
// sent, none goes out without, and what meets a broken file is not sent.

import type { Server } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { type ClientOptions, createHttpClient } from '../../src/library/create-http-client.ts'
import { createAuthority } from '../support/certificate.ts'
import { loopbackServer } from './loopback-server.ts'
import { type Account, type Layout, RotatingFiles } from './rotation.ts'

const requests = 800

/** With plain files each of their states is met; a swapped folder has no broken ones. */
function expectLoad(layout: Layout, { delivered, refused, versions }: Account, wanted = requests): void {
  expect(delivered + refused).toBe(wanted)
  expect(delivered).toBeGreaterThan(wanted / 20)
  expect(versions).toBeGreaterThan(wanted / 100)
  if (layout === 'kubernetes') expect(refused).toBe(0)
  else expect(refused).toBeGreaterThan(wanted / 20)
}

function sender(options: ClientOptions) {
  const { send, destroy } = createHttpClient(options)
  onTestFinished(destroy)
  return send
}

const secret = (name: string) => (version: number) => ({ [name]: `secret-${version}\n` })
const versionOf = (text: string | undefined): number => Number(/^secret-(\d+)$/.exec(text ?? '')?.[1] ?? Number.NaN)
/** User and password of Basic credentials. */
const basic = (authorization = '') => atob(/^Basic (.*)$/.exec(authorization)?.[1] ?? '').split(':')

for (const layout of ['files', 'kubernetes'] as const) {
  test(`basic_auth password_file: ${layout}`, async () => {
    const files = new RotatingFiles(layout, secret('password'))
    const { port } = await loopbackServer((received) => {
      const [user, password] = basic(received.headers.authorization)
      return files.judge(received, user === 'user' ? versionOf(password) : Number.NaN)
    })
    const send = sender({ basicAuth: { username: 'user', passwordFile: files.path('password') } })
    expectLoad(layout, await files.underLoad(send, `http://127.0.0.1:${port}/`, requests))
  })

  test(`authorization credentials_file: ${layout}`, async () => {
    const files = new RotatingFiles(layout, secret('token'))
    const { port } = await loopbackServer((received) => {
      const [type, token] = received.headers.authorization?.split(' ') ?? []
      return files.judge(received, type === 'Bearer' ? versionOf(token) : Number.NaN)
    })
    const send = sender({ authorization: { credentialsFile: files.path('token') } })
    expectLoad(layout, await files.underLoad(send, `http://127.0.0.1:${port}/`, requests))
  })

  test(`http_headers files: ${layout}`, async () => {
    const files = new RotatingFiles(layout, secret('key'))
    const { port } = await loopbackServer((received) =>
      files.judge(received, versionOf(String(received.headers['x-key']))),
    )
    const send = sender({ httpHeaders: { 'X-Key': { files: [files.path('key')] } } })
    expectLoad(layout, await files.underLoad(send, `http://127.0.0.1:${port}/`, requests))
  })

  test(`oauth2 client_secret_file: ${layout}`, async () => {
    const files = new RotatingFiles(layout, secret('client-secret'))
    const issued = new Map<string, number>()
    const tokenServer = await loopbackServer(({ headers }) => {
      const version = versionOf(basic(headers.authorization)[1])
      if (!(version >= files.oldest && version <= files.newest))
        return { status: 401, body: '{"error":"invalid_client"}' }
      const token = `token-${issued.size}`
      issued.set(token, version)
      return { status: 200, body: JSON.stringify({ access_token: token, token_type: 'bearer', expires_in: 3600 }) }
    })
    const { port } = await loopbackServer((received) => {
      const [type, token = ''] = received.headers.authorization?.split(' ') ?? []
      return files.judge(received, type === 'Bearer' ? (issued.get(token) ?? Number.NaN) : Number.NaN)
    })
    const send = sender({
      oauth2: {
        clientId: 'sluice',
        clientSecretFile: files.path('client-secret'),
        tokenUrl: `http://127.0.0.1:${tokenServer.port}/token`,
      },
    })
    expectLoad(layout, await files.underLoad(send, `http://127.0.0.1:${port}/`, requests))
  })

  test(`tls ca_file, cert_file, key_file: ${layout}`, async () => {
    const made: Certificates[] = []
    const material = (version: number): Certificates => {
      while (made.length <= version) made.push(certificates(made.length))
      return made[version]!
    }
    // On a busy machine a handshake may see several versions come and go: so many are trusted, and by half as many the
    // server's own certificate goes on later than the clients' files.
    const trusted = 10
    const authorities = (version: number) =>
      Array.from({ length: trusted }, (_, back) => material(Math.max(0, version - back)).authority).join('')
    const files = new RotatingFiles(layout, (version) => {
      const { certificate, key } = material(version).client
      return { ca: authorities(version), cert: certificate, key }
    })
    // Lets in clients of these versions, so that the account shows which came.
    const tlsOf = (version: number) => {
      const { certificate: cert, key } = material(Math.max(0, version - trusted / 2)).server
      return { cert, key, ca: authorities(version + 1), requestCert: true, rejectUnauthorized: true }
    }
    const { port, server } = await loopbackServer((received) => {
      const { CN } = (received.socket as TLSSocket).getPeerCertificate().subject
      return files.judge(received, versionOf(String(CN)))
    }, tlsOf(0))
    files.onReplaced = (version) => (server as Server).setSecureContext(tlsOf(version))
    const tlsConfig = { caFile: files.path('ca'), certFile: files.path('cert'), keyFile: files.path('key') }
    const wanted = 320
    expectLoad(layout, await files.underLoad(sender({ tlsConfig }), `https://127.0.0.1:${port}/`, wanted), wanted)
  })
}

interface Certificates {
  readonly authority: string
  readonly client: { readonly certificate: string; readonly key: string }
  readonly server: { readonly certificate: string; readonly key: string }
}

function certificates(version: number): Certificates {
  const authority = createAuthority(`CA ${version}`)
  return {
    authority: authority.certificate,
    client: authority.issue([`secret-${version}`]),
    server: authority.issue(),
  }
}
