import { expect, test } from 'vitest'
import { printDiagnostics } from './diagnostics.ts'
import { loadConfiguration } from './load.ts'

const load = (overrides: string, more = '') =>
  loadConfiguration({
    file: { name: 'c', text: `sluice:\n  tenancy:\n${more}    override:\n${overrides.replace(/^/gm, '      ')}\n` },
  })

const check = (overrides: string, want: unknown) => {
  const loaded = load(overrides)
  if (!loaded.ok) throw new Error(printDiagnostics(loaded.diagnostics))
  expect(loaded.configuration.settings['tenancy.override']).toEqual(want)
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
        basicAuth: { username: 'u', password: '012' },
        rateLimit: { samplesPerSecond: 5, burst: 10 },
      },
      {
        tenants: ['c'],
        url: 'https://h/',
        basicAuth: { username: 'u', password: 'p' },
        rateLimit: { samplesPerSecond: 0, burst: 3 },
      },
    ],
  )
  check('- { tenants: [a], url: , headers: , basic_auth: , rate_limit: }', [{ tenants: ['a'] }])
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

test('both halves of Basic auth', () => {
  refused('- { tenants: [a], basic_auth: { username: u } }', '`basic_auth.username` needs `basic_auth.password` too')
  refused('- { tenants: [a], basic_auth: { username: u, password: } }', '`basic_auth.username` needs')
  refused('- { tenants: [a], basic_auth: { password: u } }', '`basic_auth.password` needs `basic_auth.username` too')
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

test('what is planned is said to be so; what is not known is unknown', () => {
  refused('- { tenants: [a], tls_config: {} }', '`tls_config` is not available in an override in this version')
  refused('- { tenants: [a], basic_auth: { password_file: x } }', '`basic_auth.password_file` is not available')
  refused('- { tenants: [a], remote_timeot: 5s }', 'hint: did you mean `remote_timeout`?')
  refused('- { tenants: [a], remote_timeout: 0 }', '0s is too little; at least 1ms')
  refused('- { tenants: [a], remote_timeout: 5 }', '"5" is not a duration')
})
