// All pages of the agent's reference, by their path in the repository.

import { code, table } from '../../config/markdown.ts'
import { kinds as unsorted } from '../components/kinds.ts'
import { componentPage } from './component-page.ts'
import { coveragePage } from './coverage-page.ts'
import { rootKinds } from './sections.ts'

const kinds = unsorted.toSorted((a, b) => (a.name < b.name ? -1 : 1))

export interface Page {
  readonly path: string
  readonly text: () => string
}

const indexPage = (): string => `# Reference of the agent

<!-- Made by \`npm run docs\`. Edits here are lost. -->

What may stand in the agent's files. [The agent](../agent.md) is the way in, [Coverage](../coverage.md) says what of
Alloy's there is. Types: a **duration** is written \`"1m30s"\`, a **size** \`"32MiB"\`, a **secret** is a text that is never shown.

${table(
  ['component', 'what it does'],
  kinds.map(({ name, doc }) => [`[${code(name)}](${name}.md)`, doc]),
)}

${table(
  ['root block', 'what it is for'],
  rootKinds.map(({ name, doc }) => [`[${code(name)}](${name}.md)`, doc]),
)}
`

export const agentPages: readonly Page[] = [
  { path: 'docs/coverage.md', text: () => coveragePage(kinds) },
  { path: 'docs/reference/README.md', text: indexPage },
  ...kinds.map((kind) => ({ path: `docs/reference/${kind.name}.md`, text: () => componentPage(kind, false) })),
  ...rootKinds.map((kind) => ({ path: `docs/reference/${kind.name}.md`, text: () => componentPage(kind, true) })),
]
