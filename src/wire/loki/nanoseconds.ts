// Reads a timestamp in nanoseconds since 1970 as the seconds and nanoseconds of protobuf's Timestamp. Nineteen digits do
// not fit in a number, so it never becomes one: the last nine digits are nanoseconds, those before them seconds.

const most = 9_223_372_036 // seconds of 2^63 ns
const mostNanos = 854_775_807
const billion = 1_000_000_000

/** What `readNanoseconds` found: `nanos` is 0 to 999,999,999, before 1970 too. */
export const timestamp: { seconds: number; nanos: number } = { seconds: 0, nanos: 0 }

/** Reads `-?[0-9]+` at `bytes[at … end)` into `timestamp`; false if it is anything else, or no int64. */
export function readNanoseconds(bytes: Uint8Array, at: number, end: number): boolean {
  const negative = bytes[at] === 0x2d && at < end
  const start = negative ? at + 1 : at
  if (start >= end) return false
  const split = Math.max(start, end - 9)
  let seconds = 0
  let nanos = 0
  for (let p = start; p < end; p++) {
    const digit = bytes[p]! - 0x30
    if (digit < 0 || digit > 9) return false
    if (p >= split) nanos = nanos * 10 + digit
    else if ((seconds = seconds * 10 + digit) > most) return false
  }
  if (seconds === most && nanos > mostNanos + (negative ? 1 : 0)) return false
  const borrow = negative && nanos > 0
  timestamp.seconds = negative ? (borrow ? -seconds - 1 : 0 - seconds) : seconds
  timestamp.nanos = borrow ? billion - nanos : nanos
  return true
}
