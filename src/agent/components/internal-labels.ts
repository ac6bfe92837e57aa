// Labels that begin with `__` are for components, not for Loki: Alloy takes them off streams that are pushed
// (loki.source.api, routes.go) and off streams that are sent (loki.write, batch.go).

import type { RelabelRule } from '../../relabel/rule.ts'
import { completeRule } from '../../relabel/written-rule.ts'

/** Takes them off, but for those that are named. */
export function dropInternalLabels(kept: readonly string[]): RelabelRule {
  const endings = kept.filter((name) => name.startsWith('__')).map((name) => [...name].slice(2))
  return completeRule({ action: 'labeldrop', regex: `__${allBut(endings)}` })
}

/** RE2 can't say "but": every text that leaves these words at some character, ends inside one, or goes on after it. */
function allBut(words: readonly (readonly string[])[]): string {
  if (words.length === 0) return '.*'
  const firsts = [...new Set(words.flatMap(([first]) => first ?? []))]
  const others = firsts.length === 0 ? '.+' : `[^${firsts.map(escaped).join('')}].*`
  const along = firsts.map((first) => {
    const rest = words.filter((word) => word[0] === first).map((word) => word.slice(1))
    return `${escaped(first)}${allBut(rest)}`
  })
  const end = words.some(({ length }) => length === 0) ? '' : '|'
  return `(?:${[others, ...along].join('|')}${end})`
}

const escaped = (char: string): string => `\\x{${(char.codePointAt(0) as number).toString(16)}}`
