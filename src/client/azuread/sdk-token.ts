// A token by whatever way Azure's own library finds (CLI login, developer tools, certificates in the environment …).

import { type LoadPackage, optionalPackage } from '../optional-package.ts'
import type { IssuedToken } from '../token-cache.ts'
import { isHeaderSafe, unavailable } from '../token-request.ts'

const identityPackage = '@azure/identity'
const what = 'azuread: sdk'

/** The part of @azure/identity 4 that is used. */
interface IdentityPackage {
  readonly DefaultAzureCredential: new (options: {
    readonly tenantId?: string
    readonly authorityHost: string
  }) => { getToken(scope: string): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null> }
}

export interface SdkOptions {
  /** '': whatever the library chooses. */
  readonly tenantId: string
  readonly authority: string
  readonly scope: string
  readonly load: LoadPackage
}

/** A function that fetches; the package is loaded, and its credential made, when it is first called. */
export function sdkToken({ tenantId, authority, scope, load }: SdkOptions): () => Promise<IssuedToken> {
  let credential: InstanceType<IdentityPackage['DefaultAzureCredential']> | undefined
  return async () => {
    const { DefaultAzureCredential } = await optionalPackage<IdentityPackage>(load, identityPackage, what)
    try {
      credential ??= new DefaultAzureCredential({
        authorityHost: authority,
        ...(tenantId === '' ? {} : { tenantId }),
      })
      const issued = await credential.getToken(scope)
      if (issued !== null && isHeaderSafe(issued.token))
        return { value: issued.token, expiresAt: issued.expiresOnTimestamp }
    } catch (cause) {
      throw unavailable(what, cause instanceof Error ? cause.message : String(cause), cause)
    }
    throw unavailable(what, `${identityPackage} gave no usable token`)
  }
}
