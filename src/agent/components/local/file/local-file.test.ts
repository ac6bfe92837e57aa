import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startBench } from '../../../../../test/support/components.ts'
import { temporaryFolder } from '../../../../../test/support/temporary-folder.ts'
import { until } from '../../../../../test/support/until.ts'
import { localFile } from './local-file.ts'

const id = 'local.file.f'
const quoted = JSON.stringify
const config = (filename: string, more = '') => `
local.file "f" { 
  filename = ${quoted(filename)}
  ${more}
}
test.text "t" { value = local.file.f.content }
`

async function setUp(text = 'one', more = '') {
  const folder = temporaryFolder()
  const file = join(folder, 'file.txt')
  writeFileSync(file, text)
  const bench = startBench([localFile])
  const load = (path = file, args = more) => bench.load(config(path, args))
  const content = () => {
    const info = bench.graph.component('test.text.t')?.debugInfo?.[0]
    return info?.type === 'attr' ? info.value.value : undefined
  }
  const becomes = (want: unknown) => until(() => content() === want, { what: `content ${want}`, seen: content })
  return { folder, file, bench, load, content, becomes, health: () => bench.graph.health(id) }
}

test('the content is exported, and follows the file', async () => {
  const { file, load, content, becomes, health, bench } = await setUp('one\n')
  expect(await load()).toEqual([])
  expect(content()).toBe('one\n')
  expect(health()).toMatchObject({ state: 'healthy' })
  writeFileSync(file, 'two')
  await becomes('two')
  expect(await bench.metric('local_file_timestamp_last_accessed_unix_seconds')).toEqual([
    expect.stringMatching(/^1|^2/),
  ])
})

test('a file replaced by another, and a link that Kubernetes swaps beside it', async () => {
  const { folder, file, load, becomes } = await setUp('one')
  await load()
  writeFileSync(`${file}.new`, 'two')
  renameSync(`${file}.new`, file)
  await becomes('two')
  for (const version of ['v1', 'v2']) {
    mkdirSync(join(folder, version))
    writeFileSync(join(folder, version, 'key'), version)
  }
  symlinkSync('v1', join(folder, '..data'))
  symlinkSync(join('..data', 'key'), join(folder, 'key'))
  expect(await load(join(folder, 'key'))).toEqual([])
  await becomes('v1')
  symlinkSync('v2', join(folder, '..data_tmp'))
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  await becomes('v2')
})

test('looking alone finds changes too', async () => {
  const { file, load, becomes } = await setUp('one', 'detector = "poll"\npoll_frequency = "20ms"')
  await load()
  writeFileSync(file, 'two')
  await becomes('two')
})

test('a file that is not there: no start; later unhealthy with the last content, until it is back', async () => {
  const { folder, file, load, content, becomes, health, bench } = await setUp('one')
  const missing = join(folder, 'missing')
  const text = `failed to read file: open ${missing}: no such file or directory`
  expect(await load(missing)).toEqual([`2:1 Failed to build component: ${text}`])
  expect(await load()).toEqual([])
  rmSync(file)
  await until(() => health()?.state === 'unhealthy', { what: 'unhealthy' })
  expect(health()?.message).toBe(text.replace('missing', 'file.txt'))
  expect(content()).toBe('one')
  expect(bench.lines.filter((line) => line.includes('failed to read file')).length).toBeGreaterThan(0)
  writeFileSync(file, 'two')
  await becomes('two')
  expect(health()).toMatchObject({ state: 'healthy' })
  expect(await load(folder)).toEqual([
    `2:1 Failed to update component: failed to read file: open ${folder}: is a directory`,
  ])
  expect(content()).toBe('two')
})

test('a secret stays one', async () => {
  const { load, content, bench, file } = await setUp('hunter2', 'is_secret = true')
  expect(await load()).toEqual([])
  expect(content()).toBe('(secret)')
  chmodSync(file, 0o600)
  expect(JSON.stringify(bench.graph.component(id))).not.toContain('hunter2')
  expect(bench.lines.join('')).not.toContain('hunter2')
})

test('what is not UTF-8 is kept as a text that can be compared', async () => {
  const { load, content, becomes, file } = await setUp('')
  writeFileSync(file, Buffer.from([0x61, 0xff]))
  await load()
  expect(content()).toBe('a\udcff')
  writeFileSync(file, Buffer.from([0x61, 0xfe]))
  await becomes('a\udcfe')
})
