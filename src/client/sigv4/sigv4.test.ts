import { expect, test } from 'vitest'
import { aws, fixed } from '../../../test/support/aws.ts'
import type { SigV4Settings } from '../../config/http-client/http-client-settings.ts'
import { Secret } from '../../config/secret.ts'
import { markForeign } from '../redirect-hop.ts'

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
