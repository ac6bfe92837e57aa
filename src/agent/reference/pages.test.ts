import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { kinds } from '../components/kinds.ts'
import { agentPages } from './pages.ts'
import { rootKinds, sectionsOf } from './sections.ts'

const root = new URL('../../../', import.meta.url)

test.each(agentPages.map(({ path, text }) => [path, text] as const))('%s is what npm run docs makes', (path, text) => {
  expect(readFileSync(new URL(path, root), 'utf8')).toBe(text())
})

test('there is no page of what is gone', () => {
  const pages = readdirSync(new URL('docs/reference', root)).map((name) => `docs/reference/${name}`)
  expect(pages.sort()).toEqual(
    agentPages
      .map(({ path }) => path)
      .filter((path) => path.startsWith('docs/reference/'))
      .sort(),
  )
})

test('every argument, block and export has its row', () => {
  const pages = new Map(agentPages.map(({ path, text }) => [path, text()]))
  for (const { name, schema, exports } of [...kinds, ...rootKinds]) {
    const page = pages.get(`docs/reference/${name}.md`) ?? ''
    for (const { path, schema: inner } of sectionsOf(schema)) {
      if (path.length > 0) expect(page).toContain(`\`${path.join(' > ')}\``)
      for (const attribute of Object.keys(inner.attributes)) expect(page).toContain(`| \`${attribute}\` |`)
    }
    for (const name of Object.keys(exports)) expect(page).toContain(`| \`${name}\` |`)
  }
})
