import { expect, test } from 'vitest'
import { aws, fixed, fromEnv, role, start, stsAnswer, stsError } from '../../../test/support/aws.ts'
import type { SigV4Settings } from '../../config/http-client/http-client-settings.ts'
import type { LoadPackage } from '../optional-package.ts'
import { sigv4 } from './sigv4.ts'

test('keys of the environment, with and without a session', async () => {
  const plain = await aws({ env: fromEnv })
  expect((await plain.push()).status).toBe(200)
  const session = await aws({ env: { ...fromEnv, AWS_SESSION_TOKEN: 'session/token+=' } })
  session.keys.AKBASE = { secretAccessKey: 'base/secret+', sessionToken: 'session/token+=' }
  expect((await session.push()).status).toBe(200)
})

test('profiles of the shared files, whose keys may change at any time', async () => {
  const section = (id: string) => `aws_access_key_id = ${id}\naws_secret_access_key = secret ${id} # of ${id}\n`
  const { push, keys, keyId, write } = await aws({
    // They don't count beside a profile, and so do not keep its files from being looked at.
    settings: { profile: 'default' },
    env: fromEnv,
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
  expect(stsServer.asked[0]?.headers['x-amz-content-sha256']).toBeUndefined()
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
