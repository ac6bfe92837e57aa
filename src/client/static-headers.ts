// Headers that every request of an endpoint carries. A request that has one of them already keeps its own: who made
// it knew more (an override's Authorization, a header that travels).

import { headersLink, type Link } from './chain.ts'

/** `headers`: names in any case; values are not judged here. */
export function staticHeaders(headers: Readonly<Record<string, string>>): Link {
  const lower: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) lower[name.toLowerCase()] = value
  return headersLink((own) => ({ ...lower, ...own }))
}
