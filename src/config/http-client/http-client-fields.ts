// Every setting of the HTTP client, once, by its path: prometheus/common's HTTPClientConfig and what remote_write adds
// to it. Files, options, the proxy's group `client.` and overrides read them from here. The first row of each group is
// a plain text: '' there means that the group is given, but empty.

import type { SettingSpec } from '../setting-spec.ts'
import { jwtBearer } from './http-client-settings.ts'

const reread = 'read again whenever it changes'
const ref = {
  type: 'string',
  doc: 'Name in a secret manager; there is none, so that setting it is an error.',
} as const

const tlsVersion = {
  type: 'enum',
  values: ['TLS10', 'TLS11', 'TLS12', 'TLS13'],
  exact: 'unknown TLS version: ',
} as const

/** prometheus/common TLSConfig. */
export const tlsFields = {
  ca: {
    type: 'string',
    defaultText: 'the system’s',
    doc: 'PEM text of the only certificate authorities that are trusted.',
  },
  ca_file: {
    type: 'string',
    defaultText: 'the system’s',
    doc: `PEM file of the only certificate authorities that are trusted, ${reread}.`,
  },
  ca_ref: ref,
  cert: { type: 'string', doc: 'PEM text of the client’s certificate; it needs a key.' },
  cert_file: { type: 'string', doc: `PEM file of the client’s certificate, ${reread}; it needs a key.` },
  cert_ref: ref,
  key: { type: 'secret', doc: 'PEM text of the certificate’s key.' },
  key_file: { type: 'string', doc: `PEM file of the certificate’s key, ${reread}.` },
  key_ref: ref,
  server_name: {
    type: 'string',
    defaultText: 'the URL’s host',
    doc: 'Name that the server’s certificate must have, and that is asked for.',
  },
  insecure_skip_verify: {
    type: 'boolean',
    defaultText: '`false`',
    doc: 'The server’s certificate is not checked.',
  },
  min_version: { ...tlsVersion, defaultText: '`TLS12`', doc: 'The oldest version of TLS that is spoken.' },
  max_version: { ...tlsVersion, defaultText: '`TLS13`', doc: 'The newest version of TLS that is spoken.' },
} as const satisfies Record<string, SettingSpec>

/** prometheus/common ProxyConfig. */
export const proxyFields = {
  proxy_url: {
    type: 'secret',
    isUrl: true,
    doc: 'HTTP, HTTPS or SOCKS5 proxy through which requests go; user and password in it sign in there.',
  },
  no_proxy: {
    type: 'string',
    doc: 'Hosts, domains, addresses and networks that are reached without the proxy, comma-separated.',
  },
  proxy_from_environment: {
    type: 'boolean',
    defaultText: '`false`',
    doc: 'The variables `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` say which proxy.',
  },
  proxy_connect_header: {
    type: 'map',
    of: 'secrets',
    isHeaders: true,
    doc: 'Headers for the proxy’s CONNECT requests: a list of values each.',
  },
} as const satisfies Record<string, SettingSpec>

type Under<G extends string, F> = { readonly [P in keyof F & string as `${G}.${P}`]: F[P] }

/** The rows with a group's name before their paths. */
export const under = <const G extends string, const F extends object>(group: G, fields: F): Under<G, F> =>
  Object.fromEntries(Object.entries(fields).map(([path, spec]) => [`${group}.${path}`, spec])) as Under<G, F>

export const basicAuthFields = {
  username: { type: 'string', doc: 'User name for Basic auth.' },
  username_file: { type: 'string', doc: `File that holds the user name, ${reread}.` },
  username_ref: ref,
  password: { type: 'secret', doc: 'Password for Basic auth.' },
  password_file: { type: 'string', doc: `File that holds the password, ${reread}.` },
  password_ref: ref,
} as const satisfies Record<string, SettingSpec>

const authorization = {
  type: { type: 'string', defaultText: '`Bearer`', doc: 'What stands before the credentials; not `Basic`.' },
  credentials: { type: 'secret', doc: 'What the header Authorization says after the type.' },
  credentials_file: { type: 'string', doc: `File that holds the credentials, ${reread}.` },
  credentials_ref: ref,
} as const satisfies Record<string, SettingSpec>

