// remote_write's `headers`: they replace what a request has.

import { headerBytes } from '../config/header-rules.ts'
import type { HttpClientSettings } from '../config/http-client/http-client-settings.ts'
import type { Link } from './chain.ts'
import { headersLink } from './headers-link.ts'

/**
 * A request that a redirect leads to another host gets none of them. Prometheus sets them there too, keys included;
 * here their values are secrets, and nothing secret goes to a host that settings don't name.
 */
export function setHeaders(headers: HttpClientSettings['headers']): Link {
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) values[name.toLowerCase()] = headerBytes(value.reveal())
  return headersLink('setHeaders', { read: () => values, make: (own, set) => ({ ...own, ...set }) })
}
