// Whole files as cortex-tenant is deployed with: packaged, by its chart, by variables alone. They load without a word and
// mean what they meant.
import { expect, test } from 'vitest'
import { loadConfiguration } from './load.ts'
import { type ProxySettings, resolveProxySettings } from './proxy-settings.ts'

const load = (text: string | undefined, env: Readonly<Record<string, string>> = {}): ProxySettings => {
  const loaded = loadConfiguration({ env, ...(text !== undefined && { file: { name: 'ct.yml', text } }) })
  expect(loaded.diagnostics).toEqual([])
  if (!loaded.ok) throw new Error('not reached')
  return resolveProxySettings(loaded.configuration.settings)
}

// A value that the chart's user left out is rendered as nothing behind the colon, a list with an empty line before it.
const rendered = (tenant: string, egress = ''): string => `
listen: 0.0.0.0:8080
listen_pprof: 0.0.0.0:7008
target: http://mimir.svc:8080/api/v1/push
enable_ipv6: false
log_level: warn
timeout: 15s
timeout_shutdown: 10s
concurrency: 1e+06
metadata: false
log_response_errors: true
max_connection_duration: 0s
max_conns_per_host: 64
auth:
  egress:
    tls_config:
      ca_bundle_file: ${egress}
tenant:
  label: tenant
${tenant}  prefix_prefer_source: false
  header: X-Scope-OrgID
  accept_all: false`

test('a rendered chart: what was left out is the default', () => {
  const settings = load(rendered('  prefix: \n  label_remove: false\n  default: \n'))
  expect(settings).toMatchObject({
    listen: '0.0.0.0:8080',
    listenMetrics: '0.0.0.0:9090',
    listenPprof: '0.0.0.0:7008',
    logLevel: 'warn',
    logResponseErrors: true,
    acceptAll: false,
    ingress: { timeoutMs: 15_000, idleTimeoutMs: 60_000, concurrency: 1_000_000 },
    egress: { timeoutMs: 15_000, maxConnectionDurationMs: 0, maxInFlight: 64, ipv6: false },
    shutdown: { timeoutMs: 10_000 },
    metrics: {
      upstream: { url: 'http://mimir.svc:8080/api/v1/push' },
      tenancy: { labels: ['tenant'], default: '', prefix: '', keepLabel: true, metadata: 'drop' },
    },
  })
  expect(settings.egress).not.toHaveProperty('caBundleFile')
  expect(settings.metrics.upstream).not.toHaveProperty('basicAuth')
})

test('a rendered chart with a list of labels, a CA and credentials from a secret', () => {
  const tenant =
    '  label_list:\n    \n    - team\n    - owner\n  prefix: eu-\n  label_remove: true\n  default: shared\n'
  const settings = load(rendered(tenant, '/var/run/secrets/ca.crt'), {
    CT_AUTH_EGRESS_USERNAME: 'writer',
    CT_AUTH_EGRESS_PASSWORD: 'geheim',
  })
  expect(settings).toMatchObject({
    egress: { caBundleFile: '/var/run/secrets/ca.crt' },
    metrics: {
      upstream: { basicAuth: { username: 'writer', password: 'geheim' } },
      tenancy: { labels: ['team', 'owner'], prefix: 'eu-', default: 'shared', keepLabel: false },
    },
    logs: { tenancy: { labels: ['team', 'owner'], keepLabel: true } },
  })
})

test('a short file, as a package installs it', () => {
  const text = `
listen: 0.0.0.0:8080
target: http://127.0.0.1:9091/receive
log_level: warn
timeout: 10s
metrics_include_tenant: true

tenant:
  label: __tenant__
  label_remove: true
  header: X-Scope-OrgID
  default: default
`
  expect(load(text)).toMatchObject({
    metricsIncludeTenant: true,
    metrics: { tenancy: { labels: ['__tenant__'], default: 'default', keepLabel: false } },
    logs: { upstream: { url: 'http://127.0.0.1:3100/' }, tenancy: { keepLabel: true } },
  })
})

test('variables alone, no file', () => {
  const env = {
    CT_LISTEN: '0.0.0.0:8080',
    CT_TARGET: 'http://mimir:8080/api/v1/push',
    CT_TENANT_LABEL_LIST: 'team,owner',
    CT_TENANT_DEFAULT: 'shared',
    CT_TENANT_LABEL_REMOVE: 'true',
    CT_MAX_CONN_DURATION: '5m',
    CT_METADATA: 'false',
    CT_TENANT_PREFIX: '',
    CT_SOMETHING_ELSE: '1',
  }
  expect(load(undefined, env)).toMatchObject({
    listen: '0.0.0.0:8080',
    egress: { maxConnectionDurationMs: 300_000 },
    metrics: {
      tenancy: { labels: ['team', 'owner'], default: 'shared', keepLabel: false, metadata: 'drop', prefix: '' },
    },
  })
})
