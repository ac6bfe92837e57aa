// What Google's token servers are asked, by kind of credentials.

import { createSign } from 'node:crypto'
import { type TokenRequest, unavailable } from '../token-request.ts'
import type { AuthorizedUser, ServiceAccount } from './credentials-file.ts'

/** As Prometheus' storage/remote/googleiam. */
export const scope = 'https://www.googleapis.com/auth/monitoring.write'

/** The assertion's claims hold for so many seconds; Google takes at most an hour. */
const assertionSeconds = 3600
/** It is dated back by so many seconds, since clocks differ. */
const backdatedSeconds = 10

/** An assertion signed with the account's key (RFC 7523). Throws SluiceError CREDENTIALS_UNAVAILABLE: the key is none. */
export function serviceAccountRequest(account: ServiceAccount, now: number): TokenRequest {
  const what = 'google_iam: service account'
  const issuedAt = Math.floor(now / 1000) - backdatedSeconds
  const header = { alg: 'RS256', typ: 'JWT', ...(account.privateKeyId ? { kid: account.privateKeyId } : {}) }
  const claims = {
    iss: account.clientEmail,
    scope,
    aud: account.tokenUri,
    iat: issuedAt,
    exp: issuedAt + assertionSeconds,
  }
  const unsigned = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  try {
    const signature = createSign('RSA-SHA256').update(unsigned).sign(account.privateKey, 'base64url')
    const assertion = `${unsigned}.${signature}`
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }
    return { what, url: account.tokenUri, form, secrets: [assertion] }
  } catch (cause) {
    throw unavailable(what, 'private_key is no private key in PEM', cause)
  }
}

export function authorizedUserRequest(user: AuthorizedUser): TokenRequest {
  return {
    what: 'google_iam: authorized user',
    url: user.tokenUri,
    form: {
      grant_type: 'refresh_token',
      client_id: user.clientId,
      client_secret: user.clientSecret,
      refresh_token: user.refreshToken,
    },
    secrets: [user.clientSecret, user.refreshToken],
  }
}

/** The machine's own account; GCE_METADATA_HOST (host or host:port) replaces the metadata server's address. */
export function metadataRequest(env: NodeJS.ProcessEnv): TokenRequest {
  const host = env.GCE_METADATA_HOST || '169.254.169.254'
  const path = '/computeMetadata/v1/instance/service-accounts/default/token'
  return {
    what: 'google_iam: there is no credentials file; metadata server',
    url: `http://${host}${path}?scopes=${encodeURIComponent(scope)}`,
    headers: { 'metadata-flavor': 'Google' },
    answerHeader: ['metadata-flavor', 'Google'],
  }
}
