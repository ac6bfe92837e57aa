import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Answer, type Asked, standIn } from '../../../test/support/stand-in.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import type { AzureAdSettings } from '../../config/http-client/http-client-settings.ts'
import { Secret } from '../../config/secret.ts'
import { chain } from '../chain.ts'
import type { LoadPackage } from '../optional-package.ts'
import { createTransport } from '../transport.ts'
import { azuread } from './azuread.ts'

const start = Date.UTC(2026, 7, 23, 12)
const clientId = '11111111-2222-3333-4444-555555555555'
const tenantId = '66666666-7777-8888-9999-000000000000'

/** Azure Monitor and a token server on loopback; `env` may say SERVER for the latter's address. */
async function azure(given: {
  readonly credential: AzureAdSettings['credential']
  readonly settings?: Partial<AzureAdSettings>
  readonly env?: NodeJS.ProcessEnv
  /** What is wrong with a token request; undefined: nothing. */
  readonly judge?: (asked: Asked) => string | undefined
  readonly load?: LoadPackage
}) {
  let time = start
  let special: Answer | undefined
  let issued = 0
  const tokens = await standIn(async (asked) => {
    await new Promise((resolve) => setImmediate(resolve))
    if (special !== undefined) return special
    const problem = given.judge?.(asked)
    if (problem !== undefined) return { status: 400, body: { error: 'invalid_request', error_description: problem } }
    return { body: { token_type: 'Bearer', expires_in: 3600, ext_expires_in: 3600, access_token: `token-${++issued}` } }
  })
  const monitor = await standIn(() => ({ status: 204 }))
  const transport = createTransport()
  onTestFinished(() => transport.destroy())
  const env: NodeJS.ProcessEnv = {}
  for (const [name, value] of Object.entries(given.env ?? {})) env[name] = value?.replace('SERVER', tokens.url)
  const link = azuread(
    { cloud: 'AzurePublic', credential: given.credential, ...given.settings },
    {
      tokenClient: transport.send,
      now: () => time,
      env,
      load:
        given.load ??
        (async () => {
          throw new Error('not to be loaded')
        }),
    },
  )
  const send = chain([link], transport.send)
  /** The Authorization that Azure Monitor got. */
  const push = async () => {
    await send({
      method: 'POST',
      url: `${monitor.url}/push`,
      headers: { authorization: 'Basic eDp5' },
      body: Buffer.from('x'),
    })
    return monitor.asked.at(-1)?.headers.authorization
  }
  return {
    push,
    tokens,
    monitor,
    answer: (answer: Answer | undefined) => {
      special = answer
    },
    pass: (ms: number) => {
      time += ms
    },
    issued: () => issued,
  }
}

const secret = { kind: 'oauth', clientId, clientSecret: new Secret('s&cret='), tenantId } as const
const authority = { AZURE_AUTHORITY_HOST: 'SERVER/' }

/** As Microsoft's v2.0 token endpoint checks the client credentials grant. */
const judgeGrant =
  (proof: Readonly<Record<string, string>>, scope = 'https://monitor.azure.com//.default') =>
  ({ method, path, headers, form }: Asked): string | undefined => {
    if (method !== 'POST' || path !== `/${tenantId}/oauth2/v2.0/token`) return `${method} ${path}`
    if (headers['content-type'] !== 'application/x-www-form-urlencoded') return 'content-type'
    const want = { client_id: clientId, grant_type: 'client_credentials', scope, ...proof }
    for (const [name, value] of Object.entries(want)) if (form[name] !== value) return `${name} is ${form[name]}`
    return Object.keys(form).length === Object.keys(want).length ? undefined : `fields ${Object.keys(form)}`
  }

test('oauth: the application’s secret, at the authority’s v2.0 endpoint', async () => {
  const { push, tokens } = await azure({
    credential: secret,
    env: authority,
    judge: judgeGrant({ client_secret: 's&cret=' }),
  })
  expect(await push()).toBe('Bearer token-1')
  expect(await push()).toBe('Bearer token-1')
  expect(tokens.asked).toHaveLength(1)
})

test('a scope of one’s own', async () => {
  const { push } = await azure({
    credential: secret,
    settings: { scope: 'api://x/.default' },
    env: authority,
    judge: judgeGrant({ client_secret: 's&cret=' }, 'api://x/.default'),
  })
  expect(await push()).toBe('Bearer token-1')
})

