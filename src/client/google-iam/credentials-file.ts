// Google's credential files: where they are looked for, and what of them is understood here.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { jsonObject, unavailable } from '../token-request.ts'

export interface ServiceAccount {
  readonly type: 'service_account'
  readonly clientEmail: string
  /** PEM. */
  readonly privateKey: string
  readonly privateKeyId?: string
  readonly tokenUri: string
}

export interface AuthorizedUser {
  readonly type: 'authorized_user'
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
  readonly tokenUri: string
  /** Who pays for the user's requests. */
  readonly quotaProject?: string
}

/** `other`: a kind that the optional package may know. */
export type CredentialsFile = ServiceAccount | AuthorizedUser | { readonly type: 'other'; readonly name: string }

const defaultTokenUri = 'https://oauth2.googleapis.com/token'

/**
 * The file to use: GOOGLE_APPLICATION_CREDENTIALS, or what gcloud's `application-default login` wrote; undefined if
 * the variable is not set and that file not there.
 */
export function defaultCredentialsPath(env: NodeJS.ProcessEnv, homeDirectory: string): string | undefined {
  if (env.GOOGLE_APPLICATION_CREDENTIALS) return env.GOOGLE_APPLICATION_CREDENTIALS
  const folder = process.platform === 'win32' ? (env.APPDATA ?? homeDirectory) : join(homeDirectory, '.config')
  const path = join(folder, 'gcloud', 'application_default_credentials.json')
  return existsSync(path) ? path : undefined
}

/** Throws SluiceError CREDENTIALS_UNAVAILABLE, quoting nothing of the file, if it can't be read or lacks something. */
export function readCredentialsFile(path: string): CredentialsFile {
  const what = `google_iam: credentials file ${path}`
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw unavailable(what, (cause as Error).message, cause)
  }
  const fields = jsonObject(text)
  if (fields === undefined) throw unavailable(what, 'it is no JSON object')
  const optional = (name: string) =>
    typeof fields[name] === 'string' && fields[name] !== '' ? fields[name] : undefined
  const needed = (name: string) => {
    const value = optional(name)
    if (value === undefined) throw unavailable(what, `it has no ${name}`)
    return value
  }
  const type = needed('type')
  const tokenUri = optional('token_uri') ?? defaultTokenUri
  if (type === 'service_account') {
    const privateKeyId = optional('private_key_id')
    return {
      type,
      clientEmail: needed('client_email'),
      privateKey: needed('private_key'),
      ...(privateKeyId === undefined ? {} : { privateKeyId }),
      tokenUri,
    }
  }
  if (type === 'authorized_user') {
    const quotaProject = optional('quota_project_id')
    return {
      type,
      clientId: needed('client_id'),
      clientSecret: needed('client_secret'),
      refreshToken: needed('refresh_token'),
      ...(quotaProject === undefined ? {} : { quotaProject }),
      tokenUri,
    }
  }
  return { type: 'other', name: type }
}
