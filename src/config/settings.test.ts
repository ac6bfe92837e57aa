import { expect, test } from 'vitest'
import { decodeText } from './decode-text.ts'
import {
  defaultSettings,
  flagOf,
  restartChanges,
  type Settings,
  settingPaths,
  type settingsTable,
  specOf,
  variableOf,
} from './settings.ts'

test('every path is snake_case in groups, and every setting is documented in one sentence', () => {
  for (const path of settingPaths) {
    expect(path).toMatch(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/)
    expect(specOf(path).doc, path).toMatch(/^[A-Z].*[^.]\.$/)
  }
})

test('no path is a group of another', () => {
  const paths: readonly string[] = settingPaths
  for (const path of paths) expect(paths.filter((other) => other.startsWith(`${path}.`))).toEqual([])
})

test('defaults pass their own checks', () => {
  for (const path of settingPaths) {
    const spec = specOf(path)
    const value = defaultSettings[path]
    if (value === undefined || spec.type === 'overrides' || spec.type === 'duration') continue
    expect(decodeText(spec, String(value)), path).toEqual({ value })
  }
})

test('what replaces ct’s keys names keys of ct, and says so in its default', () => {
  for (const path of settingPaths) {
    for (const replaced of specOf(path).replaces ?? []) {
      expect(specOf(replaced as keyof typeof settingsTable).ct, path).toBeDefined()
      expect(specOf(path).defaultText, path).toContain(replaced)
    }
  }
})

test('names', () => {
  expect(flagOf('tenancy.keep_label')).toBe('--tenancy.keep_label')
  expect(variableOf('tenancy.keep_label')).toBe('SLUICE_TENANCY_KEEP_LABEL')
})

test('what a reload cannot change', () => {
  const after: Settings = {
    ...defaultSettings,
    listen: ':1',
    timeout_shutdown: 1,
    concurrency: 1,
    'server.http.listen_addr': ':2',
  }
  expect(restartChanges(defaultSettings, defaultSettings)).toEqual([])
  expect(restartChanges(defaultSettings, after)).toEqual(['listen', 'concurrency', 'server.http.listen_addr'])
})

test('types come from the table', () => {
  const typed: Pick<Settings, 'tenancy.keep_label' | 'tenancy.on_missing' | 'timeout' | 'tenancy.allow'> = {
    'tenancy.keep_label': undefined,
    'tenancy.on_missing': 'drop',
    timeout: 5,
    'tenancy.allow': ['a'],
  }
  // @ts-expect-error: not one of the values
  const wrong: Settings['tenancy.on_missing'] = 'keep'
  expect([typed.timeout, wrong]).toEqual([5, 'keep'])
})
