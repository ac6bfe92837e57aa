// Writes the pages of docs/ that are made from tables in the source. A test beside each table fails when its
// page is out of date.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { agentPages } from '../src/agent/reference/pages.ts'
import { configurationPage } from '../src/config/docs.ts'
import { metricsPage } from '../src/telemetry/docs.ts'
import { errorsPage } from './errors-page.ts'

const pages: readonly { readonly path: string; readonly text: () => string }[] = [
  { path: 'docs/configuration.md', text: configurationPage },
  { path: 'docs/errors.md', text: errorsPage },
  { path: 'docs/metrics.md', text: metricsPage },
  ...agentPages,
]

const root = new URL('..', import.meta.url)
rmSync(new URL('docs/reference', root), { recursive: true, force: true })
mkdirSync(new URL('docs/reference', root), { recursive: true })
for (const { path, text } of pages) {
  writeFileSync(new URL(path, root), text())
  console.log(path)
}
