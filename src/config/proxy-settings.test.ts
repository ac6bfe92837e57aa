import { expect, test } from 'vitest'
import { printDiagnostics } from './diagnostics.ts'
import { parseFlags } from './flags.ts'
import { defaultHttpClient } from './http-client/settle-http-client.ts'
import { loadConfiguration } from './load.ts'
import { type ProxySettings, resolveProxySettings } from './proxy-settings.ts'
import { defaultTenancy } from './tenancy-settings.ts'

const proxy = (...argv: string[]): ProxySettings => {
  const loaded = loadConfiguration({ flags: parseFlags(argv).values })
  if (!loaded.ok) throw new Error(printDiagnostics(loaded.diagnostics))
  return resolveProxySettings(loaded.configuration.settings)
}

test('defaults: the library’s, but for ct’s label and its keeping', () => {
  const { metrics, logs, ...rest } = proxy()
  const tenancy = { ...defaultTenancy, labels: ['__tenant__'], keepLabel: true }
  const client = { ...defaultHttpClient, followRedirects: false }
  expect(metrics).toEqual({ upstream: { url: 'http://127.0.0.1:9090/' }, client, tenancy })
  expect(logs).toEqual({ upstream: { url: 'http://127.0.0.1:3100/' }, client, tenancy })
  expect(rest).toEqual({
    listen: '127.0.0.1:8081',
    listenPprof: '',
    listenMetrics: '0.0.0.0:9090',
    adminListen: { address: '127.0.0.1:12345', required: false },
    metricsIncludeTenant: false,
    logLevel: 'warn',
    logResponseErrors: false,
    acceptAll: false,
    dryRun: false,
    ingress: { timeoutMs: 10_000, idleTimeoutMs: 60_000, concurrency: 512 },
    egress: { timeoutMs: 10_000, maxConnectionDurationMs: 0, maxInFlight: 64, maxRetryAfterMs: 30_000, ipv6: false },
    receive: { maxBodySize: 33_554_432, maxDecompressedSize: 67_108_864, maxInFlightBytes: undefined },
    storage: { path: 'data-sluice/', maxBytes: undefined },
    shutdown: { timeoutMs: 0, deadlineMs: 20_000 },
  })
})

test('labels: tenancy.labels, tenant.label_list, tenant.label', () => {
  const labels = (...argv: string[]) => proxy(...argv).metrics.tenancy.labels
  expect(labels('--tenant.label=a')).toEqual(['a'])
  expect(labels('--tenant.label=a', '--tenant.label_list=b,c')).toEqual(['b', 'c'])
  expect(labels('--tenant.label=a', '--tenant.label_list=b,c', '--tenancy.labels=d')).toEqual(['d'])
})

test('keeping the label: ct’s key acts on metrics, ours on both', () => {
  const kept = (...argv: string[]) => {
    const { metrics, logs } = proxy(...argv)
    return [metrics.tenancy.keepLabel, logs.tenancy.keepLabel]
  }
  expect(kept()).toEqual([true, true])
  expect(kept('--tenant.label_remove')).toEqual([false, true])
  expect(kept('--tenancy.keep_label=false')).toEqual([false, false])
  expect(kept('--tenant.label_remove', '--tenancy.keep_label')).toEqual([true, true])
})

test('default, prefix, header, prefix from a header', () => {
  const ct = ['--tenant.default=a', '--tenant.prefix=p-', '--tenant.header=X-A', '--tenant.prefix_prefer_source']
  expect(proxy(...ct).logs.tenancy).toMatchObject({
    default: 'a',
    prefix: 'p-',
    header: 'X-A',
    prefixFromHeader: 'X-A',
  })
  const own = ['--tenancy.default=', '--tenancy.prefix=q-', '--tenancy.header=X-B']
  expect(proxy(...ct, ...own).metrics.tenancy).toMatchObject({
    default: '',
    prefix: 'q-',
    header: 'X-B',
    prefixFromHeader: 'X-B',
  })
  expect(proxy(...ct, '--tenancy.prefix_from_header=').metrics.tenancy.prefixFromHeader).toBe('')
  expect(proxy('--tenancy.prefix_from_header=X-C').metrics.tenancy.prefixFromHeader).toBe('X-C')
})

test('metadata', () => {
  const mode = (...argv: string[]) => proxy(...argv).metrics.tenancy.metadata
  expect(mode()).toBe('follow')
  expect(mode('--metadata=true')).toBe('follow')
  expect(mode('--metadata=false')).toBe('drop')
  expect(mode('--metadata=false', '--tenancy.metadata=broadcast')).toBe('broadcast')
})

test('upstreams and who signs in to them', () => {
  const auth = ['--auth.egress.username=foo', '--auth.egress.password=bar']
  const { metrics, logs } = proxy('--target=mimir/push', '--target_loki=https://u:p@loki/push', ...auth)
  expect(metrics.upstream).toEqual({ url: 'http://mimir/push', basicAuth: { username: 'foo', password: 'bar' } })
  expect(logs.upstream).toEqual({ url: 'https://loki/push', basicAuth: { username: 'u', password: 'p' } })
})

test('the rest', () => {
  expect(proxy('--max_conns_per_host=7').egress.maxInFlight).toBe(7)
  expect(proxy('--max_conns_per_host=7', '--send.max_in_flight=9').egress.maxInFlight).toBe(9)
  expect(proxy('--server.http.listen-addr=:1').adminListen).toEqual({ address: ':1', required: true })
  const tls = ['--auth.ingress.tls_config.cert_file=c', '--auth.ingress.tls_config.key_file=k']
  expect(proxy(...tls).ingress.tls).toEqual({ certFile: 'c', keyFile: 'k' })
  expect(proxy('--auth.egress.tls_config.ca_bundle_file=ca').egress.caBundleFile).toBe('ca')
  // Timers hold no more than 2^31 - 1 ms, and a part of a millisecond is one.
  expect(proxy('--max_connection_duration=9000h').egress.maxConnectionDurationMs).toBe(2_147_483_647)
  expect(proxy('--timeout=10ns').egress.timeoutMs).toBe(1)
})
