import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printDiagnostics } from '../diagnostics.ts'
import { httpClientFields } from './http-client-fields.ts'
import { jwtBearer } from './http-client-settings.ts'
import { loadHttpClientFile, loadTlsConfig } from './load-http-client.ts'
import { revealed } from './revealed.ts'
import { defaultHttpClient } from './settle-http-client.ts'

const load = (text: string, directory?: string) =>
  loadHttpClientFile({ name: 'c', text, ...(directory === undefined ? {} : { directory }) })

const check = (text: string, want: unknown, directory?: string) => {
  const loaded = load(text, directory)
  if (!loaded.ok) throw new Error(printDiagnostics(loaded.diagnostics))
  expect(revealed(loaded.settings)).toEqual({ ...defaultHttpClient, ...(want as object) })
}
const refused = (text: string, ...messages: string[]) => {
  const loaded = load(text)
  expect(loaded.ok).toBe(false)
  expect(loaded.diagnostics.map(({ message }) => message)).toEqual(messages)
}

test('nothing, and everything', () => {
  check('', {})
  check('basic_auth:\ntls_config:\n', {})
  check(
    `basic_auth: { username: u, password_file: p }
tls_config: { ca_file: ca, cert: CERT, key: KEY, server_name: s, insecure_skip_verify: true, min_version: TLS12, max_version: TLS13 }
follow_redirects: false
enable_http2: true
proxy_url: http://u:p@proxy:1
no_proxy: a,b
proxy_connect_header: { X-A: [a, 5] }
http_headers: { X-B: { values: [1], secrets: [s], files: [f, /f] } }
headers: { X-C: c, X-D: }
round_robin_dns: true
`,
    {
      basicAuth: { username: { inline: 'u' }, password: { file: '/etc/p' } },
      tls: {
        ca: { file: '/etc/ca' },
        cert: { inline: 'CERT' },
        key: { inline: 'KEY' },
        serverName: 's',
        insecureSkipVerify: true,
        minVersion: 'TLS12',
        maxVersion: 'TLS13',
      },
      followRedirects: false,
      enableHttp2: true,
      proxy: { url: 'http://u:p@proxy:1', noProxy: 'a,b', connectHeaders: { 'X-A': ['a', '5'] } },
      httpHeaders: { 'X-B': { values: ['1'], secrets: ['s'], files: ['/etc/f', '/f'] } },
      headers: { 'X-C': 'c' },
      roundRobinDns: true,
    },
    '/etc',
  )
})

test('ways to sign in', () => {
  check('authorization: { credentials: c }', { authorization: { type: 'Bearer', credentials: { inline: 'c' } } })
  check('authorization: { type: " T ", credentials_file: a/c }', {
    authorization: { type: 'T', credentials: { file: 'a/c' } },
  })
  check('authorization: {}', { authorization: { type: 'Bearer' } })
  check('bearer_token: t', { authorization: { type: 'Bearer', credentials: { inline: 't' } } })
  check('bearer_token_file: t', { authorization: { type: 'Bearer', credentials: { file: '/d/t' } } }, '/d')
  check('basic_auth: {}', { basicAuth: {} })
  check('basic_auth: { username: "" }', { basicAuth: {} })
  check('google_iam: {}', { googleIam: {} })
  check('google_iam: { credentials_file: g }', { googleIam: { credentialsFile: '/d/g' } }, '/d')
  check('sigv4: {}', { sigv4: { useFipsStsEndpoint: false, serviceName: 'aps' } })
  check(
    'sigv4: { region: r, access_key: a, secret_key: s, profile: p, role_arn: ra, external_id: e, use_fips_sts_endpoint: true, service_name: n }',
    {
      sigv4: {
        region: 'r',
        accessKey: 'a',
        secretKey: 's',
        profile: 'p',
        roleArn: 'ra',
        externalId: 'e',
        useFipsStsEndpoint: true,
        serviceName: 'n',
      },
    },
  )
})

const oauth2 = {
  clientId: 'i',
  grantType: 'client_credentials',
  signatureAlgorithm: 'RS256',
  claims: {},
  scopes: [],
  tokenUrl: 'https://t/',
  endpointParams: {},
  tls: {},
  proxy: {},
}

test('oauth2', () => {
  check('oauth2: { client_id: i, token_url: https://t/ }', { oauth2 })
  check(
    `oauth2:
  client_id: i
  token_url: https://t/
  grant_type: ${jwtBearer}
  client_certificate_key_id: kid
  client_certificate_key_file: k
  signature_algorithm: RS512
  iss: iss
  audience: aud
  claims: { a: 1, b: [true, null, "1", 1.5], c: { d: x } }
  scopes: [s, t]
  endpoint_params: { p: 5 }
  tls_config: { ca_file: ca }
  proxy_from_environment: true`,
    {
      oauth2: {
        ...oauth2,
        grantType: jwtBearer,
        clientCertificateKeyId: 'kid',
        clientCertificateKey: { file: '/d/k' },
        signatureAlgorithm: 'RS512',
        iss: 'iss',
        audience: 'aud',
        claims: { a: 1, b: [true, null, '1', 1.5], c: { d: 'x' } },
        scopes: ['s', 't'],
        endpointParams: { p: '5' },
        tls: { ca: { file: '/d/ca' } },
        proxy: { fromEnvironment: true },
      },
    },
    '/d',
  )
})

