// The guide for those who come from cortex-tenant names settings, metrics and examples of output: they have to be there.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingPaths, variableOf } from '../src/config/settings.ts'
import { catalogue } from '../src/telemetry/catalogue.ts'
import { root, runSluice } from './support/sluice.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const guide = readFileSync(join(root, 'docs/migrating-from-cortex-tenant.md'), 'utf8')

const all = (pattern: RegExp): string[] => [...new Set(guide.match(pattern))]

test('its variables and settings exist', () => {
  const variables = new Set(settingPaths.map(variableOf))
  expect(all(/\bSLUICE_[A-Z_]+(?<!_)\b/g).filter((name) => !variables.has(name))).toEqual([])
  const paths: readonly string[] = settingPaths
  expect(
    all(/`(?:tenancy|receive|send|tenant)\.[a-z_.]+`/g).filter((name) => !paths.includes(name.slice(1, -1))),
  ).toEqual([])
})

test('its metrics exist, and all of cortex-tenant’s are in it', () => {
  const names = Object.keys(catalogue)
  const known = (name: string): boolean => names.some((full) => full.startsWith(name))
  expect(all(/\b(?:sluice|cortex_tenant)_[a-z_]+(?<!_)\b/g).filter((name) => !known(name))).toEqual([])
  const ct = names.filter((name) => name.startsWith('cortex_tenant_timeseries'))
  expect(ct.filter((name) => !guide.includes(name.replace('cortex_tenant_', '')))).toEqual([])
  expect(ct.length).toBe(6)
})

test('what it shows of explain is what explain says', async () => {
  const file = join(temporaryFolder(), 'cortex-tenant.yml')
  writeFileSync(file, 'target: http://mimir:8080/api/v1/push\ntenant: { label: tenant, label_remove: true }\n')
  const { code, stdout } = await runSluice(['explain', '-config', file, '{__name__="up", job="api", tenant="team-a"}'])
  expect(code).toBe(0)
  expect(guide).toContain(`\n${stdout}`)
})
