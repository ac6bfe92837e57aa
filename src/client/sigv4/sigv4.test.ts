import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type AwsKeys, awsProblem } from '../../../test/support/aws-signature.ts'
import { type Asked, standIn } from '../../../test/support/stand-in.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import type { SigV4Settings } from '../../config/http-client/http-client-settings.ts'
import { Secret } from '../../config/secret.ts'
import { chain, type Link } from '../chain.ts'
import type { LoadPackage } from '../optional-package.ts'
import { markForeign } from '../redirect-hop.ts'
import { createTransport } from '../transport.ts'
import { sigv4 } from './sigv4.ts'

const start = Date.UTC(2026, 7, 23, 12)

/** AWS on loopback (a service that checks signatures, and STS) and a client of it. */
async function aws(given: {
  readonly settings?: Partial<SigV4Settings>
  readonly env?: NodeJS.ProcessEnv
  readonly files?: Readonly<Record<string, string>>
  readonly load?: LoadPackage
  readonly service?: string
  /** Stands between the signing link and the transport. */
  readonly inner?: Link
}) {
  const keys: Record<string, AwsKeys> = { AKBASE: { secretAccessKey: 'base/secret+' } }
  let time = start
  const problems: (string | undefined)[] = []
  const upstream = await standIn((asked) => {
    const problem = awsProblem(asked, { keys, region: 'eu-west-1', service: given.service ?? 'aps', now: time })
    problems.push(problem)
    return { status: problem === undefined ? 200 : 403 }
  })
  const sts = {
    /** What it is asked for and by whom, and what it answers. */
    answer: undefined as ((asked: Asked) => { status?: number; body: string } | undefined) | undefined,
    lifeMs: 3_600_000,
    issued: 0,
  }
  const stsServer = await standIn(async (asked) => {
    await new Promise((resolve) => setImmediate(resolve))
    const special = sts.answer?.(asked)
    if (special !== undefined) return special
    const { Action: action = '' } = asked.form
    const problem =
      action === 'AssumeRoleWithWebIdentity'
        ? asked.headers.authorization && 'signed'
        : awsProblem(asked, { keys, region: 'eu-west-1', service: 'sts', now: time })
    if (problem) return { status: 403, body: stsError('SignatureDoesNotMatch', problem) }
    const id = `ASIA${++sts.issued}`
    keys[id] = { secretAccessKey: `secret ${id}`, sessionToken: `token/${id}+=` }
    return { body: stsAnswer(action, id, keys[id], time + sts.lifeMs) }
  })
  const home = temporaryFolder()
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(home, name)), { recursive: true })
    writeFileSync(join(home, name), text)
  }
  for (const [name, text] of Object.entries(given.files ?? {})) write(name, text)
  const transport = createTransport()
  onTestFinished(() => transport.destroy())
  const env = { AWS_ENDPOINT_URL_STS: stsServer.url, ...given.env }
  for (const [name, value] of Object.entries(env)) env[name as keyof typeof env] = value?.replace('HOME', home) as never
  const link = sigv4(
    { region: 'eu-west-1', useFipsStsEndpoint: false, serviceName: 'aps', ...given.settings },
    {
      tokenClient: transport.send,
      now: () => time,
      env,
      homeDirectory: home,
      load:
        given.load ??
        (async () => {
          throw new Error('not to be loaded')
        }),
    },
  )
  const send = chain(given.inner === undefined ? [link] : [link, given.inner], transport.send)
  const push = (path = '/workspaces/ws-1/api/v1/remote_write', body = 'body') =>
    send({
      method: 'POST',
      url: `${upstream.url}${path}`,
      headers: { 'content-type': 'application/x-protobuf', 'x-scope-orgid': 'team-a', 'user-agent': 'Sluice/1' },
      body: Buffer.from(body),
    })
  return {
    link,
    push,
    keys,
    sts,
    write,
    upstream,
    problems,
    stsServer,
    pass: (ms: number) => {
      time += ms
    },
    /** The key that signed what arrived last. */
    keyId: () => /Credential=([^/]+)/.exec(upstream.asked.at(-1)?.headers.authorization ?? '')?.[1],
  }
}

