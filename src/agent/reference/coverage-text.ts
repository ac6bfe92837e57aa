// What of Alloy's components there is, for the terminal: the same as docs/coverage.md.

import type { AnyKind } from '../graph/component.ts'
import { missingComponents } from './coverage-page.ts'
import { ignoredIn, type Note, rootKinds, unsupportedIn } from './sections.ts'

export function allCoverageText(kinds: readonly AnyKind[]): string {
  const supported = [...kinds, ...rootKinds].map(({ name, schema }) => {
    const notes = [noteLine('without effect', ignoredIn(schema)), noteLine('not supported', unsupportedIn(schema))]
    return `  ${name}\n${notes.join('')}`
  })
  const missing = missingComponents(kinds).map((name) => `  ${name}\n`)
  return `supported (${supported.length}):\n${supported.join('')}\nnot supported (${missing.length}):\n${missing.join('')}`
}

const noteLine = (title: string, notes: readonly Note[]): string =>
  notes.length === 0 ? '' : `      ${title}: ${notes.map(({ name }) => name).join(', ')}\n`
