import { createVerify, generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Answer, type Asked, standIn } from '../../../test/support/stand-in.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { chain } from '../chain.ts'
import type { LoadPackage } from '../optional-package.ts'
import { createTransport } from '../transport.ts'
import { googleIam } from './google-iam.ts'

const start = Date.UTC(2026, 7, 23, 12)
const scope = 'https://www.googleapis.com/auth/monitoring.write'
const keyPair = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
const keys = keyPair()
const pem = (pair: typeof keys) => pair.privateKey.export({ type: 'pkcs8', format: 'pem' })

/** Cloud Monitoring and a token server on loopback; texts of files and variables may say SERVER for the latter's URL, and ADDRESS. */
async function google(given: {
  readonly files?: Readonly<Record<string, object | string>>
  /** Name in `files`. */
  readonly credentialsFile?: string
  readonly env?: NodeJS.ProcessEnv
  readonly judge?: (asked: Asked, now: number, server: string) => string | undefined
  readonly load?: LoadPackage
  readonly answerHeaders?: Readonly<Record<string, string>>
}) {
  let time = start
  let special: Answer | undefined
  let issued = 0
  const tokens = await standIn(async (asked) => {
    await new Promise((resolve) => setImmediate(resolve))
    if (special !== undefined) return special
    const problem = given.judge?.(asked, time, tokens.url)
    if (problem !== undefined) return { status: 400, body: { error: 'invalid_grant', error_description: problem } }
    const body = { access_token: `token-${++issued}`, expires_in: 3599, token_type: 'Bearer' }
    return { body, headers: given.answerHeaders ?? {} }
  })
  const monitoring = await standIn(() => ({ status: 204 }))
  const home = temporaryFolder()
  const filled = (text: string) =>
    text.replaceAll('SERVER', tokens.url).replaceAll('ADDRESS', new URL(tokens.url).host).replaceAll('HOME', home)
  const write = (name: string, content: object | string) => {
    mkdirSync(join(home, name, '..'), { recursive: true })
    writeFileSync(join(home, name), filled(typeof content === 'string' ? content : JSON.stringify(content)))
  }
  for (const [name, content] of Object.entries(given.files ?? {})) write(name, content)
  const transport = createTransport()
  onTestFinished(() => transport.destroy())
  const env: NodeJS.ProcessEnv = {}
  for (const [name, value] of Object.entries(given.env ?? {})) env[name] = filled(value ?? '')
  const link = googleIam(given.credentialsFile ? { credentialsFile: join(home, given.credentialsFile) } : {}, {
    tokenClient: transport.send,
    now: () => time,
    env,
    homeDirectory: home,
    load:
      given.load ??
      (async () => {
        throw new Error('not to be loaded')
      }),
  })
  const send = chain([link], transport.send)
  /** The Authorization that Cloud Monitoring got. */
  const push = async () => {
    await send({ method: 'POST', url: `${monitoring.url}/v1`, headers: { 'x-a': '1' }, body: Buffer.from('x') })
    return monitoring.asked.at(-1)?.headers.authorization
  }
  return {
    push,
    write,
    tokens,
    monitoring,
    home,
    answer: (answer: Answer | undefined) => {
      special = answer
    },
    pass: (ms: number) => {
      time += ms
    },
  }
}

const account = {
  type: 'service_account',
  project_id: 'p',
  private_key_id: 'key-1',
  private_key: pem(keys),
  client_email: 'writer@p.iam.gserviceaccount.com',
  client_id: '1',
  token_uri: 'SERVER/token',
}

