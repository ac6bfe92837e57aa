// Whoever reads options loads no YAML reader, nor any other package.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** What a module imports, and what those import; imports of types are none. */
function loadedBy(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  for (const [, isType, from = ''] of text.matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)'/gms)) {
    if (isType !== undefined) continue
    if (from.startsWith('.')) loadedBy(resolve(dirname(file), from), seen)
    else seen.add(from)
  }
  return seen
}

test.each(['tenancy-options.ts', 'http-client/http-client-options.ts'])('%s', (name) => {
  const modules = [...loadedBy(fileURLToPath(new URL(name, import.meta.url)))]
  expect(modules.length).toBeGreaterThan(15)
  expect(modules.filter((module) => !module.startsWith('/') && !module.startsWith('node:'))).toEqual([])
  expect(modules.filter((module) => module.includes('/yaml-'))).toEqual([])
})

test('the walk finds packages where there are some', () => {
  expect(loadedBy(fileURLToPath(new URL('read-file.ts', import.meta.url)))).toContain('yaml')
})