const id = '0193f3a4-7b5c-7d88-8c5e-111111111111'

test('azuread', () => {
  const azure = (text: string, credential: object, more = {}) =>
    check(`azuread: { ${text} }`, { azuread: { cloud: 'AzurePublic', credential, ...more } })
  azure('managed_identity: {}', { kind: 'managed_identity', clientId: '' })
  azure(
    `cloud: AzureChina, scope: "https://m//.default", managed_identity: { client_id: ${id} }`,
    { kind: 'managed_identity', clientId: id },
    { cloud: 'AzureChina', scope: 'https://m//.default' },
  )
  azure(`oauth: { client_id: ${id}, client_secret: s, tenant_id: t.example }`, {
    kind: 'oauth',
    clientId: id,
    clientSecret: 's',
    tenantId: 't.example',
  })
  azure('sdk: { tenant_id: t }', { kind: 'sdk', tenantId: 't' })
  azure(`workload_identity: { client_id: ${id}, tenant_id: ${id} }`, {
    kind: 'workload_identity',
    clientId: id,
    tenantId: id,
    tokenFilePath: '/var/run/secrets/azure/tokens/azure-identity-token',
  })
})

test('one mistake makes one problem; what is wrong is pointed at', () => {
  refused('basic_auth: { username: [], username_file: a }', 'a text belongs here, not a list')
  const loaded = load('oauth2:\n  client_id: a\n  client_secret: hunter2\n  client_secret_file: f\n  token_ur: x\n')
  expect(printDiagnostics(loaded.diagnostics)).toBe(`c:5:3: unknown key "token_ur"
    token_ur: <secret>
    ^^^^^^^^
  hint: did you mean \`token_url\`?
c:1:1: oauth2 token_url must be configured
  oauth2:
  ^^^^^^
  hint: add \`oauth2.token_url\`
c:4:3: at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured using grant-type=client_credentials
    client_secret_file: f
    ^^^^^^^^^^^^^^^^^^
  hint: keep one of \`oauth2.client_secret\`, \`oauth2.client_secret_file\``)
})

test.each([
  'basic_auth: { password: hunter2, pasword: hunter2 }',
  'basic_auth: { username: a, username_file: b, password: hunter2 }',
  'proxy_url: "http://u:hunter2@p h"',
  'headers: { X-A: hunter2, Host: hunter2 }',
  'headers: [hunter2]',
  'headers: hunter2',
  'http_headers: { X-A: { secrets: hunter2 } }',
  'http_headers: { X-A: { secret: [hunter2] } }',
  'http_headers: { Host: { secrets: [hunter2], values: [hunter2], files: [] } }',
  'proxy_connect_header: { X-A: [hunter2] }',
  'oauth2: { client_secret: hunter2, endpoint_params: { a: hunter2, b: [hunter2] } }',
  'oauth2: { client_certificate_key: hunter2, proxy_url: hunter2 }',
  'tls_config: { key: hunter2 }',
  'azuread: { oauth: { client_secret: hunter2 } }',
  'sigv4: { secret_key: hunter2 }',
  'bearer_token: "hunter2\\n"',
  'bearer_token: [hunter2]',
  'authorization: { credentials: hunter2, credential: hunter2 }',
  'bearer_token: "hunter2',
])('no secret in what is said of %s', (text) => {
  const shown = printDiagnostics(load(text).diagnostics)
  expect(shown).not.toBe('')
  expect(shown).not.toContain('hunter2')
})

test('law: any text, and any tree under the names of settings, gives settings or diagnostics', () => {
  const words = ['{', '}', '[', ']', ': ', '\n  ', ', ', '&a ', '*a', '<<: ', '"', 'a', ...namesOf()]
  const read = (text: string) => {
    const loaded = load(text)
    expect(loaded.ok || loaded.diagnostics.length > 0).toBe(true)
    loadTlsConfig({ name: 'c', text })
  }
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 40 }), (parts) => read(parts.join(''))),
    { numRuns: 300 },
  )
  fc.assert(fc.property(fc.string(), read), { numRuns: 200 })
  const value = fc.anything({ key: fc.constantFrom(...namesOf()), maxDepth: 4, withNullPrototype: false })
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...namesOf()), value), (tree) => read(JSON.stringify(tree))),
    { numRuns: 300 },
  )
  refused('oauth2: { client_id: a, token_url: http://t, claims: &a { x: *a } }', 'nested more than 32 deep')
})

function namesOf(): readonly string[] {
  return [...new Set(Object.keys(httpClientFields).flatMap((path) => path.split('.')))]
}
