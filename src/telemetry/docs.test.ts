import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { catalogue, labelTable } from './catalogue.ts'
import { metricsPage } from './docs.ts'

test('docs/metrics.md is what npm run docs makes', () => {
  const committed = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
  expect(committed).toBe(metricsPage())
})

test('every metric and every label has a row', () => {
  const names = [...metricsPage().matchAll(/^\| `([a-z_]+)` \| (?:counter|gauge|histogram) \|/gm)].map(
    ([, name]) => name,
  )
  expect(names.sort()).toEqual(Object.keys(catalogue).sort())
  for (const label of Object.keys(labelTable)) expect(metricsPage()).toContain(`\n| \`${label}\` | `)
})
