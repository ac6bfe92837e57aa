import { expect, test } from 'vitest'
import { jwtBearer } from './http-client-settings.ts'
import { loadHttpClientFile, loadTlsConfig } from './load-http-client.ts'

const load = (text: string) => loadHttpClientFile({ name: 'c', text })
const fine = (text: string) => expect(load(text)).toMatchObject({ ok: true, diagnostics: [] })
const refused = (text: string, ...messages: string[]) => {
  const loaded = load(text)
  expect(loaded.ok).toBe(false)
  expect(loaded.diagnostics.map(({ message }) => message)).toEqual(messages)
}

const id = '0193f3a4-7b5c-7d88-8c5e-111111111111'

test('the nineteen rules of HTTPClientConfig', () => {
  refused('bearer_token: a\nbearer_token_file: b', 'at most one of bearer_token & bearer_token_file must be configured')
  const beside = 'at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured'
  refused('basic_auth: {}\nbearer_token: a', beside)
  refused('oauth2: { client_id: a, token_url: http://t }\nbearer_token_file: a', beside)
  const username = 'at most one of basic_auth username, username_file & username_ref must be configured'
  refused('basic_auth: { username: a, username_file: b }', username)
  const manager = 'cannot use secret ref without manager'
  refused('basic_auth: { username: a, username_ref: b }', username, manager)
  refused(
    'basic_auth: { password: a, password_file: b }',
    'at most one of basic_auth password, password_file & password_ref must be configured',
  )
  refused('authorization: {}\nbearer_token: a', 'authorization is not compatible with bearer_token & bearer_token_file')
  refused(
    'authorization: { credentials: a, credentials_file: b }',
    'at most one of authorization credentials & credentials_file must be configured',
  )
  refused('authorization: { type: " bAsic " }', 'authorization type cannot be set to "basic", use "basic_auth" instead')
  const three = 'at most one of basic_auth, oauth2 & authorization must be configured'
  refused('authorization: {}\nbasic_auth: {}', three)
  refused('authorization: {}\noauth2: { client_id: a, token_url: http://t }', three)
  refused('basic_auth: {}\noauth2: { client_id: a, token_url: http://t }', three)
  refused('oauth2: { token_url: http://t }', 'oauth2 client_id must be configured')
  refused('oauth2: { client_id: a }', 'oauth2 token_url must be configured')
  refused('oauth2: {}', 'oauth2 client_id must be configured', 'oauth2 token_url must be configured')
  const jwt = `client_id: a, token_url: http://t, grant_type: "${jwtBearer}"`
  refused(
    `oauth2: { ${jwt}, client_certificate_key: a, client_certificate_key_file: b }`,
    `at most one of oauth2 client_certificate_key, client_certificate_key_file & client_certificate_key_ref must be configured using grant-type=${jwtBearer}`,
  )
  refused(`oauth2: { ${jwt}, signature_algorithm: HS256 }`, 'valid signature algorithms are RS256, RS384 and RS512')
  refused(
    'oauth2: { client_id: a, token_url: http://t, client_secret: a, client_secret_file: b }',
    'at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured using grant-type=client_credentials',
  )
  for (const [at, end] of [
    ['', ''],
    ['oauth2: { client_id: a, token_url: http://t, ', ' }'],
  ]) {
    const proxy = (text: string, ...messages: string[]) =>
      refused(at === '' ? `{ ${text} }` : at + text + end, ...messages)
    proxy(
      'proxy_connect_header: { a: [b] }',
      'if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured',
    )
    proxy(
      'proxy_from_environment: true, proxy_url: http://p',
      'if proxy_from_environment is configured, proxy_url must not be configured',
    )
    proxy(
      'proxy_from_environment: true, no_proxy: a',
      'if proxy_from_environment is configured, no_proxy must not be configured',
      'if no_proxy is configured, proxy_url must also be configured',
    )
    proxy('no_proxy: a', 'if no_proxy is configured, proxy_url must also be configured')
  }
  refused('http_headers: { x-amz-DATE: { values: [a] } }', 'setting header "X-Amz-Date" is not allowed')
  refused(
    'http_headers: { x-prometheus-scrape-timeout-seconds: {}, host: {} }',
    'setting header "X-Prometheus-Scrape-Timeout-Seconds" is not allowed',
    'setting header "Host" is not allowed',
  )
})

test('the rules of TLSConfig', () => {
  const tls = (text: string, ...messages: string[]) => {
    const alone = loadTlsConfig({ name: 'c', text: `{ ${text} }` })
    expect(alone.ok).toBe(false)
    expect(alone.diagnostics.map(({ message }) => message)).toEqual(messages)
    refused(`tls_config: { ${text} }`, ...messages)
    refused(`oauth2: { client_id: a, token_url: http://t, tls_config: { ${text} } }`, ...messages)
  }
  tls('ca: a, ca_file: b', 'at most one of ca, ca_file & ca_ref must be configured')
  tls('cert: a, cert_file: b, key: c', 'at most one of cert, cert_file & cert_ref must be configured')
  tls('cert: a, key: c, key_file: d', 'at most one of key and key_file must be configured')
  tls('cert: a', 'exactly one of key or key_file must be configured when a client certificate is configured')
  tls('key_file: a', 'exactly one of cert or cert_file must be configured when a client key is configured')
  tls('min_version: TLS14', 'unknown TLS version: TLS14')
  tls('max_version: tls12', 'unknown TLS version: tls12')
  tls(
    'min_version: TLS13, max_version: TLS12',
    'tls_config.max_version must be greater than or equal to tls_config.min_version if both are specified',
  )
  for (const text of ['ca_ref: a', 'cert_ref: a, key: b', 'cert: a, key_ref: b'])
    tls(text, 'cannot use secret ref without manager')
})

