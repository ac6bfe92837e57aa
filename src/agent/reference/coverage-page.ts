// docs/coverage.md: what of Alloy's configuration there is here, made from the schemas and from Alloy's names.

import { code, table } from '../../config/markdown.ts'
import { alloyComponents, unsupportedRootBlocks } from '../graph/alloy-names.ts'
import type { AnyKind } from '../graph/component.ts'
import { ignoredIn, rootKinds, unsupportedIn } from './sections.ts'

/** The page; it ends with a line break. */
export function coveragePage(kinds: readonly AnyKind[]): string {
  const missing = missingComponents(kinds)
  return `# Coverage

<!-- Made by \`npm run docs\` from the components’ schemas. Edits here are lost. -->

What of Grafana Alloy's configuration the agent has: ${kinds.length} components, ${rootKinds.length} root blocks. Everything else is refused,
by name and place, all of it at once: nothing is silently left out. \`sluice validate --coverage FILE\` says the same of a file.

The language is here as a whole: expressions, the standard library, references. An argument that is *taken without effect*
makes a warning.

## Components

${table(['component', 'taken without effect', 'not supported'], kinds.map(rowOf))}

## Root blocks

${table(['block', 'taken without effect', 'not supported'], rootKinds.map(rowOf))}

Not supported:

${table(
  ['block', 'what to do'],
  [...unsupportedRootBlocks].map(([name, reason]) => [code(name), reason]),
)}

## Components of Alloy that there are not

${missing.length} of them:

${groupsOf(missing)
  .map(([group, names]) => `- ${code(group)}: ${names.join(', ')}`)
  .join('\n')}
`
}

const rowOf = ({ name, schema }: AnyKind): readonly string[] => [
  `[${code(name)}](reference/${name}.md)`,
  namesOf(ignoredIn(schema)),
  namesOf(unsupportedIn(schema)),
]

const namesOf = (notes: readonly { readonly name: string }[]): string =>
  notes.map(({ name }) => code(name)).join(', ') || '–'

/** Sorted. */
export const missingComponents = (kinds: readonly AnyKind[]): readonly string[] =>
  [...alloyComponents].filter((name) => kinds.every((kind) => kind.name !== name)).sort()

/** `prometheus.exporter` → its components' last names. */
function groupsOf(names: readonly string[]): readonly (readonly [string, readonly string[]])[] {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const dot = name.lastIndexOf('.')
    const group = name.slice(0, dot)
    groups.set(group, [...(groups.get(group) ?? []), name.slice(dot + 1)])
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}
