// `--diff FILE`: which series would end elsewhere with another file.

import { labelsText } from '../../tenancy/collisions.ts'
import type { Label } from '../../wire/codec.ts'
import type { End, Judgement } from './judged.ts'

export interface Change {
  readonly labels: readonly Label[]
  /** Id of the endpoint or component; '' where a proxy and an agent are compared, whose endpoints have other ids. */
  readonly at: string
  /** What becomes of it there; absent: it does not come there. */
  readonly before?: string
  readonly after?: string
}

/** Both are of the same questions. */
export function changesOf(before: Judgement, after: Judgement): readonly Change[] {
  const isSameKind = before.isAgent === after.isAgent
  return before.series.flatMap(({ labels, ends }, index) => {
    const old = byPlace(ends, isSameKind)
    const now = byPlace(after.series[index]?.ends ?? [], isSameKind)
    return [...new Set([...old.keys(), ...now.keys()])].flatMap((at): readonly Change[] => {
      const [was, is] = [old.get(at), now.get(at)]
      if (was === is) return []
      return [{ labels, at, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) }]
    })
  })
}

function byPlace(ends: readonly End[], isSameKind: boolean): ReadonlyMap<string, string> {
  const places = new Map<string, Set<string>>()
  for (const { at, text } of ends) {
    const place = isSameKind ? at : ''
    places.set(place, (places.get(place) ?? new Set()).add(text))
  }
  return new Map([...places].map(([at, texts]) => [at, [...texts].sort().join(' and ')]))
}

export function changesText(changes: readonly Change[], count: number): string {
  const series = new Map<readonly Label[], string[]>()
  for (const { labels, at, before = 'nothing', after = 'nothing' } of changes) {
    const lines = series.get(labels) ?? [labelsText(labels)]
    series.set(labels, [...lines, `  ${at === '' ? '' : `${at}: `}${before} → ${after}`])
  }
  const lines = [...[...series.values()].flat(), `${series.size} of ${count} series would end elsewhere`]
  return `${lines.join('\n')}\n`
}
