import { expect, test } from 'vitest'
import { printDiagnostics } from './diagnostics.ts'
import { readEnvironment } from './environment.ts'
import { loadConfiguration } from './load.ts'
import { settingPaths, specOf, variableOf } from './settings.ts'

const said = (env: Record<string, string>) => printDiagnostics(readEnvironment(env).diagnostics)

test('every variable names one setting', () => {
  const names = settingPaths.flatMap((path) => [
    variableOf(path),
    ...[specOf(path).variableAlias, specOf(path).ct?.env].filter((name) => name !== undefined),
  ])
  expect(new Set(names).size).toBe(names.length)
  expect(variableOf('tenancy.keep_label')).toBe('SLUICE_TENANCY_KEEP_LABEL')
})

test('unknown variables are ignored; of SLUICE_* ones the name is said, the value never', () => {
  expect(said({ CT_NOPE: 'x', PATH: '/bin', HOME: '/' })).toBe('')
  expect(said({ SLUICE_TENANCY_ALOW: 'secret' })).toBe(
    'SLUICE_TENANCY_ALOW: warning: no setting has this variable; it is ignored\n  hint: did you mean SLUICE_TENANCY_ALLOW?',
  )
})

test('variables that Kubernetes makes of a Service named sluice are none of ours', () => {
  const names = [
    'SLUICE_SERVICE_HOST',
    'SLUICE_SERVICE_PORT',
    'SLUICE_SERVICE_PORT_HTTP',
    'SLUICE_PORT',
    'SLUICE_PORT_80_TCP',
  ]
  const more = ['SLUICE_PORT_80_TCP_ADDR', 'SLUICE_METRICS_SERVICE_HOST', 'SLUICE_METRICS_PORT_9090_TCP_PROTO']
  expect(said(Object.fromEntries([...names, ...more].map((name) => [name, 'x'])))).toBe('')
})

test('the queue has a short variable, which goes behind the long one', () => {
  const queue = (env: Record<string, string>) =>
    readEnvironment(env).entries.map(({ path, value, origin }) => [path, value, origin.name])
  expect(queue({ SLUICE_QUEUE: 'true' })).toEqual([['queue.enabled', true, 'SLUICE_QUEUE']])
  expect(queue({ SLUICE_QUEUE: '', SLUICE_QUEUE_SERVICE_HOST: '10.0.0.1' })).toEqual([])
  expect(said({ SLUICE_QUEUE: 'yes' })).toBe('SLUICE_QUEUE: "yes" is not a boolean\n  hint: write true or false')
  const both = loadConfiguration({ env: { SLUICE_QUEUE: 'true', SLUICE_QUEUE_ENABLED: 'false' } })
  expect(both.ok && both.configuration.settings['queue.enabled']).toBe(false)
})

test('overrides are for files', () => {
  expect(said({ SLUICE_TENANCY_OVERRIDE: '[]' })).toBe(
    'SLUICE_TENANCY_OVERRIDE: it can be set in a file only\n  hint: write it under `sluice:` in the file of --config',
  )
})
