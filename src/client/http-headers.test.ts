import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sender } from '../../test/support/sent.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { Secret } from '../config/secret.ts'
import { httpHeaders } from './http-headers.ts'
import { setHeaders } from './set-headers.ts'

const values = (...list: string[]) => ({ values: list, secrets: [], files: [] })

test('values, secrets and files in this order, behind what the request has', async () => {
  const path = join(temporaryFolder(), 'value')
  writeFileSync(path, ' from-file\n')
  const all = { values: ['v1', 'v2'], secrets: [new Secret('s')], files: [path] }
  const send = sender(httpHeaders({ 'X-A': all, 'x-B': values('b') }))
  expect(await send({ 'x-b': 'own', 'x-c': 'c' })).toEqual({
    'x-a': 'v1, v2, s, from-file',
    'x-b': 'own, b',
    'x-c': 'c',
  })
})

test('two spellings of one name are one header; cookies are joined as cookies', async () => {
  expect(await sender(httpHeaders({ 'X-A': values('1'), 'x-a': values('2') }))({})).toEqual({ 'x-a': '1, 2' })
  expect(await sender(httpHeaders({ Cookie: values('a=1', 'b=2') }))({})).toEqual({ cookie: 'a=1; b=2' })
})

test('values go out in UTF-8', async () => {
  const path = join(temporaryFolder(), 'value')
  writeFileSync(path, 'grüße €\n')
  const bytes = Buffer.from('grüße €').toString('latin1')
  const all = { values: ['grüße €'], secrets: [new Secret('grüße €')], files: [path] }
  expect(await sender(httpHeaders({ 'X-A': all }))({})).toEqual({ 'x-a': `${bytes}, ${bytes}, ${bytes}` })
  expect(await sender(setHeaders({ 'X-A': new Secret('grüße €') }))({})).toEqual({ 'x-a': bytes })
})

test('files are read for every request; unchanged ones give the same headers object', async () => {
  const path = join(temporaryFolder(), 'value')
  const send = sender(httpHeaders({ 'X-Key': { ...values(), files: [path] } }))
  const headers = { 'x-a': '1' }
  const fails = (text: string) =>
    expect(send(headers)).rejects.toMatchObject({
      code: 'CREDENTIALS_UNAVAILABLE',
      message: expect.stringContaining(text),
    })
  await fails(`unable to read headers file ${path}: `)
  writeFileSync(path, 'one')
  expect(await send(headers)).toEqual({ 'x-a': '1', 'x-key': 'one' })
  expect(await send(headers)).toBe(await send(headers))
  writeFileSync(path, 'two')
  expect(await send(headers)).toEqual({ 'x-a': '1', 'x-key': 'two' })
  writeFileSync(path, 'two\nlines')
  await fails(`unable to use headers file ${path}: the value contains a line break`)
  writeFileSync(path, '')
  await fails('it is empty')
})

test('`headers` replace', async () => {
  const send = sender(setHeaders({ 'X-A': new Secret('1'), 'x-b': new Secret('2') }))
  const headers = Object.freeze({ 'x-a': 'own', 'x-c': 'c' })
  expect(await send(headers)).toEqual({ 'x-a': '1', 'x-b': '2', 'x-c': 'c' })
  expect(await send(headers)).toBe(await send(headers))
})

test('neither reaches another host', async () => {
  expect(await sender(httpHeaders({ 'X-Key': values('k') }))({ 'x-a': '1' }, 'foreign')).toEqual({ 'x-a': '1' })
  expect(await sender(setHeaders({ 'X-Key': new Secret('k') }))({ 'x-a': '1' }, 'foreign')).toEqual({ 'x-a': '1' })
})
