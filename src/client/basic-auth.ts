// Basic authentication towards upstream (RFC 7617), from settings or from files that may change at any time.

import type { BasicAuthSettings } from '../config/http-client/http-client-settings.ts'
import { authorize } from './authorize.ts'
import type { Link } from './chain.ts'
import { credentialReader } from './credential.ts'

/**
 * User name and password go out as UTF-8; the name must hold no colon, which would end it. Absent ones are empty.
 * A request that has an Authorization keeps it; one that a redirect leads to another host gets none. Rejects with
 * SluiceError CREDENTIALS_UNAVAILABLE (`unable to read basic auth username`, or `password`) if a file can't be read.
 */
export function basicAuth({ username, password }: BasicAuthSettings): Link {
  const readUsername = credentialReader(username, 'unable to read basic auth username')
  const readPassword = credentialReader(password, 'unable to read basic auth password')
  const read = () => `Basic ${Buffer.from(`${readUsername()}:${readPassword()}`, 'utf8').toString('base64')}`
  const isFixed = username?.kind !== 'file' && password?.kind !== 'file'
  const fixed = isFixed ? read() : ''
  return authorize('basicAuth', isFixed ? () => fixed : read)
}
