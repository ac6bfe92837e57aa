import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sender } from '../../test/support/sent.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { inline } from '../config/secret.ts'
import { authorization } from './authorization.ts'

test('type and credentials; absent credentials are empty', async () => {
  const check = async (link: ReturnType<typeof authorization>, want: string) =>
    expect(await sender(link)({ 'x-a': '1' })).toEqual({ 'x-a': '1', authorization: want })
  await check(authorization({ type: 'Bearer', credentials: inline('t0k3n') }), 'Bearer t0k3n')
  await check(authorization({ type: 'GoogleLogin', credentials: inline('auth=x') }), 'GoogleLogin auth=x')
  await check(authorization({ type: 'Bearer' }), 'Bearer ')
  const bytes = Buffer.from('Schlüssel €').toString('latin1')
  await check(authorization({ type: 'Schlüssel', credentials: inline('€') }), bytes)
})

test('a request keeps its own, and one to another host gets none', async () => {
  const send = sender(authorization({ type: 'Bearer', credentials: inline('t') }))
  expect(await send({ authorization: 'Basic x' })).toEqual({ authorization: 'Basic x' })
  expect(await send({}, 'foreign')).toEqual({})
  const headers = { 'x-a': '1' }
  expect(await send(headers)).toBe(await send(headers))
})

test('the file is read for every request; what it holds must fit into a header', async () => {
  const path = join(temporaryFolder(), 'token')
  const send = sender(authorization({ type: 'Bearer', credentials: { kind: 'file', path } }))
  const headers = { 'x-a': '1' }
  const fails = (message: string) =>
    expect(send(headers)).rejects.toMatchObject({
      code: 'CREDENTIALS_UNAVAILABLE',
      message: expect.stringMatching(new RegExp(`^${message}`)),
    })
  await fails(`unable to read authorization credentials: unable to read file ${path}: ENOENT`)
  writeFileSync(path, 'one\n')
  expect(await send(headers)).toMatchObject({ authorization: 'Bearer one' })
  writeFileSync(path, 'two\n')
  expect(await send(headers)).toMatchObject({ authorization: 'Bearer two' })
  writeFileSync(path, 'hunter\nx-evil: 1')
  await fails('unable to use authorization credentials: the value contains a line break')
  await expect(send(headers)).rejects.not.toThrow(/hunter/)
  writeFileSync(path, '')
  await fails(`unable to read authorization credentials: unable to read file ${path}: it is empty`)
})
