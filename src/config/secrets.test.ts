// No diagnostic and no print shows a secret, wherever the mistake is.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { printDiagnostics } from './diagnostics.ts'
import { effectiveSettings } from './effective.ts'
import { parseFlags } from './flags.ts'
import { loadConfiguration, type Sources } from './load.ts'

const printed = (sources: Sources) => printDiagnostics(loadConfiguration(sources).diagnostics)

test.each([
  'auth: { egress: { username: a, pasword: hunter2 } }',
  'auth: { egress: { usernam: a, password: hunter2 } }',
  'auth: { egress: { password: hunter2, password: hunter2 } }',
  'auth: { egress: { password: [hunter2] } }',
  'auth: { egress: { password: { x: hunter2 } } }',
  'auth: { egress: password=hunter2 } ',
  'auth: { egress: { username: a, password:hunter2 } }',
  'auth:\n  egress:\n    username: a\n    password:hunter2\n',
  'auth:\n  egress:\n    password:hunter2\n',
  'auth:\n  egress:\n    password: "hunter2\n    x: y',
  'auth:\n  egress:\n    password: hunter2: b',
  'auth:\n  egress:\n    password:\n      hunter2: [',
  'auth:\n  egress:\n    password: |\n      hunter2\n\tx',
  'auth:\n\tpassword: hunter2',
  'auth: { egress: { password: "hunter2 }',
  'auth: { egress: { password: hunter2, x: "} ',
  'x: &p hunter2\nauth: { egress: { password: *p } }',
  'target: http://u:hunter2@bad host/',
  'target: "http://u:hunter2@\\q"',
  'target: ftp://u:hunter2@h/',
  'target: [http://u:hunter2@h/]',
  'taget: http://u:hunter2@h/',
  'sluice: { tenancy: { override: [{ tenants: [], headers: { X-A: hunter2, "bad name": hunter2 } }] } }',
  'sluice: { tenancy: { override: { headers: { X-A: hunter2 } } } }',
  'sluice: { tenancy: { override: [{ tenants: [a], bearer_token: hunter2, bearer_token_file: x }] } }',
  'sluice: { tenancy: { override: [{ tenants: [a], oauth2: { client_secret: hunter2 } }] } }',
  'sluice: { tenancy: { override: [{ tenants: [a], headers: { X-Scope-OrgID: hunter2 } }] } }',
  'sluice: { tenancy: { override: [{ tenants: [a], headers: { X-A: "hunter2\\n" } }] } }',
  'sluice: { tenancy: { override: [{ tenants: [a], basic_auth: { password: hunter2, password_file: x } }] } }',
  'sluice:\n  tenancy:\n    override:\n      - tenants: [a]\n        headers:\n          X-A: hunter2: x\n',
  'authorization: { credentials: hunter2 }',
  'sluice: { client: { basic_auth: { password: hunter2, password_file: f } } }',
  'sluice: { client: { bearer_token: "hunter2\\n" } }',
  'sluice: { client: { proxy_url: "http://u:hunter2@h", proxy_from_environment: true } }',
  'sluice: { client: { proxy_url: "u:hunter2@h" } }',
  'sluice: { client: { headers: { Host: hunter2 } } }',
  'sluice: { client: { proxy_connect_header: { X-A: [hunter2] } } }',
  'sluice: { client: { oauth2: { endpoint_params: { a: hunter2 } } } }',
  'sluice: { client: { http_headers: { X-A: { secret: [hunter2] } } } }',
  'client: { bearer_token: hunter2 }',
])('%s', (text) => {
  const shown = printed({ file: { name: 'c.yml', text } })
  expect(shown).not.toBe('')
  expect(shown).not.toContain('hunter2')
})

test('variables and flags', () => {
  const env = { CT_TARGET: 'ftp://u:hunter2@h', SLUICE_AUTH_PASWORD: 'hunter2', CT_AUTH_EGRESS_PASSWORD: 'hunter2' }
  const { values } = parseFlags(['--target_loki=http://u:hunter2@h h'])
  const shown = printed({ env, flags: values })
  expect(shown).toContain('CT_TARGET: "ftp://u:xxxxx@h"')
  expect(shown).toContain('--target_loki')
  expect(shown).not.toContain('hunter2')
})

test('variables and flags of the HTTP client', () => {
  const env = {
    SLUICE_CLIENT_BEARER_TOKEN: 'hunter2\n',
    SLUICE_CLIENT_PROXY_URL: 'u:hunter2@h',
    SLUICE_CLIENT_HEADERS: 'X-A: hunter2',
  }
  const { values } = parseFlags(['--client.basic_auth.password=hunter2', '--client.tls_config.key=hunter2'])
  const shown = printed({ env, flags: values })
  for (const name of [...Object.keys(env), '--client.tls_config.key']) expect(shown).toContain(name)
  expect(shown).not.toContain('hunter2')
})

