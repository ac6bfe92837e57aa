// Whoever reads options loads no YAML reader, nor any other package.
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { loadedBy } from '../../test/support/loaded-by.ts'

test.each(['tenancy-options.ts', 'http-client/http-client-options.ts'])('%s', (name) => {
  const modules = [...loadedBy(fileURLToPath(new URL(name, import.meta.url)))]
  expect(modules.length).toBeGreaterThan(15)
  expect(modules.filter((module) => !module.startsWith('/') && !module.startsWith('node:'))).toEqual([])
  expect(modules.filter((module) => module.includes('/yaml-'))).toEqual([])
})

test('the walk finds packages where there are some', () => {
  expect(loadedBy(fileURLToPath(new URL('read-file.ts', import.meta.url)))).toContain('yaml')
})
