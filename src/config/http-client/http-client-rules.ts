// Which settings of the HTTP client go together: Prometheus's rules with its texts, in its order, then what it finds
// only when it builds the client, then our own. Prometheus stops at the first; here all are found.

import { quoted } from '../diagnostics.ts'
import { headerNameProblem, headerTokenProblem, headerValueProblem } from '../header-rules.ts'
import type { SettingValue } from '../setting-spec.ts'
import { isHttpUrl } from '../upstream-url.ts'
import { atMostOne, type ClientProblem, type ClientRule, keepOne, noManager } from './client-rule.ts'
import { type ClientValues, clientValues } from './client-values.ts'
import { azureAdRules, sigv4Rules } from './cloud-auth-rules.ts'
import { proxyRules, proxyUrlRule, tlsBuildRules, tlsRules } from './connection-rules.ts'
import { jwtBearer } from './http-client-settings.ts'
import { canonicalHeader, isReservedHeader, isReservedHttpHeader } from './reserved-headers.ts'

const bearers = ['bearer_token', 'bearer_token_file'] as const
const bearer = (values: ClientValues): string | undefined => bearers.find((path) => values.isSet(path))

/** remote_write's `headers`. */
const headers: ClientRule = (values) =>
  Object.keys(values.get('headers') ?? {}).flatMap((name): readonly ClientProblem[] => {
    const at = { path: 'headers', part: name, hint: 'take it out' }
    if (name.toLowerCase() === 'authorization') {
      const message =
        'authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter'
      return [{ ...at, message }]
    }
    return isReservedHeader(name) ? [{ ...at, message: `${name} is a reserved header. It must not be changed` }] : []
  })

const bearerBeside: ClientRule = (values) => {
  const path = bearer(values)
  if (path === undefined || !(values.hasGroup('basic_auth') || values.hasGroup('oauth2'))) return undefined
  const message = 'at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured'
  return { path, message, hint: 'keep one way to sign in' }
}

const bearerAndAuthorization: ClientRule = (values) => {
  const path = bearer(values)
  if (path === undefined || !values.hasGroup('authorization')) return undefined
  const message = 'authorization is not compatible with bearer_token & bearer_token_file'
  return { path, message, hint: 'write the token as `authorization.credentials`' }
}

const notBasic: ClientRule = (values) =>
  values.text('authorization.type').trim().toLowerCase() === 'basic'
    ? {
        path: 'authorization.type',
        message: 'authorization type cannot be set to "basic", use "basic_auth" instead',
        hint: 'write basic_auth: { username: …, password: … }',
      }
    : undefined

const oneOfThree: ClientRule = (values) => {
  const given = ['basic_auth', 'authorization', 'oauth2'].filter((group) => values.hasGroup(group))
  if (given.length < 2) return undefined
  const message = 'at most one of basic_auth, oauth2 & authorization must be configured'
  return { path: given[1] as string, message, hint: keepOne(given) }
}

const oauth2Needs =
  (key: string): ClientRule =>
  (values) =>
    values.hasGroup('oauth2') && !values.isSet(`oauth2.${key}`)
      ? { path: 'oauth2', message: `oauth2 ${key} must be configured`, hint: `add \`oauth2.${key}\`` }
      : undefined

const isJwt = (values: ClientValues): boolean => values.text('oauth2.grant_type') === jwtBearer

const certificateKeys = atMostOne(
  `at most one of oauth2 client_certificate_key, client_certificate_key_file & client_certificate_key_ref must be configured using grant-type=${jwtBearer}`,
  'oauth2.client_certificate_key',
  'oauth2.client_certificate_key_file',
  'oauth2.client_certificate_key_ref',
)
const clientSecrets = atMostOne(
  'at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured using grant-type=client_credentials',
  'oauth2.client_secret',
  'oauth2.client_secret_file',
  'oauth2.client_secret_ref',
)

const signatureAlgorithm: ClientRule = (values) =>
  !isJwt(values) || ['', 'RS256', 'RS384', 'RS512'].includes(values.text('oauth2.signature_algorithm'))
    ? undefined
    : {
        path: 'oauth2.signature_algorithm',
        message: 'valid signature algorithms are RS256, RS384 and RS512',
        hint: 'choose one of them',
      }

const httpHeaders: ClientRule = (values) =>
  Object.keys(values.get('http_headers') ?? {})
    .filter(isReservedHttpHeader)
    .map((name) => ({
      path: 'http_headers',
      part: name,
      message: `setting header ${quoted(canonicalHeader(name))} is not allowed`,
      hint: 'take it out',
    }))

const clouds = ['sigv4', 'azuread', 'google_iam']

