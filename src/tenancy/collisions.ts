// Series that differ, and are the same once their tenant labels are removed: their samples would be mixed, or refused
// as duplicates.

import type { Label } from '../wire/codec.ts'

/** A series as it came, and as it is sent to `to`: an endpoint and a tenant, say, as text. */
export interface SentSeries {
  readonly to: string
  readonly labels: readonly Label[]
  readonly sent: readonly Label[]
}

/** Each series that is the same as an earlier one of the same `to`, with that one's labels. */
export function collisionsOf<S extends SentSeries>(
  series: readonly S[],
): readonly { one: readonly Label[]; other: S }[] {
  const seen = new Map<string, readonly Label[]>()
  const found: { one: readonly Label[]; other: S }[] = []
  for (const each of series) {
    const key = JSON.stringify([each.to, sortedText(each.sent)])
    const one = seen.get(key)
    if (one === undefined) seen.set(key, each.labels)
    else if (sortedText(one) !== sortedText(each.labels)) found.push({ one, other: each })
  }
  return found
}

const sortedText = (labels: readonly Label[]): string => labelsText([...labels].sort(([a], [b]) => (a < b ? -1 : 1)))

/** `{name="value", …}` */
export function labelsText(labels: readonly Label[]): string {
  return `{${labels.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`
}
