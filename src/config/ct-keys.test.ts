// Every one of cortex-tenant's 29 keys: its YAML forms, its variable, its default, and what 0 and "" mean.
import { expect, test } from 'vitest'
import { ctSettings } from './ct-settings.ts'
import { printDiagnostics } from './diagnostics.ts'
import { loadConfiguration, type Sources } from './load.ts'
import type { SettingPath, Settings } from './settings.ts'

const load = (sources: Sources): Settings => {
  const loaded = loadConfiguration(sources)
  if (!loaded.ok) throw new Error(printDiagnostics(loaded.diagnostics))
  return loaded.configuration.settings
}

/** A file with one key, `auth.egress.username` written as nested mappings. */
const fileWith = (path: string, yaml: string) => {
  const names = path.split('.')
  const text = names.map((name, depth) => `${'  '.repeat(depth)}${name}:`).join('\n')
  return { name: 'ct.yml', text: `${text} ${yaml}\n` }
}

type Row = readonly [
  path: keyof typeof ctSettings,
  variable: string,
  fallback: unknown,
  zeroIsDefault: boolean,
  /** YAML scalar, text of the variable, value. */
  given: readonly (readonly [yaml: string, text: string, value: unknown])[],
]

const rows: readonly Row[] = [
  [
    'listen',
    'CT_LISTEN',
    '127.0.0.1:8081',
    true,
    [
      ['0.0.0.0:8080', '0.0.0.0:8080', '0.0.0.0:8080'],
      ['":80"', ':80', ':80'],
    ],
  ],
  ['listen_pprof', 'CT_LISTEN_PPROF', '', false, [['0.0.0.0:7008', '0.0.0.0:7008', '0.0.0.0:7008']]],
  [
    'listen_metrics_address',
    'CT_LISTEN_METRICS_ADDRESS',
    '0.0.0.0:9090',
    true,
    [['"[::]:9091"', '[::]:9091', '[::]:9091']],
  ],
  [
    'metrics_include_tenant',
    'CT_METRICS_INCLUDE_TENANT',
    false,
    false,
    [
      ['true', 'true', true],
      ['yes', '1', true],
    ],
  ],
  [
    'target',
    'CT_TARGET',
    '127.0.0.1:9090',
    true,
    [['http://m:8080/api/v1/push', 'http://m:8080/api/v1/push', 'http://m:8080/api/v1/push']],
  ],
  ['target_loki', 'CT_TARGET_LOKI', '127.0.0.1:3100', true, [['loki:3100/push', 'loki:3100/push', 'loki:3100/push']]],
  [
    'enable_ipv6',
    'CT_ENABLE_IPV6',
    false,
    false,
    [
      ['on', 't', true],
      ['off', 'f', false],
    ],
  ],
  [
    'log_level',
    'CT_LOG_LEVEL',
    'warn',
    true,
    [
      ['debug', 'debug', 'debug'],
      ['WARNING', 'WARNING', 'warn'],
    ],
  ],
  [
    'timeout',
    'CT_TIMEOUT',
    10_000,
    true,
    [
      ['1m30s', '1m30s', 90_000],
      ['1.5h', '1.5h', 5_400_000],
      ['5000000000', '5s', 5000],
    ],
  ],
  ['idle_timeout', 'CT_IDLE_TIMEOUT', 60_000, true, [['"100ms"', '100ms', 100]]],
  [
    'timeout_shutdown',
    'CT_TIMEOUT_SHUTDOWN',
    0,
    false,
    [
      ['10s', '10s', 10_000],
      ['0', '0', 0],
    ],
  ],
  [
    'concurrency',
    'CT_CONCURRENCY',
    512,
    true,
    [
      ['1000', '1000', 1000],
      ['0x10', '16', 16],
      ['1_000', '+1000', 1000],
      ['1e3', '1000', 1000],
    ],
  ],
  [
    'metadata',
    'CT_METADATA',
    undefined,
    false,
    [
      ['true', 'TRUE', true],
      ['no', '0', false],
    ],
  ],
  ['log_response_errors', 'CT_LOG_RESPONSE_ERRORS', false, false, [['Yes', 'True', true]]],
  [
    'max_connection_duration',
    'CT_MAX_CONN_DURATION',
    0,
    false,
    [
      ['720h', '720h', 2_592_000_000],
      ['300us', '300us', 0.3],
    ],
  ],
  ['max_conns_per_host', 'CT_MAX_CONNS_PER_HOST', 64, true, [['100', '100', 100]]],
  ['auth.egress.username', 'CT_AUTH_EGRESS_USERNAME', '', false, []],
  [
    'auth.egress.password',
    'CT_AUTH_EGRESS_PASSWORD',
    '',
    false,
    [
      ['0123', '0123', '0123'],
      ['"a: b"', 'a: b', 'a: b'],
      ['true', 'true', 'true'],
    ],
  ],
  ['auth.egress.tls_config.ca_bundle_file', 'CT_CA_BUNDLE_FILE', '', false, [['/x/ca.crt', '/x/ca.crt', '/x/ca.crt']]],
  ['auth.ingress.tls_config.cert_file', 'CT_TLS_CERT_FILE', '', false, [['/x/tls.crt', '/x/tls.crt', '/x/tls.crt']]],
  ['auth.ingress.tls_config.key_file', 'CT_TLS_KEY_FILE', '', false, [['/x/tls.key', '/x/tls.key', '/x/tls.key']]],
  [
    'tenant.label',
    'CT_TENANT_LABEL',
    '__tenant__',
    true,
    [
      ['team', 'team', 'team'],
      ['12', '12', '12'],
      ['2020-01-01', '2020-01-01', '2020-01-01'],
    ],
  ],
  [
    'tenant.label_list',
    'CT_TENANT_LABEL_LIST',
    [],
    false,
    [
      ['[a, b]', 'a,b', ['a', 'b']],
      ['\n    - yes\n    - 1', ' yes, 1,', ['yes', '1']],
    ],
  ],
  ['tenant.prefix', 'CT_TENANT_PREFIX', '', false, [['foobar-', 'foobar-', 'foobar-']]],
  ['tenant.prefix_prefer_source', 'CT_TENANT_PREFIX_PREFER_SOURCE', false, false, [['TRUE', 'T', true]]],
  ['tenant.label_remove', 'CT_TENANT_LABEL_REMOVE', false, false, [['y', 'true', true]]],
  ['tenant.header', 'CT_TENANT_HEADER', 'X-Scope-OrgID', true, [['X-My', 'X-My', 'X-My']]],
  [
    'tenant.default',
    'CT_TENANT_DEFAULT',
    '',
    false,
    [
      ['shared', 'shared', 'shared'],
      ['0', '0', '0'],
    ],
  ],
  ['tenant.accept_all', 'CT_TENANT_ACCEPT_ALL', false, false, [['true', 'true', true]]],
]

