// Reads Retry-After (RFC 9110 §10.2.3): delay seconds, or a date.

const longest = 1e9

/** Seconds from `nowMs` (wall clock) on, at least 0; undefined where the header is absent or makes no sense. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  if (/^\d+$/.test(text)) return Math.min(Number(text), longest)
  if (!/^[A-Z][a-z]{2},/.test(text)) return undefined
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - nowMs) / 1000))
}
