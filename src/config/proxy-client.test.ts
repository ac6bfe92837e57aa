import { expect, test } from 'vitest'
import { printDiagnostics } from './diagnostics.ts'
import type { Environment } from './environment.ts'
import { parseFlags } from './flags.ts'
import { revealed } from './http-client/revealed.ts'
import { defaultHttpClient } from './http-client/settle-http-client.ts'
import { loadConfiguration } from './load.ts'
import { resolveProxySettings } from './proxy-settings.ts'

interface Given {
  readonly file?: string
  readonly env?: Environment
  readonly flags?: readonly string[]
}

const load = ({ file, env = {}, flags = [] }: Given) =>
  loadConfiguration({
    ...(file === undefined ? {} : { file: { name: 'c', text: file } }),
    env,
    flags: parseFlags(flags).values,
  })
const settings = (given: Given) => {
  const loaded = load(given)
  if (!loaded.ok) throw new Error(printDiagnostics(loaded.diagnostics))
  return resolveProxySettings(loaded.configuration.settings)
}
const check = (given: Given, want: object) =>
  expect(revealed(settings(given).metrics.client)).toEqual({ ...defaultHttpClient, followRedirects: false, ...want })
const said = (given: Given) => printDiagnostics(load(given).diagnostics)

test('files, variables and flags', () => {
  const want = { basicAuth: { username: { inline: 'u' }, password: { file: 'p' } }, followRedirects: true }
  check({ file: 'sluice: { client: { basic_auth: { username: u, password_file: p }, follow_redirects: true } }' }, want)
  check(
    {
      env: {
        SLUICE_CLIENT_BASIC_AUTH_USERNAME: 'u',
        SLUICE_CLIENT_BASIC_AUTH_PASSWORD_FILE: 'p',
        SLUICE_CLIENT_FOLLOW_REDIRECTS: 'true',
      },
    },
    want,
  )
  check(
    { flags: ['--client.basic_auth.username=u', '--client.basic_auth.password_file=p', '--client.follow_redirects'] },
    want,
  )
  check({ file: 'sluice: { client: { google_iam: {}, tls_config: {} } }' }, { googleIam: {} })
  check({ flags: ['--client.google_iam.credentials_file='] }, { googleIam: {} })
  check(
    { file: 'sluice: { client: { http_headers: { X-A: { values: [a] } }, headers: { X-B: b } } }' },
    { httpHeaders: { 'X-A': { values: ['a'], secrets: [], files: [] } }, headers: { 'X-B': 'b' } },
  )
})

test('ct’s keys, and what replaces them', () => {
  const egress = 'auth: { egress: { username: u, password: p, tls_config: { ca_bundle_file: ca } } }\n'
  const basicAuth = { username: { inline: 'u' }, password: { inline: 'p' } }
  const tls = { ca: { file: 'ca' } }
  check({ file: egress }, { basicAuth, tls })
  check(
    { file: `${egress}sluice: { client: { basic_auth: { username: v } } }` },
    { basicAuth: { username: { inline: 'v' } }, tls },
  )
  check(
    { file: `${egress}sluice: { client: { tls_config: { ca_file: b, server_name: s } } }` },
    { basicAuth, tls: { ca: { file: 'b' }, serverName: 's' } },
  )
  check(
    { file: `${egress}sluice: { client: { tls_config: { server_name: s } } }` },
    { basicAuth, tls: { ...tls, serverName: 's' } },
  )
  const own = settings({ file: `${egress}sluice: { client: { basic_auth: { username: v }, tls_config: { ca: c } } }` })
  expect(own.metrics.upstream.basicAuth).toBeUndefined()
  expect(own.egress.caBundleFile).toBeUndefined()
})

test('a variable of ct goes before the file', () => {
  const file = 'sluice: { client: { basic_auth: { username: v, password_file: f } } }'
  const env = { CT_AUTH_EGRESS_USERNAME: 'u', CT_AUTH_EGRESS_PASSWORD: 'p' }
  check({ file, env }, { basicAuth: { username: { inline: 'u' }, password: { inline: 'p' } } })
  expect(said({ file, env })).toContain(
    'c:1:45: warning: `client.basic_auth.username` is not used: CT_AUTH_EGRESS_USERNAME says otherwise',
  )
})

test('user and password in a URL win, for that URL', () => {
  const { metrics, logs } = settings({ file: 'target: http://u:p@h/\nsluice: { client: { bearer_token: t } }' })
  expect(revealed(metrics.client)).toMatchObject({
    basicAuth: { username: { inline: 'u' }, password: { inline: 'p' } },
  })
  expect(metrics.client).not.toHaveProperty('authorization')
  expect(revealed(logs.client)).toMatchObject({ authorization: { type: 'Bearer', credentials: { inline: 't' } } })
})

test('findings stand where the values come from', () => {
  expect(said({ file: 'sluice:\n  client:\n    basic_auth: {}\n    authorization: { type: x }\n' })).toContain(
    'c:4:28: at most one of basic_auth, oauth2 & authorization must be configured',
  )
  expect(said({ flags: ['--client.oauth2.token_url=http://t'] })).toBe(
    '--client.oauth2.token_url: oauth2 client_id must be configured\n  hint: add `client.oauth2.client_id`',
  )
  expect(said({ env: { SLUICE_CLIENT_TLS_CONFIG_MIN_VERSION: 'tls12' } })).toBe(
    'SLUICE_CLIENT_TLS_CONFIG_MIN_VERSION: unknown TLS version: tls12\n  hint: the values are TLS10, TLS11, TLS12, TLS13',
  )
  expect(said({ file: 'sluice:\n  client:\n    headers:\n      Host: x\n' })).toContain(
    'c:4:7: Host is a reserved header. It must not be changed',
  )
  expect(said({ file: 'sluice: { client: { basic_auth: { user: x } } }' })).toContain('unknown key "user"')
  const both = said({ file: 'auth: { egress: { username: u, password: p } }\nsluice: { client: { bearer_token: t } }' })
  expect(both).toContain('this is Basic auth, and the settings under `client` say to sign in otherwise')
})

test('no header of the client names the tenant', () => {
  expect(said({ file: 'sluice: { client: { headers: { x-scope-orgid: a } } }' })).toContain(
    'c:1:32: the header "x-scope-orgid" carries the tenant and cannot be set',
  )
  const file = 'sluice: { tenancy: { header: X-T }, client: { http_headers: { X-t: { values: [a] } } } }'
  expect(said({ file })).toContain('the header "X-t" carries the tenant')
  const override = '{ tenants: [a], http_headers: { X-T: { values: [a] } } }'
  expect(said({ file: `sluice: { tenancy: { header: X-T, override: [${override}] } }` })).toContain(
    'c:1:78: the header "X-T" carries the tenant',
  )
})
