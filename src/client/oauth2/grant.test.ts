// What a token server is asked, as golang.org/x/oauth2 and prometheus/common ask it.

import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { oauth2Stage } from '../../../test/support/oauth2-stage.ts'
import { jwtBearer, type OAuth2Settings } from '../../config/http-client/http-client-settings.ts'
import { inline, Secret } from '../../config/secret.ts'
import { grants } from './grant.ts'
import { oauth2 } from './oauth2.ts'

const token = { body: { access_token: 't', token_type: 'Bearer', expires_in: 3600 } }
const params = (texts: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, new Secret(text)]))
const refusal = { status: 401, body: { error: 'invalid_client' } }

test('client credentials: Basic, encoded as a form', async () => {
  const { send, tokenServer, authorizations } = await oauth2Stage(() => token, {
    settings: {
      clientId: 'my id',
      clientSecret: inline('a:b*~é+'),
      scopes: ['read', 'write'],
      endpointParams: params({ resource: 'x y', audience: 'mimir' }),
    },
  })
  await send({ headers: { 'user-agent': 'Prometheus/3.9' } })
  const { method, path, headers, form } = tokenServer.asked[0]!
  expect([method, path]).toEqual(['POST', '/token'])
  expect(headers).toMatchObject({
    'content-type': 'application/x-www-form-urlencoded',
    'user-agent': 'Prometheus/3.9',
    authorization: `Basic ${Buffer.from('my+id:a%3Ab%2A~%C3%A9%2B').toString('base64')}`,
  })
  expect(form).toEqual({
    grant_type: 'client_credentials',
    scope: 'read write',
    resource: 'x y',
    audience: 'mimir',
  })
  expect(authorizations()).toEqual(['Bearer t'])
})

test('credentials that are not taken from the header are tried in the form, and stay there', async () => {
  const { send, pass, tokenServer } = await oauth2Stage(({ headers }) => (headers.authorization ? refusal : token))
  await send()
  pass(3_600_000)
  await send()
  const ways = tokenServer.asked.map(({ headers, form }) => [headers.authorization, form.client_id, form.client_secret])
  const inForm = [undefined, 'id', 'secret']
  expect(ways).toEqual([[`Basic ${Buffer.from('id:secret').toString('base64')}`, undefined, undefined], inForm, inForm])
})

test('a way that has worked is not left for a later refusal', async () => {
  let answer: object = token
  const { send, pass, tokenServer } = await oauth2Stage(() => answer)
  await send()
  pass(3_600_000)
  answer = refusal
  await expect(send()).rejects.toMatchObject({ code: 'CREDENTIALS_UNAVAILABLE' })
  expect(tokenServer.asked.map(({ headers }) => headers.authorization !== undefined)).toEqual([true, true])
})

test('no secret, no scopes: neither is sent', async () => {
  const { tokenServer, ...stage } = await oauth2Stage(({ headers }) => (headers.authorization ? refusal : token))
  const bare: OAuth2Settings = { ...stage.settings }
  delete (bare as { clientSecret?: unknown }).clientSecret
  const [header, form] = grants(bare, '', Date.now).map((way) => way())
  expect(header).toMatchObject({ headers: { authorization: `Basic ${btoa('id:')}` } })
  expect(form!.form).toEqual({ grant_type: 'client_credentials', client_id: 'id' })
})

test('endpoint_params may override grant_type and nothing else of the grant’s own', async () => {
  const { settings } = await oauth2Stage(() => token)
  const check = (rest: Partial<OAuth2Settings>, want: object | string) => {
    const make = () => grants({ ...settings, ...rest }, 's', Date.now)
    if (typeof want !== 'string') expect(make()[0]!().form).toMatchObject(want)
    else {
      expect(make).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(want) }))
      const tokenClient = () => Promise.reject(new Error('never asked'))
      expect(() => oauth2({ ...settings, ...rest }, { tokenClient, now: Date.now })).toThrow(want)
    }
  }
  check({ endpointParams: params({ grant_type: 'custom' }) }, { grant_type: 'custom' })
  check({ endpointParams: params({ scope: 'a' }) }, { scope: 'a' })
  check({ endpointParams: params({ scope: 'a' }), scopes: ['b'] }, 'oauth2: cannot overwrite parameter "scope"')
  check(
    { endpointParams: params({ assertion: 'a' }), grantType: jwtBearer },
    'oauth2: cannot overwrite parameter "assertion"',
  )
})

test('what endpoint_params say is quoted by no error and shown by no print', async () => {
  const { send, settings } = await oauth2Stage(
    ({ form }) => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: `no ${form.username}:${form.password}` },
    }),
    { settings: { endpointParams: params({ grant_type: 'password', username: 'robot', password: 'hunter2' }) } },
  )
  await expect(send()).rejects.toThrow(/400 "invalid_grant" "no <secret>:<secret>"$/)
  for (const print of [inspect(settings, { depth: 9, showHidden: true }), JSON.stringify(settings)])
    expect(print).not.toMatch(/hunter2|robot/)
})