const stsAnswer = (action: string, id: string, keys: AwsKeys, expiresAt: number) => `
<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <${action}Result>
    <AssumedRoleUser><AssumedRoleId>ARO:s</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/r/s</Arn></AssumedRoleUser>
    <Credentials>
      <AccessKeyId>${id}</AccessKeyId>
      <SecretAccessKey>${keys.secretAccessKey}</SecretAccessKey>
      <SessionToken>${keys.sessionToken}</SessionToken>
      <Expiration>${new Date(expiresAt).toISOString()}</Expiration>
    </Credentials>
  </${action}Result>
  <ResponseMetadata><RequestId>c6104cbe</RequestId></ResponseMetadata>
</${action}Response>`

const stsError = (code: string, message: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`

const fixed = { accessKey: 'AKBASE', secretKey: new Secret('base/secret+') }
const fromEnv = { AWS_ACCESS_KEY_ID: 'AKBASE', AWS_SECRET_ACCESS_KEY: 'base/secret+' }
const role = 'arn:aws:iam::123456789012:role/writer'

test('AWS takes what it signs: paths, queries, bodies', async () => {
  const { push, upstream, link } = await aws({ settings: fixed })
  expect([link.name, link.signsBody]).toEqual(['sigv4', true])
  const check = async (path: string, body: string) => expect((await push(path, body)).status).toBe(200)
  await check('/', '')
  await check('/workspaces/ws-1/api/v1/remote_write', 'body')
  await check('//workspaces//ws-1/../a/', '\xff\0')
  await check('/a%20b/ü/%2F;x=1,2/(c)*!', 'body')
  await check('/p?b=2&a=1&a=0&c&d=&e=x=y&f=%2B&g=1+2&%E1%88%B4=!*()', 'body')
  await check('/p?constructor=1', 'body')
  expect(upstream.asked[2]?.target).toBe('/workspaces/a/')
  expect(upstream.asked.at(-1)?.headers).toMatchObject({
    'x-amz-content-sha256': '230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5',
    'x-amz-date': '20260823T120000Z',
    'x-scope-orgid': 'team-a',
    'user-agent': 'Sluice/1',
  })
})

test('the stand-in tells another service, a wrong secret and a changed body', async () => {
  const other = await aws({ settings: { ...fixed, serviceName: 'es' }, service: 'es' })
  expect((await other.push()).status).toBe(200)
  const wrong = await aws({ settings: { ...fixed, secretKey: new Secret('x') } })
  await wrong.push()
  expect(wrong.problems).toEqual(['SignatureDoesNotMatch'])
  const altered = await aws({
    settings: fixed,
    inner: (next) => (request) => next({ ...request, body: Buffer.from('other') }),
  })
  await altered.push()
  expect(altered.problems).toEqual(['XAmzContentSHA256Mismatch'])
})

test('keys of the environment, with and without a session', async () => {
  const plain = await aws({ env: fromEnv })
  expect((await plain.push()).status).toBe(200)
  const session = await aws({ env: { ...fromEnv, AWS_SESSION_TOKEN: 'session/token+=' } })
  session.keys.AKBASE = { secretAccessKey: 'base/secret+', sessionToken: 'session/token+=' }
  expect((await session.push()).status).toBe(200)
})

test('a request that a redirect led elsewhere goes there unsigned', async () => {
  const { link } = await aws({ settings: fixed })
  const hop = markForeign({ method: 'POST', url: 'http://other/', headers: {}, body: Buffer.alloc(0) })
  const answer = { status: 200, headers: {}, body: Buffer.alloc(0) }
  await link(async (sent) => {
    expect(sent).toBe(hop)
    return answer
  })(hop)
})

test('the region: setting, environment, profile; else it can’t be built', async () => {
  const check = async (env: NodeJS.ProcessEnv, config: string, settings: Partial<SigV4Settings> = {}) => {
    const { push } = await aws({
      settings: { ...fixed, region: '', ...settings },
      env,
      files: { '.aws/config': config },
    })
    expect((await push()).status).toBe(200)
  }
  await check({ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'x' }, '[default]\nregion = y')
  await check({ AWS_DEFAULT_REGION: 'eu-west-1' }, '')
  await check({}, '[default]\nregion = eu-west-1')
  await check({ AWS_PROFILE: 'p' }, '[default]\nregion = x\n[profile p]\nregion = eu-west-1')
  await check({ AWS_PROFILE: 'x' }, '[profile p]\nregion = eu-west-1', { profile: 'p' })
  await expect(check({}, '')).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: 'region not configured in sigv4 or in default credentials chain',
  })
})

test('profiles of the shared files, whose keys may change at any time', async () => {
  const section = (id: string) => `aws_access_key_id = ${id}\naws_secret_access_key = secret ${id} # of ${id}\n`
  const { push, keys, keyId, write } = await aws({
    files: {
      '.aws/credentials': `[default]\n${section('AK1')}[p]\n${section('AK2')}`,
      '.aws/config': `[default]\n${section('AKX')}`,
    },
  })
  for (const id of ['AK1', 'AK2', 'AK3']) keys[id] = { secretAccessKey: `secret ${id}` }
  expect((await push()).status).toBe(200)
  expect(keyId()).toBe('AK1')
  write('.aws/credentials', `[default]\n${section('AK3')}`)
  expect((await push()).status).toBe(200)
  expect(keyId()).toBe('AK3')
  // Half of a file is no credentials: the request stays here.
  write('.aws/credentials', '[default]\naws_access_key_id = AK3')
  write('.aws/config', '')
  await expect(push()).rejects.toMatchObject({ code: 'CREDENTIALS_UNAVAILABLE' })
  write('.aws/credentials', `[default]\n${section('AK1')}`)
  expect((await push()).status).toBe(200)
  expect(keyId()).toBe('AK1')
})

