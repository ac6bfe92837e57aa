// The files of examples/ are what people start from: they load without a word, and do what their comments say.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadConfiguration } from '../src/config/load.ts'
import { resolveProxySettings } from '../src/config/proxy-settings.ts'
import { createExplainer } from '../src/proxy/explain.ts'
import { root } from './support/sluice.ts'

const read = (name: string): string => readFileSync(join(root, 'examples', name), 'utf8')

const load = (name: string) => {
  const loaded = loadConfiguration({ file: { name, text: read(name) } })
  expect(loaded.diagnostics).toEqual([])
  if (!loaded.ok) throw new Error('not reached')
  return resolveProxySettings(loaded.configuration.settings)
}

/** Where series of these teams go. */
const tenants = (name: string, teams: readonly string[]): (string | undefined)[] => {
  const questions = teams.map((team) => ({
    labels: [['__name__', 'up'] as const, ['team', team] as const],
    headers: {},
    signal: 'metrics' as const,
  }))
  return createExplainer(load(name))(questions).outcomes.map(({ tenant }) => tenant)
}

test('cortex-tenant.yml', () => {
  expect(load('cortex-tenant.yml')).toMatchObject({ listen: '127.0.0.1:8081', shutdown: { timeoutMs: 0 } })
  expect(tenants('cortex-tenant.yml', ['a', ''])).toEqual(['a', 'shared'])
})

test('sluice.yml', () => {
  expect(load('sluice.yml')).toMatchObject({
    listen: '127.0.0.1:8081',
    egress: { maxInFlight: 128 },
    metrics: { tenancy: { keepLabel: false, rateLimit: { samplesPerSecond: 50_000, burst: 200_000 } } },
  })
  expect(tenants('sluice.yml', ['team-a', 'team-test-1', 'other', ''])).toEqual([
    'team-a',
    'shared',
    'shared',
    'shared',
  ])
})

test('prometheus.yml sends to the listener of the others', () => {
  const { remote_write: writes } = parse(read('prometheus.yml')) as { remote_write: { url: string }[] }
  expect(writes.map(({ url }) => url)).toEqual([`http://${load('cortex-tenant.yml').listen}/push`])
})
