// One token for many requests, over real sockets: kept, renewed, shared, refused.

import { writeFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { oauth2Stage } from '../../../test/support/oauth2-stage.ts'
import { plainRequest } from '../../../test/support/sent.ts'
import type { Answer } from '../../../test/support/stand-in.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { until } from '../../../test/support/until.ts'
import { SluiceError } from '../../errors.ts'
import type { HttpResponse } from '../../wire/message.ts'
import { createTransport } from '../transport.ts'
import { oauth2 } from './oauth2.ts'

/** Tokens t1, t2, … */
function numbered(life: object = { expires_in: 3600 }) {
  let n = 0
  return () => ({ body: { access_token: `t${++n}`, token_type: 'Bearer', ...life } })
}

const unavailable = (message: unknown = expect.any(String)) => ({ code: 'CREDENTIALS_UNAVAILABLE', message })

test('a token is kept until 10 s before its end', async () => {
  const { send, pass, authorizations } = await oauth2Stage(numbered())
  await send()
  await send()
  pass(3_589_999)
  await send()
  pass(1)
  await send()
  expect(authorizations()).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t1', 'Bearer t2'])
})

test('a token without an end is kept', async () => {
  const { send, pass, authorizations } = await oauth2Stage(numbered({}))
  await send()
  pass(10 * 365 * 86_400_000)
  await send()
  expect(authorizations()).toEqual(['Bearer t1', 'Bearer t1'])
})

test('with a token, a request passes without a promise of its own', async () => {
  const { settings, send } = await oauth2Stage(numbered())
  await send()
  const transport = createTransport()
  onTestFinished(() => transport.destroy())
  const answer = Promise.resolve<HttpResponse>({ status: 204, headers: {}, body: new Uint8Array() })
  const direct = oauth2(settings, { tokenClient: transport.send, now: Date.now })(() => answer)
  await direct(plainRequest)
  expect(direct(plainRequest)).toBe(answer)
})

test('fifty requests at once: one token request', async () => {
  const { send, tokenServer, authorizations } = await oauth2Stage(numbered())
  await Promise.all(Array.from({ length: 50 }, () => send()))
  expect(tokenServer.asked).toHaveLength(1)
  expect(authorizations()).toEqual(Array.from({ length: 50 }, () => 'Bearer t1'))
})

test('a refusal fails all that wait, sends nothing, and the next request asks again', async () => {
  let answer: Answer = { status: 400, body: { error: 'invalid_scope', error_description: 'no such scope' } }
  const { send, tokenServer, upstream, authorizations } = await oauth2Stage(() => answer)
  const all = await Promise.allSettled(Array.from({ length: 50 }, () => send()))
  const host = new URL(tokenServer.url).host
  const message = `oauth2: cannot fetch token: ${host} answered 400 "invalid_scope" "no such scope"`
  for (const one of all) expect(one).toMatchObject({ status: 'rejected', reason: unavailable(message) })
  expect(upstream.asked).toHaveLength(0)
  // Both ways of saying who asks, once each.
  expect(tokenServer.asked).toHaveLength(2)
  answer = { body: { access_token: 't' } }
  await send()
  expect(authorizations()).toEqual(['Bearer t'])
})

test('answers that are no token: nothing is sent, and no secret is shown', async () => {
  const check = async (answer: Answer, want: string) => {
    const { send, upstream } = await oauth2Stage(() => answer)
    const error = await send().catch((reason) => reason)
    expect(error).toMatchObject(unavailable(expect.stringContaining(want)))
    expect(error.message).not.toMatch(/secret(?!>)|T0P|aWQ6c2VjcmV0/)
    expect(upstream.asked).toHaveLength(0)
  }
  await check({ status: 401, body: { error: 'secret', error_description: 'id:secret is wrong' } }, '401 "<secret>"')
  await check({ status: 401, body: 'Basic aWQ6c2VjcmV0 is wrong' }, '401 "Basic')
  await check({ body: '{"access_token":"T0P"' }, 'neither JSON nor a form')
  await check({ body: { token: 'T0P' } }, 'missing access_token')
  await check({ body: { access_token: 'T0P', expires_in: 'x' } }, 'expires_in that is no number')
  await check({ body: { access_token: 'T0P', expires_in: -1 } }, 'expired already')
  await check({ body: { access_token: `T0P${'x'.repeat(2 << 20)}` } }, 'is 1 MiB or longer')
  await check({ status: 302, headers: { location: '/elsewhere' } }, 'answered 302')
})

test('a transport that cuts answers short makes no token of the rest', async () => {
  const transport = createTransport()
  onTestFinished(() => transport.destroy())
  const { send } = await oauth2Stage(() => ({ body: { padding: 'x'.repeat(100_000), access_token: 't' } }), {
    tokenClient: transport.send,
  })
  await expect(send()).rejects.toMatchObject(unavailable(expect.stringContaining('neither JSON nor a form')))
})

test('a token server that can’t be reached is asked once', async () => {
  let asked = 0
  const transport = createTransport()
  onTestFinished(() => transport.destroy())
  const { send } = await oauth2Stage(numbered(), {
    settings: { tokenUrl: 'http://127.0.0.1:1/token' },
    tokenClient: (request) => {
      asked++
      return transport.send(request)
    },
  })
  const why = 'oauth2: cannot fetch token: 127.0.0.1:1: nothing listens there (connection refused)'
  await expect(send()).rejects.toMatchObject(unavailable(why))
  expect(asked).toBe(1)
})

test('who gives up waiting leaves the token request to the others', async () => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const remaining: (number | undefined)[] = []
  const { send, tokenServer, authorizations } = await oauth2Stage(
    async () => {
      await held
      return { body: { access_token: 't' } }
    },
    { onSend: ({ timeoutMs }) => remaining.push(timeoutMs) },
  )
  const controller = new AbortController()
  const patient = send({ timeoutMs: 60_000 })
  const failed = (sent: Promise<unknown>) =>
    sent.then(
      () => 'sent',
      (error: unknown) => error,
    )
  const aborted = failed(send({ signal: controller.signal }))
  const late = failed(send({ timeoutMs: 20 }))
  expect(await failed(send({ signal: AbortSignal.abort('gone') }))).toBe('gone')
  await until(() => tokenServer.asked.length === 1, { what: 'the token request' })
  controller.abort('enough')
  expect(await aborted).toBe('enough')
  expect(await late).toMatchObject(unavailable('no token within 20 ms'))
  release()
  await patient
  expect(tokenServer.asked).toHaveLength(1)
  expect(authorizations()).toEqual(['Bearer t'])
  // The wait was part of its time.
  expect(remaining[0]).toBeLessThan(60_000 - 15)
})