test('each cloud has its authority and its audience', async () => {
  const check = async (cloud: AzureAdSettings['cloud'], host: string, scope: string) => {
    let asked = ''
    const link = azuread(
      { cloud, credential: secret },
      {
        now: () => start,
        env: {},
        tokenClient: async ({ url, body }) => {
          asked = `${url} ${new URLSearchParams(Buffer.from(body).toString()).get('scope')}`
          return { status: 200, headers: {}, body: Buffer.from('{"access_token":"t","expires_in":3600}') }
        },
      },
    )
    const send = link(async ({ body }) => ({ status: 204, headers: {}, body }))
    await send({ method: 'POST', url: 'http://h/', headers: {}, body: Buffer.alloc(0) })
    expect(asked).toBe(`${host}/${tenantId}/oauth2/v2.0/token ${scope}`)
  }
  await check('AzurePublic', 'https://login.microsoftonline.com', 'https://monitor.azure.com//.default')
  await check('AzureGovernment', 'https://login.microsoftonline.us', 'https://monitor.azure.us//.default')
  await check('AzureChina', 'https://login.chinacloudapi.cn', 'https://monitor.azure.cn//.default')
})

test('workload identity: the projected token is read anew for every token', async () => {
  const path = join(temporaryFolder(), 'azure-identity-token')
  writeFileSync(path, 'jwt.one\n')
  let assertion = 'jwt.one'
  const { push, pass, monitor } = await azure({
    credential: { kind: 'workload_identity', clientId, tenantId, tokenFilePath: path },
    env: authority,
    judge: (asked) =>
      judgeGrant({
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      })(asked),
  })
  expect(await push()).toBe('Bearer token-1')
  writeFileSync(path, 'jwt.two\n')
  assertion = 'jwt.two'
  pass(3_600_000)
  expect(await push()).toBe('Bearer token-2')
  writeFileSync(path, '')
  pass(3_600_000)
  await expect(push()).rejects.toMatchObject({
    code: 'CREDENTIALS_UNAVAILABLE',
    message: `azuread: workload_identity: token file: unable to read file ${path}: it is empty`,
  })
  expect(monitor.asked).toHaveLength(2)
})

test('managed identity: the metadata service', async () => {
  const judge =
    (clientId: string | undefined) =>
    ({ method, path, query, headers }: Asked): string | undefined => {
      if (method !== 'GET' || path !== '/metadata/identity/oauth2/token') return `${method} ${path}`
      if (headers.metadata !== 'true' || headers['x-forwarded-for'] !== undefined) return 'Metadata'
      if (query['api-version'] !== '2018-02-01' || query.resource !== 'https://monitor.azure.com/') return 'query'
      return query.client_id === clientId ? undefined : 'Identity not found'
    }
  const env = { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'SERVER' }
  const user = await azure({ credential: { kind: 'managed_identity', clientId }, env, judge: judge(clientId) })
  expect(await user.push()).toBe('Bearer token-1')
  const system = await azure({ credential: { kind: 'managed_identity', clientId: '' }, env, judge: judge(undefined) })
  expect(await system.push()).toBe('Bearer token-1')
  const unknown = await azure({ credential: { kind: 'managed_identity', clientId }, env, judge: judge('other') })
  await expect(unknown.push()).rejects.toThrow(
    /^azuread: managed_identity: 127\.0\.0\.1:\d+ answered 400: invalid_request: Identity not found$/,
  )
})

test('managed identity: App Service, whose answers say when a token ends, not in how long', async () => {
  const { push, answer, pass, tokens } = await azure({
    credential: { kind: 'managed_identity', clientId },
    env: { IDENTITY_ENDPOINT: 'SERVER/msi/token', IDENTITY_HEADER: 'header-secret' },
    judge: ({ path, query, headers }) =>
      path === '/msi/token' && query['api-version'] === '2019-08-01' && headers['x-identity-header'] === 'header-secret'
        ? undefined
        : 'App Service',
  })
  expect(await push()).toBe('Bearer token-1')
  pass(3_600_000)
  const end = (start + 2 * 3_600_000) / 1000
  answer({ body: { access_token: 'a', expires_on: `${end}`, resource: 'https://monitor.azure.com/' } })
  expect(await push()).toBe('Bearer a')
  expect(tokens.asked.at(-1)?.query).toEqual({
    'api-version': '2019-08-01',
    resource: 'https://monitor.azure.com/',
    client_id: clientId,
  })
})

