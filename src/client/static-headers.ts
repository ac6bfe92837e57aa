// Headers that every request of an endpoint carries. A request that has one of them already keeps its own: who made
// it knew more (an override's Authorization, a header that travels).

import type { Link } from './chain.ts'
import { headersLink } from './headers-link.ts'

/** `headers`: names in any case; values are not judged here, and are no secrets: they go wherever a redirect leads. */
export function staticHeaders(headers: Readonly<Record<string, string>>): Link {
  const lower: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) lower[name.toLowerCase()] = value
  return headersLink('staticHeaders', { read: () => lower, make: (own, set) => ({ ...set, ...own }), abroad: true })
}