test('there is no secret manager', () => {
  const check = (text: string) => refused(text, 'cannot use secret ref without manager')
  check('basic_auth: { username_ref: a }')
  check('basic_auth: { password_ref: a }')
  check('authorization: { credentials_ref: a }')
  check('oauth2: { client_id: a, token_url: http://t, client_secret_ref: a }')
  check(`oauth2: { client_id: a, token_url: http://t, grant_type: "${jwtBearer}", client_certificate_key_ref: a }`)
})

test('what remote_write adds', () => {
  refused(
    'headers: { AUTHORIZATION: a }',
    'authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter',
  )
  refused(
    'headers: { X-prometheus-Remote-Write-Version: a }',
    'X-prometheus-Remote-Write-Version is a reserved header. It must not be changed',
  )
  fine('headers: { X-Prometheus-Scrape-Timeout-Seconds: 1 }')
  const six = (text: string, given: string) =>
    refused(
      text,
      `at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured. Currently configured: [${given}]`,
    )
  six('basic_auth: {}\nsigv4: {}', 'basic_auth sigv4')
  six('bearer_token: a\ngoogle_iam: {}', 'authorization google_iam')
  six(
    'oauth2: { client_id: a, token_url: http://t }\nazuread: { sdk: {} }\nsigv4: {}\ngoogle_iam: {}',
    'oauth2 sigv4 azuread google_iam',
  )
  const keys = 'must provide a AWS SigV4 Access key and Secret Key if credentials are specified in the SigV4 config'
  refused('sigv4: { access_key: a }', keys)
  refused('sigv4: { secret_key: a }', keys)
  refused('sigv4: { external_id: a }', 'external_id can only be used with role_arn')
})

test('the rules of azuread', () => {
  const azure = (text: string, ...messages: string[]) => refused(`azuread: { ${text} }`, ...messages)
  azure('cloud: AzureMoon, sdk: {}', 'must provide a cloud in the Azure AD config')
  azure(
    '',
    'must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth or Azure SDK in the Azure AD config',
  )
  azure('sdk: {}, managed_identity: {}', 'cannot provide multiple authentication methods in the Azure AD config')
  azure('managed_identity: { client_id: x }', 'the provided Azure Managed Identity client_id is invalid')
  azure(
    'workload_identity: {}',
    'must provide an Azure Workload Identity client_id in the Azure AD config',
    'must provide an Azure Workload Identity tenant_id in the Azure AD config',
  )
  azure(
    'workload_identity: { client_id: x, tenant_id: y }',
    'the provided Azure Workload Identity client_id is invalid',
    'the provided Azure Workload Identity tenant_id is invalid',
  )
  azure(
    'oauth: {}',
    'must provide an Azure OAuth client_id in the Azure AD config',
    'must provide an Azure OAuth client_secret in the Azure AD config',
    'must provide an Azure OAuth tenant_id in the Azure AD config',
  )
  azure(
    'oauth: { client_id: x, client_secret: s, tenant_id: "a/b" }',
    'the provided Azure OAuth client_id is invalid',
    'the provided Azure OAuth tenant_id is invalid',
  )
  azure('sdk: { tenant_id: a_b }', 'the provided Azure SDK tenant_id is invalid')
  azure('scope: "a?b", sdk: {}', 'the provided scope contains invalid characters')
  for (const spelling of [id, `urn:uuid:${id}`, `{${id}}`, id.replaceAll('-', '')])
    fine(`azuread: { managed_identity: { client_id: "${spelling}" } }`)
})

test('our own rules: what Go finds only when it sends', () => {
  for (const url of ['foo', 'ftp://p', 'http://', 'http://a b'])
    refused(`proxy_url: "${url}"`, 'this is no URL of a proxy')
  fine('proxy_url: socks5://p:1')
  refused('oauth2: { client_id: a, token_url: t }', 'this is no http or https URL')
  refused('oauth2: { client_id: a, token_url: "http://u:p@t" }', 'user and password have no place in this URL')
  const line = 'the value contains a line break or another character that no header value may have'
  refused('authorization: { credentials: "a\\n" }', line)
  refused('bearer_token: "a\\nb"', line)
  refused('headers: { X-A: "a\\nb" }', line)
  fine('authorization: { type: Schlüssel, credentials: "€" }')
  fine('{ headers: { X-A: "€" }, http_headers: { X-B: { values: ["€"], secrets: ["😀"] } } }')
  refused(
    'headers: { te: a }\nhttp_headers: { Expect: {} }',
    'the header `te` is reserved',
    'the header `Expect` is reserved',
  )
  refused('headers: { "a b": c }', '"a b" is not a header name')
  refused('http_headers: { X-A: { values: [a], files: b } }', 'a list belongs here, not a text')
  refused('http_headers: { X-A: { value: [a] } }', 'unknown key "value"')
  refused('http_headers: { X-A: {}, x-a: {} }', 'the header "x-a" is set twice')
  refused('{ proxy_url: http://p, proxy_connect_header: { a: b } }', 'a list belongs here, not a text')
  refused('oauth2: { client_id: a, token_url: http://t, endpoint_params: { p: 1, p: 2 } }', '"p" is set twice')
})