const oauth2 = {
  client_id: { type: 'string', doc: 'Id of the client at the token server; required.' },
  client_secret: { type: 'secret', doc: 'Secret of the client.' },
  client_secret_file: { type: 'string', doc: `File that holds the secret, ${reread}; a new one gets a new token.` },
  client_secret_ref: ref,
  client_certificate_key_id: { type: 'string', doc: 'Id of the key that signs, the header `kid` of an assertion.' },
  client_certificate_key: { type: 'secret', doc: 'PEM text of the key that signs assertions.' },
  client_certificate_key_file: { type: 'string', doc: `PEM file of the key that signs assertions, ${reread}.` },
  client_certificate_key_ref: ref,
  grant_type: {
    type: 'string',
    defaultText: '`client_credentials`',
    doc: `How a token is asked for: with the secret, or (\`${jwtBearer}\`) with a signed assertion.`,
  },
  signature_algorithm: {
    type: 'string',
    defaultText: '`RS256`',
    doc: 'RS256, RS384 or RS512: how assertions are signed.',
  },
  iss: { type: 'string', defaultText: '`client_id`', doc: 'Issuer of assertions.' },
  audience: { type: 'string', defaultText: '`token_url`', doc: 'Audience of assertions.' },
  claims: { type: 'object', doc: 'Further claims of assertions; they replace others of the same name.' },
  scopes: { type: 'list', of: 'text', doc: 'Scopes that are asked for.' },
  token_url: { type: 'string', doc: 'URL of the token server, http or https; required.' },
  endpoint_params: { type: 'map', of: 'secret', doc: 'Further parameters of token requests.' },
  ...under('tls_config', tlsFields),
  ...proxyFields,
} as const satisfies Record<string, SettingSpec>

const sigv4 = {
  region: { type: 'string', defaultText: 'the environment’s or the profile’s', doc: 'AWS region.' },
  access_key: { type: 'string', doc: 'AWS access key id; with `secret_key` or not at all.' },
  secret_key: { type: 'secret', doc: 'AWS secret access key.' },
  profile: { type: 'string', doc: 'Profile of the AWS configuration files.' },
  role_arn: { type: 'string', doc: 'Role that is assumed.' },
  external_id: { type: 'string', doc: 'External id for assuming the role.' },
  use_fips_sts_endpoint: { type: 'boolean', defaultText: '`false`', doc: 'The role is assumed at a FIPS endpoint.' },
  service_name: { type: 'string', defaultText: '`aps`', doc: 'AWS service that requests are signed for.' },
} as const satisfies Record<string, SettingSpec>

const azuread = {
  cloud: {
    type: 'string',
    defaultText: '`AzurePublic`',
    doc: 'One of `AzurePublic`, `AzureChina` and `AzureGovernment`.',
  },
  scope: { type: 'string', defaultText: 'the cloud’s ingestion audience', doc: 'Scope of the token.' },
  'managed_identity.client_id': {
    type: 'string',
    defaultText: 'the machine’s own identity',
    doc: 'Client id (UUID) of a managed identity.',
  },
  'oauth.client_id': { type: 'string', doc: 'Client id (UUID) of an application.' },
  'oauth.client_secret': { type: 'secret', doc: 'Secret of the application.' },
  'oauth.tenant_id': { type: 'string', doc: 'Tenant of the application.' },
  'sdk.tenant_id': {
    type: 'string',
    defaultText: 'the environment’s',
    doc: 'Tenant for the credentials of the Azure SDK.',
  },
  'workload_identity.client_id': { type: 'string', doc: 'Client id (UUID) of the workload’s identity.' },
  'workload_identity.tenant_id': { type: 'string', doc: 'Tenant (UUID) of the workload’s identity.' },
  'workload_identity.token_file_path': {
    type: 'string',
    defaultText: '`AZURE_FEDERATED_TOKEN_FILE`, else `/var/run/secrets/azure/tokens/azure-identity-token`',
    doc: 'File that holds the workload’s token.',
  },
} as const satisfies Record<string, SettingSpec>

export const httpClientFields = {
  ...under('basic_auth', basicAuthFields),
  ...under('authorization', authorization),
  ...under('oauth2', oauth2),
  bearer_token: { type: 'secret', doc: 'The same as `authorization.credentials`, which is the newer name.' },
  bearer_token_file: { type: 'string', doc: 'The same as `authorization.credentials_file`, which is the newer name.' },
  ...under('sigv4', sigv4),
  ...under('azuread', azuread),
  'google_iam.credentials_file': {
    type: 'string',
    defaultText: 'application default credentials',
    doc: 'JSON file of a Google service account.',
  },
  ...under('tls_config', tlsFields),
  ...proxyFields,
  follow_redirects: {
    type: 'boolean',
    defaultText: '`true`',
    doc: 'Redirects are followed, without credentials where they lead to another host.',
  },
  enable_http2: { type: 'boolean', defaultText: '`false`', doc: 'HTTP/2 is spoken where the server can.' },
  http_headers: {
    type: 'http_headers',
    doc: 'Headers that are added: `values`, `secrets` and `files` of each, all lists.',
  },
  headers: {
    type: 'map',
    of: 'secret',
    isHeaders: true,
    doc: 'Headers that are set in place of those that a request has; `Authorization` and the protocol’s own are refused.',
  },
  round_robin_dns: {
    type: 'boolean',
    defaultText: '`false`',
    doc: 'The host’s name is looked up for each connection, and its addresses are taken in turn.',
  },
} as const satisfies Record<string, SettingSpec>