test('the table has the 29 keys and no other', () => {
  expect(rows).toHaveLength(29)
  expect(rows.map(([path]) => path).sort()).toEqual(Object.keys(ctSettings).sort())
})

test.each(rows)('%s', (path, variable, fallback, zeroIsDefault, given) => {
  expect(load({})[path], 'default').toEqual(fallback)
  for (const empty of ['', '~', 'null', 'Null', '# comment']) {
    expect(load({ file: fileWith(path, empty) })[path], `file: ${empty}`).toEqual(fallback)
  }
  expect(load({ env: { [variable]: '' } })[path], 'empty variable').toEqual(fallback)
  for (const [yaml, text, value] of given) {
    expect(load({ file: fileWith(path, yaml) })[path], `file: ${yaml}`).toEqual(value)
    expect(load({ env: { [variable]: text } })[path], `variable: ${text}`).toEqual(value)
    const own = fileWith(`sluice.${path}`, yaml.replaceAll('\n', '\n  '))
    expect(load({ file: own })[path], `sluice: ${yaml}`).toEqual(value)
  }
  const type = ctSettings[path].type
  const zero = type === 'integer' || type === 'duration' ? '0' : '""'
  if (zeroIsDefault) {
    expect(load({ file: fileWith(path, zero) })[path], 'zero').toEqual(fallback)
    // As in ct, the zero of a variable hides the file's value before it turns into the default.
    const [yaml] = given[0] as readonly [string, string, unknown]
    if (zero === '0') expect(load({ file: fileWith(path, yaml), env: { [variable]: '0' } })[path]).toEqual(fallback)
  } else if (type === 'string') {
    expect(load({ file: fileWith(path, '""') })[path], 'empty text').toBe('')
  }
})

test('user name and password come together', () => {
  const settings = load({ env: { CT_AUTH_EGRESS_USERNAME: 'foo', CT_AUTH_EGRESS_PASSWORD: 'bar' } })
  expect([settings['auth.egress.username'], settings['auth.egress.password']]).toEqual(['foo', 'bar'])
})

test('what ct refuses is refused', () => {
  const check = (path: SettingPath, yaml: string, message: RegExp) => {
    const loaded = loadConfiguration({ file: fileWith(path, yaml) })
    expect(loaded.ok, `${path}: ${yaml}`).toBe(false)
    expect(printDiagnostics(loaded.diagnostics)).toMatch(message)
  }
  check('metadata', '"true"', /"true" is not a boolean[\s\S]*leave the quotes out/)
  check('metadata', '1', /"1" is not a boolean/)
  check('metadata', 'tRue', /is not a boolean/)
  check('concurrency', '"10"', /"10" is not a whole number[\s\S]*leave the quotes out/)
  check('concurrency', 'ten', /"ten" is not a whole number/)
  check('concurrency', '-1', /-1 is too little; at least 0/)
  check('timeout', '"10"', /"10" is not a duration/)
  check('timeout', '1d', /"1d" is not a duration/)
  check('timeout', '-1s', /-1s is too little/)
  check('tenant.label_list', 'a', /a list belongs here/)
  check('tenant.label', '[a]', /a text belongs here, not a list/)
  check('tenant.label', '{a: b}', /a text belongs here, not a mapping/)
  check('log_level', 'loud', /"loud" is not one of the values/)
  check('listen', 'here', /"here" is not an address/)
})

test('variables are read as Go reads them', () => {
  const check = (variable: string, text: string, message: RegExp) => {
    const loaded = loadConfiguration({ env: { [variable]: text } })
    expect(loaded.ok, `${variable}=${text}`).toBe(false)
    expect(printDiagnostics(loaded.diagnostics)).toMatch(message)
  }
  check('CT_METADATA', 'yes', /^CT_METADATA: "yes" is not a boolean/)
  check('CT_CONCURRENCY', '0x10', /^CT_CONCURRENCY: "0x10" is not a whole number/)
  check('CT_TIMEOUT', '10', /^CT_TIMEOUT: "10" is not a duration\n {2}hint: write numbers with units, such as 10s/)
})

test('numbers that ct takes but that nobody can have meant come with a warning', () => {
  const check = (path: SettingPath, yaml: string, value: number, message: RegExp) => {
    const loaded = loadConfiguration({ file: fileWith(path, yaml) })
    expect(loaded.ok && loaded.configuration.settings[path]).toBe(value)
    expect(printDiagnostics(loaded.diagnostics)).toMatch(message)
  }
  check('timeout', '10', 0.00001, /warning: this is only 10ns[\s\S]*counts nanoseconds/)
  check('concurrency', '10.7', 10, /warning: read as 10/)
})
