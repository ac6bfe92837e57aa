// The times of the oldest and the newest sample in a body, read where they lie.

/** In ms since 1970. Without any sample the oldest is Infinity and the newest -Infinity. */
export interface SampleTimes {
  readonly oldestMs: number
  readonly newestMs: number
}

/** Both bounds of two bodies together. */
export function unite(a: SampleTimes, b: SampleTimes): SampleTimes {
  return { oldestMs: Math.min(a.oldestMs, b.oldestMs), newestMs: Math.max(a.newestMs, b.newestMs) }
}

export const noTimes: SampleTimes = {
  oldestMs: Number.POSITIVE_INFINITY,
  newestMs: Number.NEGATIVE_INFINITY,
}
