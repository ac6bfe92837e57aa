// What a check of a configuration says, as lines for tests.

import { checkSources } from '../../src/agent/graph/check.ts'
import type { AnyKind, Stability } from '../../src/agent/graph/component.ts'

/** `place → message | hint` of each problem, by place; warnings begin with `~`. A place is the first line of its text. */
export function checked(
  text: string,
  kinds: readonly AnyKind[],
  stability: Stability = 'generally-available',
): readonly string[] {
  const { diagnostics } = checkSources([{ name: 'a.alloy', text }], { kinds, stability })
  return diagnostics.map(({ severity, message, hint, span = { start: 0, end: 0 } }) => {
    const place = text.slice(span.start, span.end).split('\n')[0]
    return `${severity === 'warning' ? '~' : ''}${place} → ${message}${hint === undefined ? '' : ` | ${hint}`}`
  })
}