test('which profile: the setting before keys of the environment, those before AWS_PROFILE', async () => {
  const files = { elsewhere: '[p]\naws_access_key_id=AKP\naws_secret_access_key=p\n' }
  const place = { AWS_SHARED_CREDENTIALS_FILE: 'HOME/elsewhere' }
  const check = async (settings: Partial<SigV4Settings>, env: NodeJS.ProcessEnv, want: string) => {
    const { push, keys, keyId } = await aws({ settings, env: { ...place, ...env }, files })
    keys.AKP = { secretAccessKey: 'p' }
    expect((await push()).status).toBe(200)
    expect(keyId()).toBe(want)
  }
  await check({ profile: 'p' }, fromEnv, 'AKP')
  await check({}, { ...fromEnv, AWS_PROFILE: 'p' }, 'AKBASE')
  await check({}, { AWS_PROFILE: 'p' }, 'AKP')
  await check({ ...fixed, profile: 'p' }, {}, 'AKBASE')
  await expect(check({ profile: 'nobody' }, {}, '')).rejects.toMatchObject({
    code: 'CREDENTIALS_UNAVAILABLE',
    message: 'sigv4: the AWS profile "nobody" is in neither shared file; add it or correct the name',
  })
})

test('a role is assumed with the base credentials, once for fifty requests, and again before it ends', async () => {
  const { push, keyId, stsServer, sts, pass } = await aws({
    settings: { ...fixed, roleArn: role, externalId: 'ext 1' },
  })
  const answers = await Promise.all(Array.from({ length: 50 }, () => push()))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(stsServer.asked).toHaveLength(1)
  expect(stsServer.asked[0]?.form).toEqual({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: `sluice-${start}`,
    ExternalId: 'ext 1',
  })
  expect(keyId()).toBe('ASIA1')
  pass(3_600_000 - 5 * 60_000)
  await push()
  while (sts.issued < 2) await new Promise((resolve) => setImmediate(resolve))
  await expect.poll(() => push().then(keyId)).toBe('ASIA2')
  expect(stsServer.asked).toHaveLength(2)
})

test('an outage of STS: the old credentials serve to their end, then nothing is sent until it is back', async () => {
  const { push, upstream, sts, pass } = await aws({ settings: { ...fixed, roleArn: role } })
  await push()
  sts.answer = () => ({ status: 503, body: '' })
  pass(3_595_000 - 10_000)
  expect((await push()).status).toBe(200)
  pass(15_000)
  const before = upstream.asked.length
  await expect(push()).rejects.toMatchObject({
    code: 'CREDENTIALS_UNAVAILABLE',
    message: expect.stringMatching(/^sigv4: AssumeRole: 127\.0\.0\.1:\d+ answered 503$/),
  })
  expect(upstream.asked).toHaveLength(before)
  sts.answer = undefined
  expect((await push()).status).toBe(200)
})

