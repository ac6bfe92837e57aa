import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { Secret } from '../config/secret.ts'
import { changingFile, textReader } from './text-reader.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sluice-text-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('every change of a file is seen at the next read, however fast it follows', () => {
  const path = join(folder(), 'token')
  writeFileSync(path, ' 0\n')
  const read = changingFile(path)
  for (let k = 0; k < 200; k++) {
    writeFileSync(path, `${k % 10}\n`)
    expect(read()).toBe(String(k % 10))
  }
})

test('a replaced file and a swapped symbolic link are seen, old times or not', () => {
  const dir = folder()
  for (const [name, text] of Object.entries({ a: 'one', b: 'two' })) {
    mkdirSync(join(dir, name))
    writeFileSync(join(dir, name, 'token'), text)
    utimesSync(join(dir, name, 'token'), 1000, 1000)
  }
  symlinkSync(join(dir, 'a'), join(dir, 'data'))
  const read = changingFile(join(dir, 'data', 'token'))
  expect(read()).toBe('one')
  symlinkSync(join(dir, 'b'), join(dir, 'next'))
  renameSync(join(dir, 'next'), join(dir, 'data'))
  expect(read()).toBe('two')
})

test('a file that is gone is an error that names it, not the old text', () => {
  const path = join(folder(), 'password')
  writeFileSync(path, 'old')
  const read = textReader({ kind: 'file', path }, 'unable to read basic auth password')
  expect(read()).toBe('old')
  rmSync(path)
  expect(read).toThrowError(
    expect.objectContaining({
      code: 'CREDENTIALS_UNAVAILABLE',
      message: expect.stringContaining(`unable to read basic auth password: unable to read file ${path}: ENOENT`),
    }),
  )
})

test('a file that is no UTF-8 is an error, not another text', () => {
  const path = join(folder(), 'password')
  const read = textReader({ kind: 'file', path }, 'unable to read basic auth password')
  const fails = (bytes: Buffer) => {
    writeFileSync(path, bytes)
    const message = `unable to read basic auth password: unable to read file ${path}: it is no text in UTF-8; save it as UTF-8`
    expect(read).toThrowError(expect.objectContaining({ code: 'CREDENTIALS_UNAVAILABLE', message }))
  }
  fails(Buffer.from('gr\xfc\xdfe', 'latin1'))
  fails(Buffer.from('\ufeffhunter2', 'utf16le'))
  writeFileSync(path, '\ufeffgrüße\n')
  expect(read()).toBe('grüße')
  fails(Buffer.from([0x80]))
  // What is not a credential may have comments in whatever encoding.
  expect(changingFile(path)()).toBe('\ufffd')
})

test('a secret shows itself to nobody who does not ask', () => {
  const secret = new Secret('hunter2')
  const printed = [`${secret}`, JSON.stringify({ secret }), inspect({ secret }), inspect(secret, { showHidden: true })]
  for (const text of printed) expect(text).toMatch(/^[^h]*<secret>[^h]*$/)
  expect(secret.reveal()).toBe('hunter2')
  expect(String(new Secret(''))).toBe('')
})
