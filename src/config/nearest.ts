// "Did you mean": the known name that is fewest edits away from an unknown one.

/** Edits (insert, delete, replace, swap of neighbours) from a to b. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min((last[j - 1] as number) + (same ? 0 : 1), (last[j] as number) + 1, (row[j - 1] as number) + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (before[j - 2] as number) + 1)
      }
      row.push(best)
    }
    before = last
    last = row
  }
  return last[b.length] as number
}

/** The nearest of `known` within a quarter of its length in edits; case and `-` for `_` are no edits. The first of equals. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const fold = (text: string): string => text.toLowerCase().replaceAll('-', '_')
  const wanted = fold(name)
  if (wanted.length > 100) return undefined
  let best: string | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const candidate of known) {
    const folded = fold(candidate)
    const edits = distance(wanted, folded)
    if (edits <= Math.ceil(Math.max(folded.length, wanted.length) / 4) && edits < fewest) {
      best = candidate
      fewest = edits
    }
  }
  return best
}

/** What to do about a name that is none of `known`: `similar` is the nearest. */
export const nearestHint = (similar: string | undefined, known: readonly string[]): string =>
  similar === undefined ? `known here are ${known.join(', ')}` : `did you mean \`${similar}\`?`