test('what STS may answer', async () => {
  const { push, sts, upstream } = await aws({ settings: { ...fixed, roleArn: role } })
  const check = async (status: number, body: string, want: string) => {
    sts.answer = () => ({ status, body })
    const error = await push().catch((error) => error)
    expect(error.code).toBe('CREDENTIALS_UNAVAILABLE')
    expect(error.message.replace(/127\.0\.0\.1:\d+/, 'HOST')).toBe(`sigv4: ${want}`)
  }
  const none = 'AssumeRole: the answer of HOST holds no credentials that end'
  await check(
    403,
    stsError('AccessDenied', 'User: a&amp;b is not authorized'),
    'AssumeRole: HOST answered 403: AccessDenied: User: a&b is not authorized',
  )
  await check(400, 'not XML', 'AssumeRole: HOST answered 400')
  await check(200, '', none)
  await check(200, '{"Credentials":{}}', none)
  await check(200, 'x'.repeat(1 << 20), none)
  await check(200, stsAnswer('AssumeRole', '', { secretAccessKey: 's', sessionToken: 't' }, start + 1e6), none)
  await check(200, stsAnswer('AssumeRole', 'A', { secretAccessKey: '', sessionToken: 't' }, start + 1e6), none)
  await check(
    200,
    stsAnswer('AssumeRole', 'A', { secretAccessKey: 's', sessionToken: 't' }, start + 1e6).replace(/2026-.*Z/, 'soon'),
    none,
  )
  expect(upstream.asked).toEqual([])
})

test('web identity, as EKS has it: one unsigned call, the token read anew each time', async () => {
  const { push, stsServer, write, pass } = await aws({
    env: { AWS_WEB_IDENTITY_TOKEN_FILE: 'HOME/token', AWS_ROLE_ARN: role, AWS_ROLE_SESSION_NAME: 'pod-1' },
    files: { token: 'jwt.one\n' },
  })
  expect((await push()).status).toBe(200)
  const form = { Action: 'AssumeRoleWithWebIdentity', Version: '2011-06-15', RoleArn: role, RoleSessionName: 'pod-1' }
  expect(stsServer.asked[0]?.form).toEqual({ ...form, WebIdentityToken: 'jwt.one' })
  write('token', 'jwt.two\n')
  pass(3_600_000)
  expect((await push()).status).toBe(200)
  expect(stsServer.asked[1]?.form).toEqual({ ...form, WebIdentityToken: 'jwt.two' })
  write('token', '')
  pass(3_600_000)
  await expect(push()).rejects.toMatchObject({
    code: 'CREDENTIALS_UNAVAILABLE',
    message: expect.stringMatching(/^sigv4: web identity token: .*: it is empty$/),
  })
  const homeless = await aws({ env: { AWS_WEB_IDENTITY_TOKEN_FILE: 'HOME/token' }, files: { token: 't' } })
  await expect(homeless.push()).rejects.toThrow('there is a web identity token but no role for it; set AWS_ROLE_ARN')
})

