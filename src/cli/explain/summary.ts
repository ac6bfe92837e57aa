// How often each outcome was met.

/** `     2 × tenant a`, in the order in which they first come. */
export function countLines(outcomes: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  return [...counts].map(([outcome, count]) => `${String(count).padStart(6)} × ${outcome}`)
}
