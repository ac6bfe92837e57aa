// The paths of a push listener; the proxy's are cortex-tenant's own, and those that Mimir's and Loki's senders are set to.

import type { Push } from './push.ts'

/** What a path is for. */
export type Route = Push['kind'] | 'alive' | 'ready' | 'healthy'

/** Path → what it is for; exact match, as ct's. Paths are without the query string. */
export type Routes = ReadonlyMap<string, Route>

/** Those of the proxy. */
export const proxyRoutes: Routes = new Map<string, Route>([
  ['/push', 'remote-write'],
  ['/api/v1/push', 'remote-write'],
  ['/loki/push', 'loki'],
  ['/loki/api/v1/push', 'loki'],
  ['/alive', 'alive'],
  ['/-/ready', 'ready'],
  ['/-/healthy', 'healthy'],
])

/**
 * The path of a request target, which may carry a query string or, rarely, scheme and host. One that is no route as it
 * stands is read as ct's server reads it, since senders are set to `http://host//push` too.
 */
export function pathOf(target: string, routes: Routes): string {
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  if (routes.has(path)) return path
  return straightened(!path.startsWith('/') && URL.canParse(path) ? new URL(path).pathname : path)
}

/** Escapes decoded, `//` one `/`, dot segments resolved; a slash at the end stays. */
function straightened(path: string): string {
  const segments: string[] = []
  for (const segment of decoded(path).split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return `/${segments.join('/')}${segments.length > 0 && path.endsWith('/') ? '/' : ''}`
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

const protocols = { 'remote-write': 'remote write', loki: 'Loki' } as const

/** Where pushes go, for people: `/push, /api/v1/push (remote write), /loki/push (Loki)`. */
export function pushPaths(routes: Routes): string {
  const lists = Object.entries(protocols).map(([kind, protocol]) => {
    const paths = [...routes].filter(([, route]) => route === kind).map(([path]) => path)
    return paths.length === 0 ? [] : [`${paths.join(', ')} (${protocol})`]
  })
  return lists.flat().join(', ')
}