test('roles of profiles: from another profile, from itself, by web identity, from the environment', async () => {
  const check = async (config: string, want: readonly object[], env: NodeJS.ProcessEnv = {}) => {
    const { push, stsServer } = await aws({
      settings: { profile: 'p' },
      env,
      files: { '.aws/config': config, token: 'jwt' },
    })
    expect((await push()).status).toBe(200)
    expect(stsServer.asked).toHaveLength(want.length)
    want.forEach((form, at) => {
      expect(stsServer.asked[at]?.form).toMatchObject(form)
    })
  }
  const base = 'aws_access_key_id=AKBASE\naws_secret_access_key=base/secret+\n'
  await check(
    `[profile base]\n${base}[profile p]\nrole_arn=${role}\nsource_profile=base\nexternal_id=e\nrole_session_name=s`,
    [{ Action: 'AssumeRole', RoleArn: role, ExternalId: 'e', RoleSessionName: 's' }],
  )
  await check(`[profile p]\n${base}role_arn=${role}\nsource_profile=p`, [{ Action: 'AssumeRole', RoleArn: role }])
  await check(
    `[profile a]\n${base}[profile b]\nrole_arn=b\nsource_profile=a\n[profile p]\nrole_arn=${role}\nsource_profile=b`,
    [{ RoleArn: 'b' }, { RoleArn: role }],
  )
  await check(`[profile p]\nrole_arn=${role}\ncredential_source=Environment`, [{ RoleArn: role }], fromEnv)
  const { push } = await aws({
    settings: { profile: 'p' },
    files: { '.aws/config': '[profile p]\nrole_arn=r\nsource_profile=q\n[profile q]\nrole_arn=r\nsource_profile=p' },
  })
  await expect(push()).rejects.toThrow('source_profile leads in a circle: p → q → p')
})

test('anything else is the optional package’s, which is loaded only then', async () => {
  const asked: unknown[] = []
  const load: LoadPackage = async (name) => {
    expect(name).toBe('@aws-sdk/credential-provider-node')
    return {
      defaultProvider: (options: object) => async () => {
        asked.push(options)
        return {
          accessKeyId: 'AKSSO',
          secretAccessKey: 'sso',
          sessionToken: 'st',
          expiration: new Date(start + 3_600_000),
          accountId: '1',
        }
      },
    }
  }
  const check = async (settings: Partial<SigV4Settings>, config: string, want: object) => {
    const { push, keys } = await aws({ settings, files: { '.aws/config': config }, load })
    keys.AKSSO = { secretAccessKey: 'sso', sessionToken: 'st' }
    expect((await push()).status).toBe(200)
    expect((await push()).status).toBe(200)
    expect(asked.splice(0)).toEqual([want])
  }
  await check({}, '', {})
  await check({ profile: 'p' }, '[profile p]\nsso_session=x', { profile: 'p' })
  const missing = await aws({
    load: async (name) => {
      throw Object.assign(new Error(`Cannot find package '${name}' imported from x`), { code: 'ERR_MODULE_NOT_FOUND' })
    },
  })
  await expect(missing.push()).rejects.toMatchObject({
    code: 'PACKAGE_MISSING',
    message:
      'sigv4: there are no credentials in settings, environment and shared files; any other source (SSO, ECS or EC2 ' +
      'metadata, a process) needs the package @aws-sdk/credential-provider-node, which is not installed: ' +
      'run "npm install @aws-sdk/credential-provider-node" where Sluice is installed',
  })
  const failing = await aws({
    load: async () => ({
      defaultProvider: () => async () => {
        throw new Error('The SSO session has expired')
      },
    }),
  })
  await expect(failing.push()).rejects.toMatchObject({
    code: 'CREDENTIALS_UNAVAILABLE',
    message: 'sigv4: @aws-sdk/credential-provider-node: The SSO session has expired',
  })
})

test('where STS is', async () => {
  const check = async (region: string, useFipsStsEndpoint: boolean, want: string) => {
    let url = ''
    const link = sigv4(
      { ...fixed, region, roleArn: role, useFipsStsEndpoint, serviceName: 'aps' },
      {
        now: () => start,
        env: {},
        tokenClient: async (request) => {
          url = request.url
          return { status: 500, headers: {}, body: Buffer.alloc(0) }
        },
      },
    )
    const send = link(async () => ({ status: 200, headers: {}, body: Buffer.alloc(0) }))
    await expect(send({ method: 'POST', url: 'http://h/', headers: {}, body: Buffer.alloc(0) })).rejects.toThrow('500')
    expect(url).toBe(want)
  }
  await check('eu-west-1', false, 'https://sts.eu-west-1.amazonaws.com/')
  await check('us-east-2', true, 'https://sts-fips.us-east-2.amazonaws.com/')
  await check('cn-north-1', false, 'https://sts.cn-north-1.amazonaws.com.cn/')
  await check('us-gov-west-1', true, 'https://sts.us-gov-west-1.amazonaws.com/')
})
