// LevelDB is code of the machine: only who stores loads it.
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { loadedBy } from '../../test/support/loaded-by.ts'

const loads = (name: string) => loadedBy(fileURLToPath(new URL(`../${name}`, import.meta.url)))

test.each(['index.ts', 'fetch.ts', 'undici.ts', 'cli/main.ts'])('%s does not load the database', (name) => {
  const modules = loads(name)
  expect(modules.size).toBeGreaterThan(50)
  expect(modules).not.toContain('classic-level')
})

test('the walk finds it where it is loaded', () => {
  expect(loads('proxy/storing.ts')).toContain('classic-level')
})
