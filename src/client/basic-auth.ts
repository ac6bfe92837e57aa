// Basic authentication towards upstream (RFC 7617): one constant header. What a request says itself goes first.

import type { Link } from './chain.ts'
import { staticHeaders } from './static-headers.ts'

/** User name and password go out as UTF-8; the name must hold no colon, which would end it. */
export function basicAuth(username: string, password: string): Link {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
  return staticHeaders({ authorization })
}
