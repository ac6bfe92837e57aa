import { expect, test } from 'vitest'
import { printDiagnostics } from './diagnostics.ts'
import { parseFlags } from './flags.ts'
import { type Configuration, loadConfiguration, type Sources } from './load.ts'

const file = (text: string) => ({ file: { name: 'c.yml', text } })
const flags = (...argv: string[]) => ({ flags: parseFlags(argv).values })

const load = (sources: Sources): Configuration => {
  const loaded = loadConfiguration(sources)
  if (!loaded.ok) throw new Error(printDiagnostics(loaded.diagnostics))
  return loaded.configuration
}
const printed = (sources: Sources) => printDiagnostics(loadConfiguration(sources).diagnostics)

test('flag, SLUICE_*, CT_*, sluice:, ct key, default', () => {
  const layers: [Sources, string, string][] = [
    [{}, '__tenant__', 'tenant.label'],
    [file('tenant: { label: key }'), 'key', 'tenant.label'],
    [file('tenant: { label: key }\nsluice: { tenant: { label: own } }'), 'own', 'sluice.tenant.label'],
    [{ env: { CT_TENANT_LABEL: 'ct' } }, 'ct', 'CT_TENANT_LABEL'],
    [{ env: { CT_TENANT_LABEL: 'ct', SLUICE_TENANT_LABEL: 'sluice' } }, 'sluice', 'SLUICE_TENANT_LABEL'],
    [flags('--tenant.label=flag'), 'flag', '--tenant.label'],
  ]
  let all: Sources = {}
  for (const [layer, value, origin] of layers) {
    all = { ...all, ...layer }
    const configuration = load(all)
    expect(configuration.settings['tenant.label']).toBe(value)
    expect(configuration.origin('tenant.label').name).toBe(origin)
  }
})

test('the order of sluice: and ct keys in the file does not matter', () => {
  expect(load(file('sluice: { listen: ":2" }\nlisten: ":1"')).settings.listen).toBe(':2')
})

test('where a value comes from', () => {
  const configuration = load({
    ...file('sluice:\n  tenancy:\n    deny: [x]\n'),
    env: { CT_LISTEN: ':1' },
    ...flags('--dry_run'),
  })
  expect(configuration.origin('tenancy.deny')).toMatchObject({
    kind: 'file',
    name: 'sluice.tenancy.deny',
    position: { file: 'c.yml', line: 3, col: 11 },
  })
  expect(configuration.origin('listen')).toEqual({ kind: 'env', name: 'CT_LISTEN' })
  expect(configuration.origin('dry_run')).toEqual({ kind: 'flag', name: '--dry_run' })
  expect(configuration.origin('timeout')).toEqual({ kind: 'default', name: 'timeout' })
})

test('an explicit value counts as set though it equals the default; ct’s zero does not', () => {
  const configuration = load(
    file('tenant: { label_remove: false, header: "" }\ntimeout: 0\nsluice: { tenancy: { default: "" } }'),
  )
  expect(configuration.origin('tenant.label_remove').kind).toBe('file')
  expect(configuration.origin('tenancy.default').kind).toBe('file')
  expect(configuration.settings['tenancy.default']).toBe('')
  expect(configuration.origin('tenant.header').kind).toBe('default')
  expect(configuration.origin('timeout').kind).toBe('default')
})

