import { expect, onTestFinished, test } from 'vitest'
import { type Answer, standIn } from '../../test/support/stand-in.ts'
import { requestToken } from './token-request.ts'
import { createTransport } from './transport.ts'

const now = () => 1_700_000_000_000

async function ask(answer: Answer, rest: { readonly answerHeader?: readonly [string, string] } = {}) {
  const transport = createTransport()
  onTestFinished(() => transport.destroy())
  const server = await standIn(() => answer)
  const url = `${server.url}/token?secret=hunter2`
  const secrets = ['hunter2', 'p w"1']
  const request = { what: 'azuread: oauth', url, form: { client_secret: 'hunter2' }, secrets, ...rest }
  const outcome = await requestToken(transport.send, now, request).catch((error) => {
    expect(error).toMatchObject({ name: 'SluiceError', code: 'CREDENTIALS_UNAVAILABLE', status: 503 })
    expect(error.message).not.toContain('hunter2')
    return error.message.replaceAll(new URL(server.url).host, 'HOST')
  })
  return outcome
}

test('the time of a token’s end, in every way that servers say it', async () => {
  const check = async (fields: object, want: number) => {
    expect(await ask({ body: { access_token: 't', ...fields } })).toEqual({ value: 't', expiresAt: want })
  }
  await check({ expires_in: 3600, token_type: 'Bearer' }, now() + 3_600_000)
  await check({ expires_in: '3599' }, now() + 3_599_000)
  await check({ expires_on: '1700003600' }, 1_700_003_600_000)
  await check({ expires_on: 1_700_003_600 }, 1_700_003_600_000)
  await check({ expires_in: '60', expires_on: '1' }, now() + 60_000)
})

test('an answer that is no token becomes a sentence', async () => {
  const check = async (answer: Answer, want: string) => {
    expect(await ask(answer)).toBe(`azuread: oauth: ${want}`)
  }
  await check({ body: 'hello' }, 'the answer of HOST is no JSON object')
  await check({ body: '' }, 'the answer of HOST is no JSON object')
  await check({ body: [] }, 'the answer of HOST is no JSON object')
  await check({ body: 'null' }, 'the answer of HOST is no JSON object')
  await check({ body: '"t"' }, 'the answer of HOST is no JSON object')
  await check({ body: { access_token: 't'.repeat(1 << 20), expires_in: 1 } }, 'the answer of HOST is no JSON object')
  await check({ body: { expires_in: 3600 } }, 'the answer of HOST holds no usable access_token')
  await check({ body: { access_token: 7, expires_in: 3600 } }, 'the answer of HOST holds no usable access_token')
  await check({ body: { access_token: '', expires_in: 3600 } }, 'the answer of HOST holds no usable access_token')
  await check(
    { body: { access_token: 'a\r\nX-Evil: 1', expires_in: 3600 } },
    'the answer of HOST holds no usable access_token',
  )
  await check({ body: { access_token: 'é', expires_in: 3600 } }, 'the answer of HOST holds no usable access_token')
  for (const fields of [{}, { expires_in: 'soon' }, { expires_in: {} }, { expires_in: null }, { expires_on: '' }])
    await check({ body: { access_token: 't', ...fields } }, 'the answer of HOST does not say when the token expires')
  await check({ status: 503 }, 'HOST answered 503')
  await check({ status: 302, headers: { location: 'http://elsewhere/' } }, 'HOST answered 302')
  await check({ status: 404, body: '<html>' }, 'HOST answered 404')
  await check(
    { status: 401, body: { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid\r\nclient secret.' } },
    'HOST answered 401: invalid_client: AADSTS7000215: Invalid client secret.',
  )
  await check(
    {
      status: 401,
      body: { error: 'hunter2', error_description: 'not p w"1, p+w%221, p%20w%221, p w\\"1\r\nor hunter2' },
    },
    'HOST answered 401: <secret>: not <secret>, <secret>, <secret>, <secret> or <secret>',
  )
  await check({ status: 400, body: { error: { code: 1 } } }, 'HOST answered 400')
  await check({ status: 400, body: { error: 'x'.repeat(10_000) } }, `HOST answered 400: ${'x'.repeat(300)}…`)
})

test('a server that is known by a header must say it', async () => {
  const answerHeader = ['metadata-flavor', 'Google'] as const
  const body = { access_token: 't', expires_in: 1 }
  expect(await ask({ body, headers: { 'Metadata-Flavor': 'Google' } }, { answerHeader })).toMatchObject({ value: 't' })
  expect(await ask({ body }, { answerHeader })).toBe('azuread: oauth: what answers at HOST is something else')
})

test('a server that is not there, and a URL that is none', async () => {
  const transport = createTransport()
  onTestFinished(() => transport.destroy())
  const check = (url: string, want: string) =>
    expect(requestToken(transport.send, now, { what: 'google_iam', url })).rejects.toMatchObject({
      code: 'CREDENTIALS_UNAVAILABLE',
      message: want,
    })
  await check('http://127.0.0.1:1/', 'google_iam: 127.0.0.1:1: nothing listens there (connection refused)')
  await check('nonsense', 'google_iam: the URL to send to is no URL')
})
