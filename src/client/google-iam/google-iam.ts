// Authorizes requests to Google Cloud Monitoring, as Prometheus' google_iam does.

import { homedir } from 'node:os'
import type { GoogleIamSettings } from '../../config/http-client/http-client-settings.ts'
import type { Send } from '../../wire/message.ts'
import { bearerLink } from '../bearer-link.ts'
import type { Link } from '../chain.ts'
import { importPackage, type LoadPackage } from '../optional-package.ts'
import { type IssuedToken, tokenCache } from '../token-cache.ts'
import { requestToken } from '../token-request.ts'
import { defaultCredentialsPath, readCredentialsFile } from './credentials-file.ts'
import { packageToken } from './package-token.ts'
import { authorizedUserRequest, metadataRequest, serviceAccountRequest } from './token-requests.ts'

export interface GoogleIamDependencies {
  /** Sends what the token server is asked; its answers must be bounded. */
  readonly tokenClient: Send
  /** Time of day in ms. */
  readonly now: () => number
  /** GOOGLE_APPLICATION_CREDENTIALS, GCE_METADATA_HOST, GOOGLE_CLOUD_QUOTA_PROJECT. */
  readonly env: NodeJS.ProcessEnv
  /** Where .config/gcloud is; default: the user's. */
  readonly homeDirectory?: string
  /** Loads the optional package google-auth-library. */
  readonly load?: LoadPackage
}

/** Google's libraries' own: so long before its end a token is renewed. */
const earlyMs = 5 * 60_000

/**
 * A link that rejects with SluiceError CREDENTIALS_UNAVAILABLE or PACKAGE_MISSING, nothing being sent, while there is
 * no token. Files are read anew for every token. Where credentials or environment name a project that pays,
 * X-Goog-User-Project names it too.
 */
export function googleIam(settings: GoogleIamSettings, deps: GoogleIamDependencies): Link {
  const { tokenClient, now, env, homeDirectory = homedir(), load = importPackage } = deps
  let billing: Readonly<Record<string, string>> = {}
  const fetchToken = async (): Promise<IssuedToken> => {
    const path = settings.credentialsFile || defaultCredentialsPath(env, homeDirectory)
    const file = path === undefined ? undefined : readCredentialsFile(path)
    const project = env.GOOGLE_CLOUD_QUOTA_PROJECT || (file?.type === 'authorized_user' && file.quotaProject)
    billing = project ? { 'x-goog-user-project': project } : {}
    if (path === undefined || file === undefined) return requestToken(tokenClient, now, metadataRequest(env))
    switch (file.type) {
      case 'service_account':
        return requestToken(tokenClient, now, serviceAccountRequest(file, now()))
      case 'authorized_user':
        return requestToken(tokenClient, now, authorizedUserRequest(file))
      case 'other':
        return packageToken(load, path, file.name)
    }
  }
  return bearerLink('google_iam', tokenCache({ fetchToken, now, earlyMs }), () => billing)
}
