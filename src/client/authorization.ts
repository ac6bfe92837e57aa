// An Authorization of any other type than Basic: a bearer token, mostly.

import type { AuthorizationSettings } from '../config/http-client/http-client-settings.ts'
import { authorize } from './authorize.ts'
import type { Link } from './chain.ts'
import { credentialReader, headerText } from './credential.ts'

/**
 * Sends `<type> <credentials>`; absent credentials are empty. A request that has an Authorization keeps it; one that a
 * redirect leads to another host gets none. Rejects with SluiceError CREDENTIALS_UNAVAILABLE if the file can't be
 * read (`unable to read authorization credentials`), or holds what no header may.
 */
export function authorization({ type, credentials }: AuthorizationSettings): Link {
  const readCredentials = credentialReader(credentials, 'unable to read authorization credentials')
  const read = () => headerText(`${type} ${readCredentials()}`, 'unable to use authorization credentials')
  return authorize('authorization', read)
}
