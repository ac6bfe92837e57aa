// Authorizes requests to Azure Monitor, as Prometheus' azuread does: a token of Microsoft Entra, renewed when half of
// its life is over.

import type { AzureAdSettings } from '../../config/http-client/http-client-settings.ts'
import type { Send } from '../../wire/message.ts'
import { bearerLink } from '../bearer-link.ts'
import type { Link } from '../chain.ts'
import { importPackage, type LoadPackage } from '../optional-package.ts'
import { type IssuedToken, tokenCache } from '../token-cache.ts'
import { requestToken } from '../token-request.ts'
import { authorityOf, clouds } from './clouds.ts'
import { entraRequest } from './entra-token.ts'
import { managedIdentityRequest } from './managed-identity.ts'
import { sdkToken } from './sdk-token.ts'

export interface AzureAdDependencies {
  /** Sends what the token server is asked; its answers must be bounded. */
  readonly tokenClient: Send
  /** Time of day in ms. */
  readonly now: () => number
  /** AZURE_AUTHORITY_HOST, AZURE_POD_IDENTITY_AUTHORITY_HOST, IDENTITY_ENDPOINT and IDENTITY_HEADER. */
  readonly env: NodeJS.ProcessEnv
  /** Loads the optional package @azure/identity. */
  readonly load?: LoadPackage
}

/**
 * A link that rejects with SluiceError CREDENTIALS_UNAVAILABLE or PACKAGE_MISSING, nothing being sent, while there is
 * no token.
 */
export function azuread(settings: AzureAdSettings, deps: AzureAdDependencies): Link {
  const fetchToken = fetcherOf(settings, deps)
  return bearerLink('azuread', tokenCache({ fetchToken, now: deps.now, earlyMs: Number.POSITIVE_INFINITY }))
}

function fetcherOf(settings: AzureAdSettings, deps: AzureAdDependencies): () => Promise<IssuedToken> {
  const { cloud, credential, scope = clouds[cloud].scope } = settings
  const { tokenClient, now, env, load = importPackage } = deps
  const authority = authorityOf(cloud, env)
  switch (credential.kind) {
    case 'managed_identity':
      return () => requestToken(tokenClient, now, managedIdentityRequest(credential.clientId, scope, env))
    case 'oauth':
    case 'workload_identity':
      return async () => requestToken(tokenClient, now, entraRequest(credential, scope, authority))
    case 'sdk':
      return sdkToken({ tenantId: credential.tenantId, authority, scope, load })
  }
}
