// A token of an application registered with Microsoft Entra, by the client credentials grant: proved by its secret, or
// by the token that the cluster projects into a file (workload identity), which is read anew for every request.

import type { AzureAdSettings } from '../../config/http-client/http-client-settings.ts'
import { credentialReader } from '../credential.ts'
import type { TokenRequest } from '../token-request.ts'

type Application = Extract<AzureAdSettings['credential'], { readonly kind: 'oauth' | 'workload_identity' }>

/** `authority` has no slash at its end. Throws SluiceError CREDENTIALS_UNAVAILABLE if the token file can't be read. */
export function entraRequest(application: Application, scope: string, authority: string): TokenRequest {
  const { clientId, tenantId } = application
  const proof = proofOf(application)
  return {
    what: `azuread: ${application.kind}`,
    url: `${authority}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
    form: { client_id: clientId, grant_type: 'client_credentials', scope, ...proof },
    secrets: [proof.client_secret ?? '', proof.client_assertion ?? ''],
  }
}

function proofOf(application: Application): Readonly<Record<string, string>> {
  if (application.kind === 'oauth') return { client_secret: application.clientSecret.reveal() }
  const file = { kind: 'file', path: application.tokenFilePath } as const
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: credentialReader(file, 'azuread: workload_identity: token file')(),
  }
}