test('a token_url that nothing can be sent to is refused when the link is made, its password unsaid', async () => {
  const { settings } = await oauth2Stage(() => token)
  const check = (tokenUrl: string, why: string) => {
    const make = () =>
      oauth2({ ...settings, tokenUrl }, { tokenClient: () => Promise.reject(new Error('never asked')), now: Date.now })
    expect(make).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(`^oauth2 token_url: .*${why}`),
      }),
    )
    expect(make).not.toThrow(/hunter2/)
  }
  check('auth.example', 'is no URL')
  check('ftp://auth.example/', 'ftp:')
  check('http://u:hunter2@auth.example/', 'carries credentials')
})

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8' = 'pkcs8') => key.export({ type, format: 'pem' }).toString()

interface Jwt {
  readonly header: Record<string, unknown>
  readonly claims: Record<string, unknown>
}

/** Verified with the public key. */
function verified(jwt: string, digest: string): Jwt {
  const [header, claims, signature] = jwt.split('.')
  const isSigned = verify(
    digest,
    Buffer.from(`${header}.${claims}`),
    createPublicKey(rsa.publicKey.export({ type: 'spki', format: 'pem' })),
    Buffer.from(signature!, 'base64url'),
  )
  expect(isSigned).toBe(true)
  const parse = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString())
  return { header: parse(header!), claims: parse(claims!) }
}

test('JWT bearer: standard claims, signed', async () => {
  const { send, pass, tokenServer, settings } = await oauth2Stage(() => token, {
    settings: { grantType: jwtBearer, clientCertificateKey: inline(pem(rsa.privateKey)) },
  })
  await send()
  pass(3_600_000)
  await send()
  const [first, second] = tokenServer.asked
  expect(first!.headers.authorization).toBeUndefined()
  const { assertion, ...form } = first!.form
  expect(form).toEqual({ grant_type: jwtBearer })
  const { header, claims } = verified(assertion!, 'sha256')
  expect(header).toEqual({ alg: 'RS256', typ: 'JWT' })
  expect(claims).toEqual({
    iss: 'id',
    sub: 'id',
    aud: settings.tokenUrl,
    jti: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    iat: 1_700_000_000,
    exp: 1_700_000_600,
  })
  const later = verified(second!.form.assertion!, 'sha256').claims
  expect(later.iat).toBe(1_700_003_600)
  expect(later.jti).not.toBe(claims.jti)
})

test('JWT bearer: everything set, private claims last; PKCS #1', async () => {
  const check = async (signatureAlgorithm: OAuth2Settings['signatureAlgorithm'], digest: string) => {
    const { send, tokenServer } = await oauth2Stage(() => token, {
      settings: {
        grantType: jwtBearer,
        clientCertificateKey: inline(pem(rsa.privateKey, 'pkcs1')),
        clientCertificateKeyId: 'key-7',
        signatureAlgorithm,
        iss: 'issuer',
        audience: 'audience',
        scopes: ['a', 'b'],
        claims: { sub: 'other', nested: { n: 1 } },
        endpointParams: params({ grant_type: 'custom', extra: '1' }),
      },
    })
    await send()
    const { assertion, ...form } = tokenServer.asked[0]!.form
    expect(form).toEqual({ grant_type: 'custom', scope: 'a b', extra: '1' })
    const { header, claims } = verified(assertion!, digest)
    expect(header).toEqual({ alg: signatureAlgorithm, typ: 'JWT', kid: 'key-7' })
    expect(claims).toMatchObject({ iss: 'issuer', sub: 'other', aud: 'audience', scope: 'a b', nested: { n: 1 } })
  }
  await check('RS256', 'sha256')
  await check('RS384', 'sha384')
  await check('RS512', 'sha512')
})

test('JWT bearer: what is no RSA key is said so, and not shown', async () => {
  const check = async (key: string) => {
    const { send, tokenServer, upstream } = await oauth2Stage(() => token, {
      settings: { grantType: jwtBearer, clientCertificateKey: inline(key) },
    })
    await expect(send()).rejects.toMatchObject({
      code: 'CREDENTIALS_UNAVAILABLE',
      message: 'unable to use oauth2 client certificate key: it is no PEM of an RSA private key without a passphrase',
    })
    expect([tokenServer.asked.length, upstream.asked.length]).toEqual([0, 0])
  }
  await check('hunter2')
  await check('')
  await check(pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey))
  const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const
  await check(rsa.privateKey.export(locked).toString())
})