test('renewed at half of its life; fifty requests at the end of it wait for one fetch', async () => {
  const { push, pass, issued, tokens } = await azure({ credential: secret, env: authority })
  await push()
  pass(1_800_000 - 1)
  await push()
  expect(tokens.asked).toHaveLength(1)
  pass(1)
  expect(await push()).toBe('Bearer token-1')
  await expect.poll(push).toBe('Bearer token-2')
  expect(issued()).toBe(2)
  pass(3_600_000)
  const all = await Promise.all(Array.from({ length: 50 }, push))
  expect(all).toHaveLength(50)
  expect(tokens.asked).toHaveLength(3)
  expect(await push()).toBe('Bearer token-3')
})

test('an outage of the token server: the token serves to its end, then nothing is sent until it is back', async () => {
  const { push, pass, answer, monitor } = await azure({ credential: secret, env: authority })
  await push()
  answer({ status: 503, body: 'busy' })
  pass(3_580_000)
  expect(await push()).toBe('Bearer token-1')
  pass(10_000)
  const check = async (bad: Answer, want: RegExp) => {
    answer(bad)
    const error = await push().catch((error) => error)
    expect(error).toMatchObject({ code: 'CREDENTIALS_UNAVAILABLE', status: 503, message: expect.stringMatching(want) })
    expect(error.message).not.toContain('s&cret')
  }
  await check({ status: 503, body: 'busy' }, /^azuread: oauth: 127\.0\.0\.1:\d+ answered 503$/)
  await check({ body: 'x'.repeat(1 << 20) }, /is no JSON object$/)
  await check({ body: { access_token: 't' } }, /does not say when the token expires$/)
  await check({ body: { expires_in: 3600 } }, /holds no usable access_token$/)
  await check({ body: { access_token: 't', expires_in: -5 } }, /is the clock right\?$/)
  expect(monitor.asked).toHaveLength(2)
  answer(undefined)
  expect(await push()).toBe('Bearer token-2')
})

test('sdk: Azure’s own library, loaded when the first request needs it', async () => {
  const made: object[] = []
  const asked: string[] = []
  class DefaultAzureCredential {
    constructor(options: object) {
      made.push(options)
    }
    async getToken(scope: string) {
      asked.push(scope)
      return { token: `sdk-${asked.length}`, expiresOnTimestamp: start + asked.length * 3_600_000 }
    }
  }
  const load: LoadPackage = async (name) => {
    expect(name).toBe('@azure/identity')
    return { DefaultAzureCredential }
  }
  const credential = { kind: 'sdk', tenantId } as const
  const { push, pass } = await azure({ credential, load, settings: { cloud: 'AzureGovernment' } })
  expect(made).toEqual([])
  expect(await push()).toBe('Bearer sdk-1')
  pass(3_600_000)
  expect(await push()).toBe('Bearer sdk-2')
  expect(made).toEqual([{ tenantId, authorityHost: 'https://login.microsoftonline.us' }])
  expect(asked).toEqual(Array(2).fill('https://monitor.azure.us//.default'))
  await (await azure({ credential: { kind: 'sdk', tenantId: '' }, load })).push()
  expect(made[1]).toEqual({ authorityHost: 'https://login.microsoftonline.com' })
})

test('sdk: what the library may do instead', async () => {
  const check = async (load: LoadPackage, code: string, want: string) => {
    const { push, monitor } = await azure({ credential: { kind: 'sdk', tenantId: '' }, load })
    await expect(push()).rejects.toMatchObject({ code, message: want })
    expect(monitor.asked).toEqual([])
  }
  const giving = (getToken: () => Promise<unknown>): LoadPackage => {
    return async () => ({
      DefaultAzureCredential: class {
        getToken = getToken
      },
    })
  }
  await check(
    async (name) => {
      throw Object.assign(new Error(`Cannot find package '${name}' imported from x`), { code: 'ERR_MODULE_NOT_FOUND' })
    },
    'PACKAGE_MISSING',
    'azuread: sdk needs the package @azure/identity, which is not installed: run "npm install @azure/identity" where ' +
      'Sluice is installed',
  )
  const unavailable = 'CREDENTIALS_UNAVAILABLE'
  await check(
    giving(() => Promise.reject(new Error('no chain'))),
    unavailable,
    'azuread: sdk: no chain',
  )
  const none = 'azuread: sdk: @azure/identity gave no usable token'
  await check(
    giving(async () => null),
    unavailable,
    none,
  )
  await check(
    giving(async () => ({ token: '', expiresOnTimestamp: start * 2 })),
    unavailable,
    none,
  )
})
