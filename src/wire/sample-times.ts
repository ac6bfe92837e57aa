// The times of the oldest and the newest sample in a body, read where they lie.

/** In ms since 1970. Without any sample the oldest is Infinity and the newest -Infinity. */
export interface SampleTimes {
  readonly oldestMs: number
  readonly newestMs: number
}
