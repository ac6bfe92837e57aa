// Where the caller's links stand among the client's own.

import type { Link } from '../client/chain.ts'
import { type LinkName, linkNames, type StandardLinks } from '../client/standard-links.ts'
import { SluiceError } from '../errors.ts'

/** A link that stands just before one of the client's own (or where that would be), or innermost: before `transport`. */
export interface PlacedLink {
  readonly before: LinkName | 'transport'
  readonly link: Link
}

const places: readonly string[] = [...linkNames, 'transport']

/** Outermost first: the caller's links without a place, `fixed`, then the client's own with the caller's between them. */
export function placedLinks(
  callers: readonly (Link | PlacedLink)[],
  fixed: readonly Link[],
  own: StandardLinks['links'],
): readonly Link[] {
  const outer: Link[] = []
  const inner = new Map<string, Link[]>()
  for (const one of callers) {
    if (typeof one === 'function') outer.push(one)
    else if (typeof one?.link !== 'function')
      throw new SluiceError('CONFIG_INVALID', 'a link is a function, or { before, link } with a function as link')
    else if (places.includes(one.before)) inner.set(one.before, [...(inner.get(one.before) ?? []), one.link])
    else
      throw new SluiceError(
        'CONFIG_INVALID',
        `a link can't be placed before ${JSON.stringify(one.before)}; it can be before ${places.join(', ')}`,
      )
  }
  const among = linkNames.flatMap((name) => {
    const mine = own.get(name)
    return [...(inner.get(name) ?? []), ...(mine === undefined ? [] : [mine])]
  })
  return [...outer, ...fixed, ...among, ...(inner.get('transport') ?? [])]
}
