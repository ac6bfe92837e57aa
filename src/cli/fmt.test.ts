import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { CommandFailure } from './exit.ts'
import { type FmtOptions, fmt } from './fmt.ts'

function fileWith(content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-fmt-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'config.alloy')
  writeFileSync(path, content)
  return path
}

/** What goes to standard output, and how the command ends. */
async function run(
  path: string,
  options: FmtOptions = {},
  input = '',
): Promise<[output: string, code: number, said: string]> {
  let output = ''
  const streams = {
    input: Readable.from([Buffer.from(input)]),
    output: { write: (text: string) => (output += text) },
    color: false,
  }
  try {
    await fmt(path, options, streams)
    return [output, 0, '']
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error
    return [output, error.exitCode, error.message]
  }
}

const loose = 'a=1\nblk "x" {\n}'
const formatted = 'a = 1\n\nblk "x" { }\n'

test('to standard output; the file stays', async () => {
  const path = fileWith(loose)
  expect(await run(path)).toEqual([formatted, 0, ''])
  expect(readFileSync(path, 'utf8')).toBe(loose)
  expect(await run('-', {}, loose)).toEqual([formatted, 0, ''])
})

test('--write: into the file, whose mode stays; not where nothing changes', async () => {
  const path = fileWith(loose)
  chmodSync(path, 0o640)
  expect(await run(path, { write: true })).toEqual(['', 0, ''])
  expect(readFileSync(path, 'utf8')).toBe(formatted)
  expect(statSync(path).mode & 0o777).toBe(0o640)
  const before = statSync(path, { bigint: true }).mtimeNs
  expect(await run(path, { write: true })).toEqual(['', 0, ''])
  expect(statSync(path, { bigint: true }).mtimeNs).toBe(before)
})

test('--test: 1 where formatting would change something', async () => {
  const path = fileWith(loose)
  expect(await run(path, { test: true })).toEqual([
    '',
    1,
    `${path}: not formatted; sluice fmt -w writes it in the one form`,
  ])
  expect(readFileSync(path, 'utf8')).toBe(loose)
  expect(await run(fileWith(formatted), { test: true })).toEqual(['', 0, ''])
  expect(await run('-', { test: true }, formatted)).toEqual(['', 0, ''])
})

test('wrong usage', async () => {
  const path = fileWith(loose)
  const both = 'cannot use -w/--write and -t/--test at the same time'
  expect(await run(path, { write: true, test: true })).toEqual(['', 2, both])
  expect(await run('-', { write: true })).toEqual(['', 2, 'cannot use -w/--write with standard input'])
})

test('a file with errors is left alone, and all of them are said', async () => {
  const path = fileWith('a = [1 2]\nb = 3\nc {\n')
  expect(await run(path, { write: true })).toEqual([
    '',
    78,
    `Error: ${path}:1:8: missing ',' in expression list

1 | a = [1 2]
  |        ^
2 | b = 3

Error: ${path}:4:1: expected }, got EOF

3 | c {
4 | 
  |`,
  ])
  expect(readFileSync(path, 'utf8')).toBe('a = [1 2]\nb = 3\nc {\n')
  const [, code, said] = await run(fileWith(Buffer.from([0x61, 0x3d, 0x22, 0x80, 0x22])))
  expect([code, said]).toEqual([78, expect.stringContaining('config.alloy:1:4: illegal UTF-8 encoding')])
})

test('what can’t be read', async () => {
  const missing = join(fileWith(''), '..', 'no-such-file')
  expect(await run(missing)).toEqual(['', 1, expect.stringMatching(/no-such-file: the file can't be read: ENOENT/)])
  const folder = join(fileWith(''), '..')
  expect(await run(folder)).toEqual(['', 1, `${folder}: the file can't be read: it is a directory; name one file`])
})
