// How requests sign in: the one of six ways that the rows give.

import { given } from '../given.ts'
import { Secret } from '../secret.ts'
import type { SecretMap } from '../setting-spec.ts'
import type {
  AuthorizationSettings,
  AzureAdSettings,
  BasicAuthSettings,
  GoogleIamSettings,
  HttpClientSettings,
  OAuth2Settings,
  SigV4Settings,
} from './http-client-settings.ts'
import { type Rows, settleProxy, settleTls } from './settle-rows.ts'

const basicAuth = (rows: Rows): BasicAuthSettings =>
  given<BasicAuthSettings>({
    username: rows.source('basic_auth.username', 'basic_auth.username_file'),
    password: rows.source('basic_auth.password', 'basic_auth.password_file'),
  })

/** bearer_token and bearer_token_file are older names of the same. */
function authorization(rows: Rows): AuthorizationSettings | undefined {
  const bearer = rows.source('bearer_token', 'bearer_token_file')
  if (rows.hasGroup('authorization')) {
    const type = rows.text('authorization.type').trim()
    return given<AuthorizationSettings>({
      type: type === '' ? 'Bearer' : type,
      credentials: rows.source('authorization.credentials', 'authorization.credentials_file'),
    })
  }
  return bearer === undefined ? undefined : { type: 'Bearer', credentials: bearer }
}

function oauth2(rows: Rows): OAuth2Settings {
  const algorithm = rows.text('oauth2.signature_algorithm')
  return given<OAuth2Settings>({
    clientId: rows.text('oauth2.client_id'),
    clientSecret: rows.source('oauth2.client_secret', 'oauth2.client_secret_file'),
    grantType: rows.textOr('oauth2.grant_type') ?? 'client_credentials',
    clientCertificateKeyId: rows.textOr('oauth2.client_certificate_key_id'),
    clientCertificateKey: rows.source('oauth2.client_certificate_key', 'oauth2.client_certificate_key_file'),
    signatureAlgorithm: algorithm === 'RS384' || algorithm === 'RS512' ? algorithm : 'RS256',
    iss: rows.textOr('oauth2.iss'),
    audience: rows.textOr('oauth2.audience'),
    claims: (rows.get('oauth2.claims') ?? {}) as Readonly<Record<string, unknown>>,
    scopes: (rows.get('oauth2.scopes') ?? []) as readonly string[],
    tokenUrl: rows.text('oauth2.token_url'),
    endpointParams: (rows.get('oauth2.endpoint_params') ?? {}) as SecretMap,
    tls: settleTls(rows, 'oauth2.tls_config.'),
    proxy: settleProxy(rows, 'oauth2.'),
  })
}

const sigv4 = (rows: Rows): SigV4Settings =>
  given<SigV4Settings>({
    region: rows.textOr('sigv4.region'),
    accessKey: rows.textOr('sigv4.access_key'),
    secretKey: rows.secret('sigv4.secret_key'),
    profile: rows.textOr('sigv4.profile'),
    roleArn: rows.textOr('sigv4.role_arn'),
    externalId: rows.textOr('sigv4.external_id'),
    useFipsStsEndpoint: rows.boolean('sigv4.use_fips_sts_endpoint') ?? false,
    serviceName: rows.textOr('sigv4.service_name') ?? 'aps',
  })

/** Where the webhook of Azure's workload identity puts the token, unless its variable says otherwise. */
const workloadTokenFile = (): string =>
  process.env.AZURE_FEDERATED_TOKEN_FILE || '/var/run/secrets/azure/tokens/azure-identity-token'

function azureCredential(rows: Rows): AzureAdSettings['credential'] | undefined {
  const at = (path: string): string => rows.text(`azuread.${path}`)
  if (rows.hasGroup('azuread.managed_identity'))
    return { kind: 'managed_identity', clientId: at('managed_identity.client_id') }
  if (rows.hasGroup('azuread.workload_identity'))
    return {
      kind: 'workload_identity',
      clientId: at('workload_identity.client_id'),
      tenantId: at('workload_identity.tenant_id'),
      tokenFilePath: rows.file('azuread.workload_identity.token_file_path') ?? workloadTokenFile(),
    }
  if (rows.hasGroup('azuread.oauth'))
    return {
      kind: 'oauth',
      clientId: at('oauth.client_id'),
      clientSecret: new Secret(at('oauth.client_secret')),
      tenantId: at('oauth.tenant_id'),
    }
  return rows.hasGroup('azuread.sdk') ? { kind: 'sdk', tenantId: at('sdk.tenant_id') } : undefined
}

function azuread(rows: Rows): AzureAdSettings | undefined {
  const credential = azureCredential(rows)
  if (credential === undefined) return undefined
  const cloud = (rows.textOr('azuread.cloud') ?? 'AzurePublic') as AzureAdSettings['cloud']
  return given<AzureAdSettings>({ cloud, scope: rows.textOr('azuread.scope'), credential })
}

type Auth = Pick<HttpClientSettings, (typeof authKeys)[number]>

/** The properties of HttpClientSettings of which there is at most one. */
export const authKeys = ['basicAuth', 'authorization', 'oauth2', 'sigv4', 'azuread', 'googleIam'] as const

export const settleAuth = (rows: Rows): Auth =>
  given<Auth>({
    basicAuth: rows.hasGroup('basic_auth') ? basicAuth(rows) : undefined,
    authorization: authorization(rows),
    oauth2: rows.hasGroup('oauth2') ? oauth2(rows) : undefined,
    sigv4: rows.hasGroup('sigv4') ? sigv4(rows) : undefined,
    azuread: rows.hasGroup('azuread') ? azuread(rows) : undefined,
    googleIam: rows.hasGroup('google_iam')
      ? given<GoogleIamSettings>({ credentialsFile: rows.file('google_iam.credentials_file') })
      : undefined,
  })
