// Signs every request with AWS Signature Version 4, as prometheus/sigv4 does. A request that a redirect leads to
// another host goes there unsigned.

import { homedir } from 'node:os'
import type { SigV4Settings } from '../../config/http-client/http-client-settings.ts'
import { SluiceError } from '../../errors.ts'
import type { Send } from '../../wire/message.ts'
import type { Link } from '../chain.ts'
import type { LoadPackage } from '../optional-package.ts'
import { isForeign } from '../redirect-hop.ts'
import { withToken } from '../with-token.ts'
import { awsCredentials, profileNameOf } from './credentials.ts'
import { type Profiles, profileReader } from './profiles.ts'
import { signRequest } from './sign.ts'

export interface SigV4Dependencies {
  /** Sends what STS is asked; its answers must be bounded. */
  readonly tokenClient: Send
  /** Time of day in ms. */
  readonly now: () => number
  /** The variables that AWS's SDKs know: keys, AWS_PROFILE, AWS_REGION, web identity, AWS_ENDPOINT_URL_STS. */
  readonly env: NodeJS.ProcessEnv
  /** Where .aws is; default: the user's. */
  readonly homeDirectory?: string
  /** Loads the optional package @aws-sdk/credential-provider-node. */
  readonly load?: LoadPackage
}

/**
 * A link that rejects with SluiceError CREDENTIALS_UNAVAILABLE or PACKAGE_MISSING, nothing being sent, while there are
 * no credentials. Throws CONFIG_INVALID if no region is known: setting, AWS_REGION, AWS_DEFAULT_REGION, profile.
 */
export function sigv4(settings: SigV4Settings, deps: SigV4Dependencies): Link {
  const { env, now, homeDirectory = homedir() } = deps
  const profiles = profileReader(env, homeDirectory)
  const region = settings.region || env.AWS_REGION || env.AWS_DEFAULT_REGION || regionOf(profiles, settings, env)
  if (!region) throw new SluiceError('CONFIG_INVALID', 'region not configured in sigv4 or in default credentials chain')
  const credentials = awsCredentials(settings, { ...deps, profiles, region })
  const service = settings.serviceName || 'aps'
  const link: Link = (next) => (request) =>
    isForeign(request)
      ? next(request)
      : withToken(credentials, request, async (keys, waited) =>
          next(await signRequest(waited, keys, { region, service, at: now(), sendsBodyHash: true })),
        )
  return Object.assign(Object.defineProperty(link, 'name', { value: 'sigv4' }), { signsBody: true as const })
}

function regionOf(profiles: () => Profiles, settings: SigV4Settings, env: NodeJS.ProcessEnv): string | undefined {
  return profiles().get(profileNameOf(settings, env).name)?.get('region')
}
