// Where AWS credentials come from, in the order of AWS's SDKs: settings, environment, web identity, shared files, and
// last the optional package, which knows all other places. A role from the settings is assumed with what was found.

import type { SigV4Settings } from '../../config/http-client/http-client-settings.ts'
import { SluiceError } from '../../errors.ts'
import type { Send } from '../../wire/message.ts'
import { credentialReader } from '../credential.ts'
import { importPackage, type LoadPackage, optionalPackage } from '../optional-package.ts'
import { type IssuedToken, tokenCache } from '../token-cache.ts'
import { isHeaderSafe, unavailable } from '../token-request.ts'
import type { TokenSource } from '../with-token.ts'
import type { Section } from './ini.ts'
import type { Profiles } from './profiles.ts'
import type { AwsCredentials } from './sign.ts'
import { callSts, type StsOptions } from './sts.ts'

export interface CredentialsOptions {
  readonly tokenClient: Send
  readonly now: () => number
  readonly env: NodeJS.ProcessEnv
  readonly profiles: () => Profiles
  readonly region: string
  readonly load?: LoadPackage
}

type Issued = IssuedToken<AwsCredentials>

/** As AWS's SDK for JavaScript: so long before their end credentials are renewed. */
const earlyMs = 5 * 60_000
/** Longest chain of source_profile. */
const maxProfiles = 5
const credentialsPackage = '@aws-sdk/credential-provider-node'

/** The part of @aws-sdk/credential-provider-node 3 that is used. */
interface CredentialsPackage {
  defaultProvider(options: {
    readonly profile?: string
  }): () => Promise<AwsCredentials & { readonly expiration?: Date }>
}

/** The profile that settings or environment name, and whether one does. */
export function profileNameOf(settings: SigV4Settings, env: NodeJS.ProcessEnv) {
  const name = settings.profile || env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE
  return { name: name || 'default', isNamed: Boolean(name) }
}

/** Credentials for one link: kept until shortly before their end, or until a shared file that they may be from changes. */
export function awsCredentials(settings: SigV4Settings, options: CredentialsOptions): TokenSource<AwsCredentials> {
  const { env, now, profiles } = options
  const finder = new Finder(settings, options)
  const cache = tokenCache({ fetchToken: () => finder.find(), now, earlyMs })
  if (settings.accessKey || (!settings.profile && keysOf(env) !== undefined)) return cache
  let seen: Profiles | undefined
  const fresh = () => {
    const read = profiles()
    if (seen !== undefined && seen !== read) cache.drop()
    seen = read
    return cache
  }
  return { current: () => fresh().current(), get: async (waiter) => fresh().get(waiter) }
}

class Finder {
  readonly #settings: SigV4Settings
  readonly #options: CredentialsOptions
  readonly #sts: StsOptions

  constructor(settings: SigV4Settings, options: CredentialsOptions) {
    this.#settings = settings
    this.#options = options
    this.#sts = { ...options, fips: settings.useFipsStsEndpoint }
  }

  async find(): Promise<Issued> {
    const base = await this.#base()
    const { roleArn, externalId } = this.#settings
    return roleArn ? this.#assume(base.value, roleArn, { externalId }) : base
  }

  #base(): Promise<Issued> | Issued {
    const { accessKey, secretKey, profile } = this.#settings
    if (accessKey && secretKey !== undefined)
      return lasting({ accessKeyId: accessKey, secretAccessKey: secretKey.reveal() })
    const { env } = this.#options
    const { name, isNamed } = profileNameOf(this.#settings, env)
    if (!profile) {
      const keys = keysOf(env)
      if (keys !== undefined) return lasting(keys)
      if (env.AWS_WEB_IDENTITY_TOKEN_FILE)
        return this.#webIdentity(env.AWS_WEB_IDENTITY_TOKEN_FILE, env.AWS_ROLE_ARN, env.AWS_ROLE_SESSION_NAME)
    }
    return this.#fromProfile(name, isNamed, [])
  }