test('CT_* goes before what a file says about the same matter under another name', () => {
  const text = 'sluice: { tenancy: { keep_label: true, default: a } }'
  const env = { CT_TENANT_LABEL_REMOVE: 'true', CT_TENANT_DEFAULT: '' }
  expect(load({ ...file(text), env }).settings).toMatchObject({
    'tenancy.keep_label': undefined,
    'tenant.label_remove': true,
    'tenancy.default': 'a',
  })
  expect(printed({ ...file(text), env })).toBe(`\
c.yml:1:34: warning: \`tenancy.keep_label\` is not used: CT_TENANT_LABEL_REMOVE says otherwise and goes before it
  sluice: { tenancy: { keep_label: true, default: a } }
                                   ^^^^
  hint: set SLUICE_TENANCY_KEEP_LABEL, or take CT_TENANT_LABEL_REMOVE away`)
  const own = { ...env, SLUICE_TENANCY_KEEP_LABEL: 'true' }
  expect(load({ ...file(text), env: own }).settings['tenancy.keep_label']).toBe(true)
  // Within one source, Sluice's own setting wins.
  expect(load(file(`${text}\ntenant: { label_remove: true }`)).settings['tenancy.keep_label']).toBe(true)
  expect(
    load({ env: { CT_MAX_CONNS_PER_HOST: '5', SLUICE_SEND_MAX_IN_FLIGHT: '9' } }).settings['send.max_in_flight'],
  ).toBe(9)
})

test('every source is checked, also where another one wins', () => {
  expect(printed({ ...file('timeout: x'), env: { CT_TIMEOUT: 'y' }, ...flags('--timeout=1s') })).toBe(`\
c.yml:1:10: "x" is not a duration
  timeout: x
           ^
  hint: write numbers with units, such as 10s, 1m30s or 1.5h
CT_TIMEOUT: "y" is not a duration
  hint: write numbers with units, such as 10s, 1m30s or 1.5h`)
})

test('own settings: durations, sizes, lists, enums', () => {
  const own = (yaml: string) => load(file(`sluice:\n  ${yaml}`)).settings
  expect(own('tenancy: { idle_timeout: 1h30m }')['tenancy.idle_timeout']).toBe(5_400_000)
  expect(own('server: { shutdown_deadline: 0 }')['server.shutdown_deadline']).toBe(0)
  expect(own('receive: { max_body_size: 32MiB }')['receive.max_body_size']).toBe(33_554_432)
  expect(own('receive: { max_body_size: 65536 }')['receive.max_body_size']).toBe(65_536)
  expect(own('receive: { max_in_flight_bytes: 64MB }\n  dry_run: yes')['receive.max_in_flight_bytes']).toBe(64_000_000)
  expect(own('tenancy: { allow: [a, "b*"], on_missing: drop }')).toMatchObject({
    'tenancy.allow': ['a', 'b*'],
    'tenancy.on_missing': 'drop',
  })
  const env = { SLUICE_TENANCY_ALLOW: 'a, b*', SLUICE_RECEIVE_MAX_BODY_SIZE: '1MiB', SLUICE_TENANCY_IDLE_TIMEOUT: '1d' }
  expect(load({ env }).settings).toMatchObject({
    'tenancy.allow': ['a', 'b*'],
    'receive.max_body_size': 1_048_576,
    'tenancy.idle_timeout': 86_400_000,
  })
})

test('anchors, aliases and merge keys, read as ct reads them', () => {
  const text = `
tenant: &t
  label: a
  prefix: &p p-
listen: &l ":1"
listen_metrics_address: *l
sluice:
  tenant:
    <<: *t
    label: b
    default: *p
`
  expect(load(file(text)).settings).toMatchObject({
    listen_metrics_address: ':1',
    'tenant.label': 'b',
    'tenant.prefix': 'p-',
    'tenant.default': 'p-',
  })
  // yaml.v2 lets a merge key win over what stands before it.
  expect(load(file('tenant:\n  label: a\n  <<: { label: b }')).settings['tenant.label']).toBe('b')
  expect(load(file('tenant:\n  <<: [{ label: b }, { label: c, prefix: d }]')).settings).toMatchObject({
    'tenant.label': 'b',
    'tenant.prefix': 'd',
  })
})

test('an empty file, and nothing at all', () => {
  for (const text of ['', '# nothing\n', '---\n', '{}', 'null', '\ufeff'])
    expect(load(file(text)).settings).toEqual(load({}).settings)
})