/** Prometheus comes to this rule only if the others are kept: it is about the three that remote_write adds. */
const oneOfSix: ClientRule = (values) => {
  const given = ['basic_auth', 'authorization', 'oauth2', ...clouds].filter(
    (name) => values.hasGroup(name) || (name === 'authorization' && bearer(values) !== undefined),
  )
  const path = clouds.findLast((group) => values.hasGroup(group))
  if (given.length < 2 || path === undefined) return undefined
  const message = `at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured. Currently configured: [${given.join(' ')}]`
  return { path, message, hint: keepOne(given) }
}

/** Go finds these when it sends. */
const fitForHeader =
  (path: string): ClientRule =>
  (values) => {
    const message = headerValueProblem(values.text(path))
    return message === undefined ? undefined : { path, message, hint: 'write one line of printable text' }
  }

/** Headers that Prometheus lets through though they say how the message itself is sent. */
const framing: ClientRule = (values) =>
  ['headers', 'http_headers'].flatMap((path) =>
    Object.keys(values.get(path) ?? {}).flatMap((name) => {
      const isElsewhere = isReservedHttpHeader(name) || headerTokenProblem(name) !== undefined
      const message = isElsewhere ? undefined : headerNameProblem(name)
      return message === undefined ? [] : [{ path, part: name, message, hint: 'take it out' }]
    }),
  )

const tokenUrl: ClientRule = (values) => {
  const path = 'oauth2.token_url'
  const text = values.text(path)
  if (text === '') return undefined
  if (!isHttpUrl(text))
    return { path, message: 'this is no http or https URL', hint: 'write a URL such as https://auth.example/token' }
  const { username, password } = new URL(text)
  if (username === '' && password === '') return undefined
  const hint = 'give them as `oauth2.client_id` and `oauth2.client_secret`'
  return { path, message: 'user and password have no place in this URL', hint }
}

const rules: readonly ClientRule[] = [
  ...tlsRules('tls_config.'),
  ...tlsRules('oauth2.tls_config.'),
  ...proxyRules('oauth2.'),
  ...azureAdRules,
  ...sigv4Rules,
  headers,
  atMostOne('at most one of bearer_token & bearer_token_file must be configured', ...bearers),
  bearerBeside,
  atMostOne(
    'at most one of basic_auth username, username_file & username_ref must be configured',
    'basic_auth.username',
    'basic_auth.username_file',
    'basic_auth.username_ref',
  ),
  atMostOne(
    'at most one of basic_auth password, password_file & password_ref must be configured',
    'basic_auth.password',
    'basic_auth.password_file',
    'basic_auth.password_ref',
  ),
  bearerAndAuthorization,
  atMostOne(
    'at most one of authorization credentials & credentials_file must be configured',
    'authorization.credentials',
    'authorization.credentials_file',
    'authorization.credentials_ref',
  ),
  notBasic,
  oneOfThree,
  oauth2Needs('client_id'),
  oauth2Needs('token_url'),
  (values) => (isJwt(values) ? certificateKeys(values) : undefined),
  signatureAlgorithm,
  (values) => (isJwt(values) ? undefined : clientSecrets(values)),
  ...proxyRules(''),
  httpHeaders,
  oneOfSix,
  ...tlsBuildRules('tls_config.'),
  ...tlsBuildRules('oauth2.tls_config.'),
  ...noManager(
    'basic_auth.username_ref',
    'basic_auth.password_ref',
    'authorization.credentials_ref',
    'oauth2.client_secret_ref',
    'oauth2.client_certificate_key_ref',
  ),
  proxyUrlRule(''),
  proxyUrlRule('oauth2.'),
  framing,
  tokenUrl,
  ...['authorization.type', 'authorization.credentials', 'bearer_token'].map(fitForHeader),
]

type Given = ReadonlyMap<string, SettingValue>

/** A rule that looks at a row that could not be read says nothing: one mistake, one problem. */
function runRules(all: readonly ClientRule[], given: Given, failed: ReadonlySet<string>): readonly ClientProblem[] {
  return all.flatMap((rule) => {
    let isUnclear = false
    const values = clientValues(given, failed, () => {
      isUnclear = true
    })
    const found = rule(values)
    return isUnclear ? [] : (found ?? [])
  })
}

/** Everything that is wrong between the settings of the client; `failed` are rows that could not be read. */
export const checkHttpClient = (given: Given, failed: ReadonlySet<string>): readonly ClientProblem[] =>
  runRules(rules, given, failed)

/** The same for a tls_config alone, whose rows stand at the top. */
export const checkTls = (given: Given, failed: ReadonlySet<string>): readonly ClientProblem[] =>
  runRules([...tlsRules(''), ...tlsBuildRules('')], given, failed)
