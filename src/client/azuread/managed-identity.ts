// A token of the machine's own identity, from the metadata service of virtual machines and AKS, or from App Service.

import type { TokenRequest } from '../token-request.ts'

const what = 'azuread: managed_identity'

/**
 * `clientId`: '' is the one that the system assigned. AZURE_POD_IDENTITY_AUTHORITY_HOST replaces the metadata service's
 * address; IDENTITY_ENDPOINT and IDENTITY_HEADER are App Service's. Both want a resource where others want a scope.
 */
export function managedIdentityRequest(clientId: string, scope: string, env: NodeJS.ProcessEnv): TokenRequest {
  const query = { resource: scope.replace(/\/\.default$/, ''), ...(clientId === '' ? {} : { client_id: clientId }) }
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header } = env
  if (endpoint && header)
    return {
      what,
      url: withQuery(endpoint, { 'api-version': '2019-08-01', ...query }),
      headers: { 'x-identity-header': header },
      secrets: [header],
    }
  const host = (env.AZURE_POD_IDENTITY_AUTHORITY_HOST || 'http://169.254.169.254').replace(/\/+$/, '')
  return {
    what,
    url: withQuery(`${host}/metadata/identity/oauth2/token`, { 'api-version': '2018-02-01', ...query }),
    headers: { metadata: 'true' },
  }
}

const withQuery = (url: string, query: Readonly<Record<string, string>>): string =>
  `${url}${url.includes('?') ? '&' : '?'}${new URLSearchParams(query)}`
