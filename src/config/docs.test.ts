import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configurationPage } from './docs.ts'
import { loadConfiguration } from './load.ts'
import { settingPaths } from './settings.ts'

test('docs/configuration.md is what npm run docs makes', () => {
  const committed = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  expect(committed).toBe(configurationPage())
})

test('every setting has one row, and each row as many cells', () => {
  const rows = configurationPage()
    .split('\n')
    .filter((line) => /^\| `[a-z0-9_.]+` \| (.*`--|– \| – \|)/.test(line))
  expect(rows.map((row) => /^\| `([^`]+)`/.exec(row)?.[1]).sort()).toEqual([...settingPaths].sort())
  for (const row of rows) expect(row.match(/(?<!\\)\|/g)?.length, row).toBe(7)
})

test('the example in the page is a configuration without a warning', () => {
  const example = /```yaml\n(.*?)```/s.exec(configurationPage())?.[1] as string
  expect(loadConfiguration({ file: { name: 'example', text: example } })).toMatchObject({ ok: true, diagnostics: [] })
})