  async #fromProfile(name: string, isNamed: boolean, path: readonly string[]): Promise<Issued> {
    const section = this.#options.profiles().get(name)
    if (section === undefined) {
      if (!isNamed) return this.#fromPackage(undefined)
      throw unavailable('sigv4', `the AWS profile "${name}" is in neither shared file; add it or correct the name`)
    }
    const source = section.get('source_profile')
    const role = section.get('role_arn')
    const keys = keysIn(section)
    const tokenFile = section.get('web_identity_token_file')
    const isPlainRole = role && !section.has('mfa_serial')
    if (isPlainRole && source && source !== name) {
      if (path.length >= maxProfiles || path.includes(source))
        throw unavailable('sigv4', `source_profile leads in a circle: ${[...path, name, source].join(' → ')}`)
      const base = await this.#fromProfile(source, true, [...path, name])
      return this.#assume(base.value, role, roleOptions(section))
    }
    if (isPlainRole && section.get('credential_source') === 'Environment') {
      const own = keysOf(this.#options.env)
      if (own !== undefined) return this.#assume(own, role, roleOptions(section))
    }
    if (keys !== undefined)
      return isPlainRole && source === name ? this.#assume(keys, role, roleOptions(section)) : lasting(keys)
    if (tokenFile) return this.#webIdentity(tokenFile, role, section.get('role_session_name'))
    return this.#fromPackage(isNamed ? name : undefined)
  }

  #assume(by: AwsCredentials, roleArn: string, { externalId, sessionName }: RoleOptions): Promise<Issued> {
    const parameters = { RoleArn: roleArn, RoleSessionName: sessionName || this.#sessionName() }
    return callSts(this.#sts, 'AssumeRole', externalId ? { ...parameters, ExternalId: externalId } : parameters, by)
  }

  #webIdentity(tokenFile: string, roleArn: string | undefined, sessionName: string | undefined): Promise<Issued> {
    if (!roleArn) throw unavailable('sigv4', 'there is a web identity token but no role for it; set AWS_ROLE_ARN')
    return callSts(this.#sts, 'AssumeRoleWithWebIdentity', {
      RoleArn: roleArn,
      RoleSessionName: sessionName || this.#sessionName(),
      WebIdentityToken: credentialReader({ kind: 'file', path: tokenFile }, 'sigv4: web identity token')(),
    })
  }

  #sessionName(): string {
    return `sluice-${this.#options.now()}`
  }

  async #fromPackage(profile: string | undefined): Promise<Issued> {
    const what =
      'sigv4: there are no credentials in settings, environment and shared files; any other source (SSO, ECS or EC2 ' +
      'metadata, a process)'
    const { load = importPackage } = this.#options
    const { defaultProvider } = await optionalPackage<CredentialsPackage>(load, credentialsPackage, what)
    try {
      const found = await defaultProvider(profile === undefined ? {} : { profile })()
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = found
      const value = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
      return { value: usable(value), expiresAt: expiration?.getTime() }
    } catch (cause) {
      if (cause instanceof SluiceError) throw cause
      throw unavailable('sigv4', `${credentialsPackage}: ${cause instanceof Error ? cause.message : cause}`, cause)
    }
  }
}

interface RoleOptions {
  readonly externalId?: string | undefined
  readonly sessionName?: string | undefined
}

const roleOptions = (section: Section): RoleOptions => ({
  externalId: section.get('external_id'),
  sessionName: section.get('role_session_name'),
})

const lasting = (value: AwsCredentials): Issued => ({ value: usable(value), expiresAt: undefined })

function keysOf(env: NodeJS.ProcessEnv): AwsCredentials | undefined {
  return keys(env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY, env.AWS_SESSION_TOKEN)
}

function keysIn(section: Section): AwsCredentials | undefined {
  return keys(section.get('aws_access_key_id'), section.get('aws_secret_access_key'), section.get('aws_session_token'))
}

function keys(
  accessKeyId: string | undefined,
  secretAccessKey: string | undefined,
  sessionToken: string | undefined,
): AwsCredentials | undefined {
  if (!accessKeyId || !secretAccessKey) return undefined
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
}

/** Both stand in headers as they are. */
function usable(credentials: AwsCredentials): AwsCredentials {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  if (!secretAccessKey || !isHeaderSafe(accessKeyId) || (sessionToken !== undefined && !isHeaderSafe(sessionToken)))
    throw unavailable('sigv4', 'the AWS credentials hold a character that no key or session token has')
  return credentials
}
