// A token for kinds of credentials that only Google's own library knows (external accounts, impersonation …).

import { type LoadPackage, optionalPackage } from '../optional-package.ts'
import type { IssuedToken } from '../token-cache.ts'
import { isHeaderSafe, unavailable } from '../token-request.ts'
import { scope } from './token-requests.ts'

const authPackage = 'google-auth-library'

/** The part of google-auth-library 10 that is used. */
interface AuthPackage {
  readonly GoogleAuth: new (options: {
    readonly keyFilename: string
    readonly scopes: readonly string[]
  }) => {
    getClient(): Promise<{
      getAccessToken(): Promise<{ readonly token?: string | null }>
      readonly credentials: { readonly expiry_date?: number | null }
    }>
  }
}

/** `type` as the file says, for errors. Throws SluiceError PACKAGE_MISSING or CREDENTIALS_UNAVAILABLE. */
export async function packageToken(load: LoadPackage, path: string, type: string): Promise<IssuedToken> {
  const what = `google_iam: credentials of type ${JSON.stringify(type)}`
  const { GoogleAuth } = await optionalPackage<AuthPackage>(load, authPackage, what)
  try {
    const client = await new GoogleAuth({ keyFilename: path, scopes: [scope] }).getClient()
    const { token } = await client.getAccessToken()
    const expiresAt = client.credentials.expiry_date
    if (token && isHeaderSafe(token) && typeof expiresAt === 'number') return { value: token, expiresAt }
  } catch (cause) {
    throw unavailable(what, cause instanceof Error ? cause.message : String(cause), cause)
  }
  throw unavailable(what, `${authPackage} gave no usable token`)
}
