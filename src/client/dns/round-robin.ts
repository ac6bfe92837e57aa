// round_robin_dns: every new connection looks the name up and takes the next of its addresses. Prometheus takes any of
// them by chance; in turn, the addresses get equally many, which is what chance is there for.

import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

/** Host names whose turn is remembered. */
const maxNames = 1000

/** Wraps a lookup (default: the system's). Names and certificates are not concerned: only addresses change. */
export function roundRobin(lookup: LookupFunction = systemLookup as LookupFunction): LookupFunction {
  const turns = new Map<string, number>()
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found, family) => {
      const addresses = typeof found === 'string' ? [{ address: found, family: family ?? 4 }] : found
      if (error !== null || addresses.length === 0) {
        done(error, found, family)
        return
      }
      const turn = turns.get(hostname) ?? 0
      if (turns.size >= maxNames) turns.clear()
      turns.set(hostname, turn + 1)
      const first = turn % addresses.length
      // Name servers take turns too: what is next must not depend on the order in which they answer.
      const sorted = [...addresses].sort(byAddress)
      const ordered = [...sorted.slice(first), ...sorted.slice(0, first)]
      if (options.all === true) done(null, ordered)
      else done(null, ordered[0]!.address, ordered[0]!.family)
    })
  }
}

const byAddress = (a: LookupAddress, b: LookupAddress): number =>
  a.address < b.address ? -1 : a.address > b.address ? 1 : 0