test('a 401 from upstream changes nothing', async () => {
  const { send, tokenServer } = await oauth2Stage(numbered(), { upstreamStatus: 401 })
  expect((await send()).status).toBe(401)
  expect((await send()).status).toBe(401)
  expect(tokenServer.asked).toHaveLength(1)
})

test('a request with its own Authorization keeps it; one to another host gets none; neither asks for a token', async () => {
  const { send, sendForeign, tokenServer, authorizations } = await oauth2Stage(numbered())
  await send({ headers: { authorization: 'Basic own' } })
  await sendForeign()
  expect(authorizations()).toEqual(['Basic own', undefined])
  expect(tokenServer.asked).toHaveLength(0)
})

test('a secret that can’t be read sends nothing, not even with a token at hand', async () => {
  const path = join(temporaryFolder(), 'secret')
  const { send, tokenServer, authorizations } = await oauth2Stage(numbered(), {
    settings: { clientSecret: { kind: 'file', path } },
  })
  const why = `unable to read oauth2 client secret: unable to read file ${path}: `
  await expect(send()).rejects.toMatchObject(unavailable(expect.stringContaining(why)))
  writeFileSync(path, 'one')
  await send()
  writeFileSync(path, '')
  await expect(send()).rejects.toMatchObject(unavailable(`${why}it is empty`))
  writeFileSync(path, 'one')
  await send()
  writeFileSync(path, 'two')
  await send()
  expect(authorizations()).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t2'])
  const secrets = tokenServer.asked.map(({ headers }) => atob(headers.authorization!.slice('Basic '.length)))
  expect(secrets).toEqual(['id:one', 'id:two'])
})