test('the effective settings of the HTTP client', () => {
  const client = {
    oauth2: {
      client_id: 'i',
      client_secret: 'hunter2',
      token_url: 'https://t/',
      endpoint_params: { p: 'hunter2' },
      scopes: ['s'],
      claims: { a: 1 },
    },
    proxy_url: 'http://u:hunter2@p:1',
    proxy_connect_header: { 'X-A': ['hunter2', ''] },
    http_headers: { 'X-B': { values: ['v'], secrets: ['hunter2'], files: ['f'] } },
  }
  const text = JSON.stringify({ sluice: { client, tenancy: { override: [{ tenants: ['a'], ...client }] } } })
  const loaded = loadConfiguration({ file: { name: 'c', text } })
  if (!loaded.ok) throw new Error(printDiagnostics(loaded.diagnostics))
  const shown = effectiveSettings(loaded.configuration.settings)
  expect(JSON.stringify(shown)).not.toContain('hunter2')
  const want = {
    oauth2: { ...client.oauth2, client_secret: '<secret>', endpoint_params: { p: '<secret>' } },
    proxy_url: 'http://u:xxxxx@p:1',
    proxy_connect_header: { 'X-A': ['<secret>', ''] },
    http_headers: { 'X-B': { values: ['v'], secrets: ['<secret>'], files: ['f'] } },
  }
  expect(shown).toMatchObject({ sluice: { client: want, tenancy: { override: [{ tenants: ['a'], ...want }] } } })
})

test('law: a password of any text is in no diagnostic, broken as the file may be', () => {
  const secret = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' }).map((text) => `hunter2${text}`)
  const trouble = fc.constantFrom(
    '',
    'x: [',
    '\tx',
    'listen: 1',
    '- a',
    '"',
    'a: b: c',
    '&x',
    'listen: ":1"\nlisten: 2',
  )
  fc.assert(
    fc.property(secret, trouble, trouble, fc.boolean(), (value, before, after, quote) => {
      const written = quote ? JSON.stringify(value) : value
      const text = `${before}\nauth:\n  egress:\n    password: ${written}\n    username: a\n${after}\n`
      expect(printed({ file: { name: 'c', text } })).not.toContain('hunter2')
    }),
    { numRuns: 200 },
  )
})

const loaded = loadConfiguration({
  file: {
    name: 'c',
    text: `
target: https://user:hunter2@mimir/push
timeout: 1m30s
auth: { egress: { username: a, password: hunter2 } }
sluice:
  receive: { max_body_size: 1MiB }
  tenancy:
    override:
      - tenants: ["team-*"]
        url: http://u:hunter2@h/x
        remote_timeout: 5s
        headers: { X-A: hunter2 }
        rate_limit: { samples_per_second: 5 }
`,
  },
})

test('the effective settings', () => {
  if (!loaded.ok) throw new Error(printDiagnostics(loaded.diagnostics))
  expect(JSON.stringify(effectiveSettings(loaded.configuration.settings))).not.toContain('hunter2')
  expect(effectiveSettings(loaded.configuration.settings)).toMatchObject({
    target: 'https://user:xxxxx@mimir/push',
    timeout: '1m30s',
    auth: { egress: { username: 'a', password: '<secret>' } },
    tenant: { label_list: [] },
    sluice: {
      receive: { max_body_size: '1MiB' },
      tenancy: {
        max_tenants: 10_000,
        override: [
          {
            tenants: ['team-*'],
            url: 'http://h/x',
            remote_timeout: '5s',
            headers: { 'X-A': '<secret>' },
            basic_auth: { username: 'u', password: '<secret>' },
            rate_limit: { samples_per_second: 5, burst: 0 },
          },
        ],
      },
    },
  })
})

test('law: settings without secrets read back from what is shown of them', () => {
  const text = fc.constantFrom('a', 'yes', 'null', '~', '012', '1e3', "it's", 'a: b', '# c', ' x ', '- y', '"', 'é', '')
  fc.assert(
    fc.property(
      text,
      fc.array(text.filter((t) => t !== '')),
      fc.nat(),
      fc.nat(),
      fc.boolean(),
      (label, list, ms, bytes, on) => {
        const values = parseFlags([
          `--tenant.label=${label}`,
          `--max_connection_duration=${ms}ms`,
          `--receive.max_in_flight_bytes=${bytes + 2 ** 20}`,
          `--tenancy.strict=${on}`,
          `--tenant.label_list=${list.join(',')}`,
        ]).values
        const first = loadConfiguration({ flags: values })
        if (!first.ok) throw new Error(printDiagnostics(first.diagnostics))
        const text = stringify(effectiveSettings(first.configuration.settings), { lineWidth: 0, version: '1.1' })
        const again = loadConfiguration({ file: { name: 'p', text } })
        expect(again.ok && again.configuration.settings).toEqual(first.configuration.settings)
      },
    ),
  )
})
