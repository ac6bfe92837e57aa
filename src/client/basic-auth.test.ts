import { rmSync, writeFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { plainRequest, sender } from '../../test/support/sent.ts'
import { standIn } from '../../test/support/stand-in.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { inline } from '../config/secret.ts'
import { SluiceError } from '../errors.ts'
import { basicAuth } from './basic-auth.ts'
import { createTransport } from './transport.ts'

const credentials = (header: string | undefined) => Buffer.from(header!.replace(/^Basic /, ''), 'base64').toString()
const foo = { username: inline('foo'), password: inline('bar') }

test('user and password go out as UTF-8; absent ones are empty', async () => {
  const check = async (username: string | undefined, password: string | undefined, want: string) => {
    const link = basicAuth({
      ...(username !== undefined && { username: inline(username) }),
      ...(password !== undefined && { password: inline(password) }),
    })
    expect(await sender(link)({ 'x-a': '1' })).toEqual({ 'x-a': '1', authorization: want })
  }
  await check('foo', 'bar', 'Basic Zm9vOmJhcg==')
  await check('é', 'a:b', 'Basic w6k6YTpi')
  await check('foo', undefined, 'Basic Zm9vOg==')
  await check(undefined, 'bar', 'Basic OmJhcg==')
})

test('a request keeps its own Authorization, and one to another host gets none', async () => {
  const send = sender(basicAuth(foo))
  expect(await send({ authorization: 'Bearer x' })).toEqual({ authorization: 'Bearer x' })
  expect(await send({ authorization: '' })).toEqual({ authorization: 'Basic Zm9vOmJhcg==' })
  expect(await send({ 'x-a': '1' }, 'foreign')).toEqual({ 'x-a': '1' })
})

test('one headers object becomes one headers object, and itself stays as it is', async () => {
  const send = sender(basicAuth(foo))
  const headers = Object.freeze({ 'x-a': '1' })
  expect(await send(headers)).toBe(await send(headers))
  // The same object of a request to another host: what was remembered of it is not for that one.
  expect(await send(headers, 'foreign')).toBe(headers)
})

test('files are read for every request, and trimmed', async () => {
  const dir = temporaryFolder()
  const [user, password] = [join(dir, 'user'), join(dir, 'password')]
  const send = sender(basicAuth({ username: { kind: 'file', path: user }, password: { kind: 'file', path: password } }))
  const headers = { 'x-a': '1' }
  writeFileSync(user, 'foo\n')
  for (const text of ['one', ' two\n', 'one']) {
    writeFileSync(password, text)
    expect(credentials((await send(headers)).authorization)).toBe(`foo:${text.trim()}`)
  }
})

test('a file that is not there, or empty, sends nothing and says which', async () => {
  const path = join(temporaryFolder(), 'secret')
  const check = async (what: 'username' | 'password', why: string) => {
    const send = sender(basicAuth({ ...foo, [what]: { kind: 'file', path } }))
    await expect(send({})).rejects.toMatchObject({
      code: 'CREDENTIALS_UNAVAILABLE',
      message: expect.stringContaining(`unable to read basic auth ${what}: unable to read file ${path}: ${why}`),
    })
    expect(await send({ authorization: 'own' })).toEqual({ authorization: 'own' })
  }
  await check('username', 'ENOENT')
  await check('password', 'ENOENT')
  writeFileSync(path, '\n')
  await check('username', 'it is empty')
  await check('password', 'it is empty')
  rmSync(path)
  await check('password', 'ENOENT')
})

test('password changed under load: each request carries one that was valid, none goes out without', async () => {
  const { url, asked } = await standIn(() => ({ status: 204 }))
  const transport = createTransport()
  onTestFinished(() => transport.destroy())
  const dir = temporaryFolder()
  const path = join(dir, 'password')

  const check = async (write: (text: string) => Promise<void>) => {
    let valid: readonly string[] = ['p0']
    await writeFile(path, 'p0')
    let isOver = false
    const writing = (async () => {
      for (let k = 1; !isOver; k++) {
        valid = [...valid.slice(-1), `p${k}`]
        await write(`p${k}`)
        valid = [`p${k}`]
        await setImmediate()
      }
    })()
    let refused = 0
    const used = new Set<string>()
    const send = basicAuth({ username: inline('u'), password: { kind: 'file', path } })((request) => {
      const password = credentials(request.headers.authorization).slice(2)
      expect(valid).toContain(password)
      used.add(password)
      return transport.send(request)
    })
    const before = asked.length
    for (let delivered = 0; delivered < 200 || used.size < 20; await setImmediate()) {
      try {
        await send({ ...plainRequest, url })
        delivered++
      } catch (error) {
        // Only an empty moment of the file may stand in the way; the sender repeats.
        expect(error).toBeInstanceOf(SluiceError)
        expect((error as SluiceError).code).toBe('CREDENTIALS_UNAVAILABLE')
        refused++
      }
    }
    isOver = true
    await writing
    const arrived = asked.slice(before).map(({ headers }) => credentials(headers.authorization))
    expect(arrived.length).toBeGreaterThanOrEqual(200)
    expect(arrived.every((text) => /^u:p\d+$/.test(text))).toBe(true)
    return refused
  }
  expect(
    await check(async (text) => {
      await writeFile(`${path}.new`, text)
      await rename(`${path}.new`, path)
    }),
  ).toBe(0)
  await check((text) => writeFile(path, text))
})