/** As Google's token server checks an assertion (RFC 7523 and its documentation for service accounts). */
const judgeAssertion =
  (known: Readonly<Record<string, typeof keys>>) =>
  ({ method, path, form }: Asked, now: number, server: string): string | undefined => {
    if (method !== 'POST' || path !== '/token') return `${method} ${path}`
    if (form.grant_type !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') return 'grant_type'
    const [header = '', claims = '', signature = ''] = (form.assertion ?? '').split('.')
    const { alg, typ, kid } = JSON.parse(Buffer.from(header, 'base64url').toString())
    if (alg !== 'RS256' || typ !== 'JWT') return 'header'
    const key = known[kid]
    if (key === undefined) return 'unknown key'
    const verifier = createVerify('RSA-SHA256').update(`${header}.${claims}`)
    if (!verifier.verify(key.publicKey, signature, 'base64url')) return 'Invalid JWT Signature.'
    const { iss, aud, scope: asked, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    if (iss !== account.client_email) return 'iss'
    if (aud !== `${server}/token`) return `aud ${aud}`
    if (asked !== scope) return 'scope'
    const seconds = now / 1000
    return iat <= seconds && seconds < exp && exp - iat <= 3600 && iat > seconds - 300 ? undefined : 'iat or exp'
  }

test('a service account: an assertion signed with its key', async () => {
  const { push, tokens, monitoring } = await google({
    files: { 'key.json': account },
    credentialsFile: 'key.json',
    judge: judgeAssertion({ 'key-1': keys }),
  })
  expect(await push()).toBe('Bearer token-1')
  expect(await push()).toBe('Bearer token-1')
  expect(tokens.asked).toHaveLength(1)
  expect(monitoring.asked[0]?.headers['x-goog-user-project']).toBeUndefined()
})

test('its key replaced: the next token is asked for with the new one', async () => {
  const next = keyPair()
  const known = { 'key-1': keys, 'key-2': next }
  const { push, write, pass } = await google({
    files: { 'key.json': account },
    credentialsFile: 'key.json',
    judge: judgeAssertion(known),
  })
  await push()
  write('key.json', { ...account, private_key_id: 'key-2', private_key: pem(next) })
  pass(3_600_000)
  expect(await push()).toBe('Bearer token-2')
  write('key.json', { ...account, private_key: pem(next) })
  pass(3_600_000)
  await expect(push()).rejects.toThrow(/answered 400: invalid_grant: Invalid JWT Signature\.$/)
})

test('a user who logged in: the refresh token, and the project that pays', async () => {
  const user = {
    type: 'authorized_user',
    client_id: 'id',
    client_secret: 's&cret',
    refresh_token: '1//refresh',
    quota_project_id: 'payer',
    token_uri: 'SERVER/token',
  }
  const judge = ({ method, form }: Asked) => {
    const want = { grant_type: 'refresh_token', client_id: 'id', client_secret: 's&cret', refresh_token: '1//refresh' }
    return method === 'POST' && JSON.stringify(form) === JSON.stringify(want) ? undefined : JSON.stringify(form)
  }
  // Where gcloud puts it.
  const { push, monitoring } = await google({
    files: { '.config/gcloud/application_default_credentials.json': user },
    judge,
  })
  expect(await push()).toBe('Bearer token-1')
  expect(monitoring.asked[0]?.headers).toMatchObject({ 'x-goog-user-project': 'payer', 'x-a': '1' })
  // The variable goes first, for the file as for the project.
  const named = await google({
    files: { '.config/gcloud/application_default_credentials.json': '{}', 'user.json': user },
    env: { GOOGLE_APPLICATION_CREDENTIALS: 'HOME/user.json', GOOGLE_CLOUD_QUOTA_PROJECT: 'other' },
    judge,
  })
  expect(await named.push()).toBe('Bearer token-1')
  expect(named.monitoring.asked[0]?.headers['x-goog-user-project']).toBe('other')
})

test('no file anywhere: the metadata server, which must be one', async () => {
  const judge = ({ method, path, query, headers }: Asked) => {
    if (method !== 'GET' || headers['metadata-flavor'] !== 'Google') return 'Metadata-Flavor'
    if (path !== '/computeMetadata/v1/instance/service-accounts/default/token') return path
    return query.scopes === scope ? undefined : 'scopes'
  }
  const { push, tokens } = await google({
    judge,
    answerHeaders: { 'Metadata-Flavor': 'Google' },
    env: { GCE_METADATA_HOST: 'ADDRESS' },
  })
  expect(await push()).toBe('Bearer token-1')
  expect(tokens.asked).toHaveLength(1)
  const impostor = await google({ env: { GCE_METADATA_HOST: 'ADDRESS' } })
  await expect(impostor.push()).rejects.toMatchObject({
    code: 'CREDENTIALS_UNAVAILABLE',
    message: expect.stringMatching(
      /^google_iam: there is no credentials file; metadata server: what answers at 127\.0\.0\.1:\d+ is something else$/,
    ),
  })
})

test('files that are no credentials', async () => {
  const check = async (content: object | string, want: string) => {
    const { push, home, monitoring } = await google({ files: { 'key.json': content }, credentialsFile: 'key.json' })
    const error = await push().catch((error) => error)
    expect(error.code).toBe('CREDENTIALS_UNAVAILABLE')
    expect(error.message).toBe(want.replace('FILE', `credentials file ${join(home, 'key.json')}`))
    expect(monitoring.asked).toEqual([])
  }
  await check('', 'google_iam: FILE: it is no JSON object')
  await check('[1]', 'google_iam: FILE: it is no JSON object')
  await check({}, 'google_iam: FILE: it has no type')
  await check({ ...account, private_key: 7 }, 'google_iam: FILE: it has no private_key')
  await check({ ...account, client_email: '' }, 'google_iam: FILE: it has no client_email')
  await check(
    { ...account, private_key: 'hunter2' },
    'google_iam: service account: private_key is no private key in PEM',
  )
  await check(
    { type: 'authorized_user', client_id: 'a', client_secret: 'b' },
    'google_iam: FILE: it has no refresh_token',
  )
  const absent = await google({ credentialsFile: 'key.json' })
  await expect(absent.push()).rejects.toThrow(/^google_iam: credentials file .*key\.json: ENOENT/)
})

test('an outage, hostile answers, and fifty requests at a token’s end', async () => {
  const { push, pass, answer, tokens, monitoring } = await google({
    files: { 'key.json': account },
    credentialsFile: 'key.json',
  })
  await push()
  answer({ status: 500 })
  pass(3_580_000)
  expect(await push()).toBe('Bearer token-1')
  pass(30_000)
  const check = async (bad: Answer, want: RegExp) => {
    answer(bad)
    await expect(push()).rejects.toMatchObject({
      code: 'CREDENTIALS_UNAVAILABLE',
      message: expect.stringMatching(want),
    })
  }
  await check({ status: 500 }, /^google_iam: service account: 127\.0\.0\.1:\d+ answered 500$/)
  await check({ body: '<html>' }, /is no JSON object$/)
  await check({ body: `{"access_token":"${'t'.repeat(1 << 20)}","expires_in":1}` }, /is no JSON object$/)
  await check({ body: { id_token: 't' } }, /holds no usable access_token$/)
  expect(monitoring.asked).toHaveLength(2)
  answer(undefined)
  const before = tokens.asked.length
  const all = await Promise.all(Array.from({ length: 50 }, push))
  expect(new Set(all).size).toBe(1)
  expect(tokens.asked).toHaveLength(before + 1)
})

test('other kinds of credentials are the optional package’s', async () => {
  const files = { 'key.json': { type: 'external_account', audience: 'x' } }
  const made: object[] = []
  const giving = (token: string | null, credentials: object): LoadPackage => {
    return async (name) => {
      expect(name).toBe('google-auth-library')
      class GoogleAuth {
        constructor(options: object) {
          made.push(options)
        }
        async getClient() {
          return { getAccessToken: async () => ({ token, res: null }), credentials }
        }
      }
      return { GoogleAuth }
    }
  }
  const load = giving('external', { expiry_date: start + 3_600_000 })
  const { push, home } = await google({ files, credentialsFile: 'key.json', load })
  expect(await push()).toBe('Bearer external')
  expect(made).toEqual([{ keyFilename: join(home, 'key.json'), scopes: [scope] }])
  const check = async (load: LoadPackage, code: string, want: string) => {
    const { push } = await google({ files, credentialsFile: 'key.json', load })
    await expect(push()).rejects.toMatchObject({ code, message: want })
  }
  const what = 'google_iam: credentials of type "external_account"'
  await check(
    async (name) => {
      throw Object.assign(new Error(`Cannot find package '${name}' imported from x`), { code: 'ERR_MODULE_NOT_FOUND' })
    },
    'PACKAGE_MISSING',
    `${what} needs the package google-auth-library, which is not installed: run "npm install google-auth-library" ` +
      'where Sluice is installed',
  )
  const none = `${what}: google-auth-library gave no usable token`
  await check(giving(null, { expiry_date: start * 2 }), 'CREDENTIALS_UNAVAILABLE', none)
  await check(giving('t', {}), 'CREDENTIALS_UNAVAILABLE', none)
})
