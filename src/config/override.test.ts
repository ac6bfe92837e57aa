import { expect, test } from 'vitest'
import { printDiagnostics } from './diagnostics.ts'
import { revealed } from './http-client/revealed.ts'
import { loadConfiguration } from './load.ts'

const load = (overrides: string, more = '') =>
  loadConfiguration({
    file: { name: 'c', text: `sluice:\n  tenancy:\n${more}    override:\n${overrides.replace(/^/gm, '      ')}\n` },
  })

const check = (overrides: string, want: unknown) => {
  const loaded = load(overrides)
  if (!loaded.ok) throw new Error(printDiagnostics(loaded.diagnostics))
  const read = loaded.configuration.settings['tenancy.override']
  expect(read.map(({ clientRows, ...rest }) => revealed(rest))).toEqual(want)
}
const refused = (overrides: string, message: string, more = '') => {
  const loaded = load(overrides, more)
  expect(loaded.ok).toBe(false)
  expect(printDiagnostics(loaded.diagnostics)).toContain(message)
}

test('what an override may set', () => {
  check('- tenants: [a]', [{ tenants: ['a'] }])
  check(
    `- tenants: ["team-*", b]
  url: mimir:8080/push
  remote_timeout: 1m30s
  headers: { X-A: 1, X-B: "" }
  basic_auth: { username: u, password: 012 }
  rate_limit: { samples_per_second: 5, burst: 10 }
- tenants: [c]
  url: https://u:p@h/
  rate_limit: { burst: 3 }`,
    [
      {
        tenants: ['team-*', 'b'],
        url: 'http://mimir:8080/push',
        remoteTimeoutMs: 90_000,
        headers: { 'X-A': '1', 'X-B': '' },
        client: { basicAuth: { username: { inline: 'u' }, password: { inline: '012' } } },
        rateLimit: { samplesPerSecond: 5, burst: 10 },
      },
      {
        tenants: ['c'],
        url: 'https://h/',
        client: { basicAuth: { username: { inline: 'u' }, password: { inline: 'p' } } },
        rateLimit: { samplesPerSecond: 0, burst: 3 },
      },
    ],
  )
  check('- { tenants: [a], url: , headers: , basic_auth: , rate_limit: {} }', [{ tenants: ['a'] }])
})

test('the HTTP client’s settings: each given replaces the general one whole', () => {
  const client = (text: string, want: object, more: object = {}) =>
    check(`- { tenants: [a], ${text} }`, [{ tenants: ['a'], client: want, ...more }])
  client('bearer_token_file: t', { authorization: { type: 'Bearer', credentials: { file: 't' } } })
  client('basic_auth: { username: u, password_file: p }', {
    basicAuth: { username: { inline: 'u' }, password: { file: 'p' } },
  })
  client('basic_auth: { username: u }', { basicAuth: { username: { inline: 'u' } } })
  client('google_iam: {}', { googleIam: {} })
  client('sigv4: { region: r }', { sigv4: { region: 'r', useFipsStsEndpoint: false, serviceName: 'aps' } })
  client('tls_config: {}', { tls: {} })
  client('tls_config: { ca_file: c }', { tls: { ca: { file: 'c' } } })
  client('proxy_from_environment: false', { proxy: { fromEnvironment: false } })
  client('follow_redirects: true, enable_http2: true', { followRedirects: true, enableHttp2: true })
  client('http_headers: { X-A: { secrets: [s] } }', {
    httpHeaders: { 'X-A': { values: [], secrets: ['s'], files: [] } },
  })
  client(
    'url: "http://u:p@h/", authorization: { credentials: c }',
    { authorization: { type: 'Bearer', credentials: { inline: 'c' } } },
    { url: 'http://h/' },
  )
})

test('Prometheus’s rules about them', () => {
  refused(
    '- tenants: [a]\n  basic_auth: { username: u }\n  bearer_token: t',
    'c:6:9: at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured',
  )
  refused(
    '- tenants: [b]\n- tenants: [a]\n  http_headers:\n    Host: {}',
    'c:7:11: setting header "Host" is not allowed',
  )
  refused('- { tenants: [a], headers: { X-A: b }, no_proxy: c }', 'if no_proxy is configured, proxy_url must also')
  refused('- { tenants: [a], round_robin_dns: true }', 'unknown key "round_robin_dns"')
})

test('an override needs tenants', () => {
  refused('- url: http://h/', 'c:4:9: an override needs `tenants`')
  refused('- tenants:', 'an override needs `tenants`')
  refused('- tenants: []', 'the list needs at least 1 item')
  refused('- tenants: a', 'a list belongs here')
  refused('- tenants: [""]', 'an empty pattern matches nothing')
  refused('-', 'an override needs `tenants`')
  refused('tenants: [a]', 'a list belongs here, not a mapping')
  refused('- team-a', 'a mapping belongs here')
})

test('headers that cannot be set', () => {
  const header = (name: string, message: string, more = '') =>
    refused(`- { tenants: [a], headers: { ${name}: x } }`, message, more)
  header('x-scope-orgid', 'the header "x-scope-orgid" carries the tenant and cannot be set')
  header('X-Team', 'the header "X-Team" carries the tenant and cannot be set', '    header: x-team\n')
  header('Content-Encoding', 'the header `Content-Encoding` is reserved')
  header('host', 'the header `host` is reserved')
  header('Authorization', 'is set by authentication settings only')
  header('"a b"', '"a b" is not a header name')
  header('X-A: "a\\nb", X-B', 'the value contains a line break')
  header('X-A: 1, x-a', 'the header "x-a" is set twice')
})

test('exemplars and native histograms', () => {
  check('- { tenants: [a], send_exemplars: false }\n- { tenants: [b], send_native_histograms: true }', [
    { tenants: ['a'], sendExemplars: false },
    { tenants: ['b'], sendNativeHistograms: true },
  ])
  check('- { tenants: [a], send_exemplars: , send_native_histograms: }', [{ tenants: ['a'] }])
  refused('- { tenants: [a], send_exemplars: {} }', 'send_exemplars')
  refused('- { tenants: [a], send_native_histograms: 1 }', 'send_native_histograms')
})

test('what is not known is unknown', () => {
  refused('- { tenants: [a], remote_timeot: 5s }', 'hint: did you mean `remote_timeout`?')
  refused('- { tenants: [a], remote_timeout: 0 }', '0s is too little; at least 1ms')
  refused('- { tenants: [a], remote_timeout: 5 }', '"5" is not a duration')
})