test('a secret that changes while requests wait: they get the new one’s token, whatever became of the old', async () => {
  const check = async (oldAnswer: Answer) => {
    const path = join(temporaryFolder(), 'secret')
    writeFileSync(path, 'old')
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const { send, tokenServer, authorizations } = await oauth2Stage(
      async ({ headers }) => {
        if (headers.authorization === `Basic ${btoa('id:new')}`) return { body: { access_token: 'new' } }
        await held
        return oldAnswer
      },
      { settings: { clientSecret: { kind: 'file', path } } },
    )
    const waiting = Array.from({ length: 5 }, () => send({ timeoutMs: 60_000 }))
    await until(() => tokenServer.asked.length === 1, { what: 'the token request' })
    writeFileSync(path, 'new')
    release()
    await Promise.all(waiting)
    expect(authorizations()).toEqual(Array.from({ length: 5 }, () => 'Bearer new'))
  }
  await check({ body: { access_token: 'old' } })
  await check({ status: 401, body: { error: 'invalid_client' } })
})

test('secret changed under load: each request carries a token that was valid, none goes out without', async () => {
  const path = join(temporaryFolder(), 'secret')
  let valid: readonly string[] = ['s0']
  const secretOf = (authorization: string | undefined) => authorization?.replace('Bearer for-', '') ?? 'none'
  const used = new Set<string>()
  // Takes the secrets of this moment only, and ends the tokens of a secret with it.
  const { send, upstream, authorizations } = await oauth2Stage(
    ({ headers, form }) => {
      const basic = headers.authorization
      const secret = basic === undefined ? form.client_secret! : atob(basic.slice('Basic '.length)).slice('id:'.length)
      if (!valid.includes(secret)) return { status: 401, body: { error: 'invalid_client' } }
      return { body: { access_token: `for-${secret}`, expires_in: 3600 } }
    },
    {
      settings: { clientSecret: { kind: 'file', path } },
      onSend({ headers }) {
        expect(valid).toContain(secretOf(headers.authorization))
        used.add(secretOf(headers.authorization))
      },
    },
  )

  const check = async (write: (text: string) => Promise<void>) => {
    await writeFile(path, valid.at(-1)!)
    const end = upstream.asked.length + 200
    let delivered = 0
    const enough = used.size + 10
    const isOver = () => upstream.asked.length >= end && used.size >= enough
    const deliver = async () => {
      for (; !isOver(); await setImmediate())
        try {
          await send()
          delivered++
        } catch (error) {
          // The file was empty, or the secret gone when it arrived: the sender repeats.
          expect(error).toBeInstanceOf(SluiceError)
          expect((error as SluiceError).code).toBe('CREDENTIALS_UNAVAILABLE')
        }
    }
    const rotate = async () => {
      for (let k = used.size; !isOver(); k++) {
        const next = `s${k}-${end}`
        valid = [valid.at(-1)!, next]
        await write(next)
        valid = [next]
        const before = delivered
        await until(() => delivered >= before + 8 || isOver(), { what: 'the next requests', everyMs: 1 })
      }
    }
    await Promise.all([rotate(), ...Array.from({ length: 4 }, deliver)])
  }
  await check(async (text) => {
    await writeFile(`${path}.new`, text)
    await rename(`${path}.new`, path)
  })
  await check((text) => writeFile(path, text))
  expect(authorizations().every((text) => /^Bearer for-s/.test(text ?? ''))).toBe(true)
})
