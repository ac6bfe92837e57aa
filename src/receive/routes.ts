// The paths of the push listener: cortex-tenant's own, and those that Mimir's and Loki's senders are set to.

import type { Push } from './push.ts'

/** What a path is for. */
export type Route = Push['kind'] | 'alive' | 'ready' | 'healthy'

const routes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/push', 'remote-write'],
  ['/api/v1/push', 'remote-write'],
  ['/loki/push', 'loki'],
  ['/loki/api/v1/push', 'loki'],
  ['/alive', 'alive'],
  ['/-/ready', 'ready'],
  ['/-/healthy', 'healthy'],
])

/** Where a request goes; exact match, as ct's. `path` is without the query string. */
export const routeOf = (path: string): Route | undefined => routes.get(path)

/**
 * The path of a request target, which may carry a query string or, rarely, scheme and host. One that is no route as it
 * stands is read as ct's server reads it, since senders are set to `http://host//push` too.
 */
export function pathOf(target: string): string {
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

export const pushPaths = '/push, /api/v1/push (remote write), /loki/push and /loki/api/v1/push (Loki)'
