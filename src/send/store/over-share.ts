// Who gives way when the store is full: the tenant furthest over its fair share. Shares are equal, so that is the one
// that has stored most; it gives up what it has more than the next one, and then both are equals.

export interface Surrender {
  readonly tenant: string
  readonly bytes: number
}

/**
 * Whose stored bytes are to go next so that `needed` become free, and how many at most.
 * Undefined: nobody in `bytesByTenant` has anything but those in `spent`.
 */
export function furthestOverShare(
  bytesByTenant: ReadonlyMap<string, number>,
  needed: number,
  spent: ReadonlySet<string>,
): Surrender | undefined {
  let tenant: string | undefined
  let most = 0
  let second = 0
  for (const [id, bytes] of bytesByTenant) {
    if (spent.has(id) || bytes <= second) continue
    if (bytes > most) {
      second = most
      most = bytes
      tenant = id
    } else {
      second = bytes
    }
  }
  if (tenant === undefined) return undefined
  return { tenant, bytes: Math.max(1, Math.min(needed, most - second)) }
}
