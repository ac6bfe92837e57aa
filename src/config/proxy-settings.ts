// Settings to what the proxy is built from: ct's keys and Sluice's own made one, in camelCase, durations in
// milliseconds that a timer can hold, URLs with a scheme. Pure: the same settings always give the same.

import type { HttpClientSettings } from './http-client/http-client-settings.ts'
import { resolveCaBundle, resolveClient, resolveUpstream } from './proxy-client.ts'
import type { QueueSettings } from './queue-settings.ts'
import { resolveQueue } from './resolve-queue.ts'
import type { ValueOf } from './setting-spec.ts'
import { maxTimerMs } from './setting-spec.ts'
import type { Settings, settingsTable } from './settings.ts'
import type { MetadataMode, TenancySettings } from './tenancy-settings.ts'
import type { Upstream } from './upstream-url.ts'

export type LogLevel = ValueOf<(typeof settingsTable)['log_level']>

export interface SignalSettings {
  readonly upstream: Upstream
  /** How it is sent; `upstream.basicAuth` and `egress.caBundleFile` are in it already. */
  readonly client: HttpClientSettings
  readonly tenancy: TenancySettings
}

export interface ProxySettings {
  /** host:port of the push listener. */
  readonly listen: string
  /** '' if ct's pprof listener is not asked for; it is never opened. */
  readonly listenPprof: string
  readonly listenMetrics: string
  /** `required`: it was set, so that a start without it fails. */
  readonly adminListen: { readonly address: string; readonly required: boolean }
  readonly metricsIncludeTenant: boolean
  readonly logLevel: LogLevel
  readonly logResponseErrors: boolean
  /** One signal each: where it goes and how tenants are found in it. */
  readonly metrics: SignalSettings
  readonly logs: SignalSettings
  /** Senders are answered 204 whatever upstream says. */
  readonly acceptAll: boolean
  readonly dryRun: boolean
  readonly ingress: {
    /** For reading a request. */
    readonly timeoutMs: number
    readonly idleTimeoutMs: number
    /** Pushes handled at once. */
    readonly concurrency: number
    /** Both or neither; PEM. */
    readonly tls?: { readonly certFile: string; readonly keyFile: string }
  }
  readonly egress: {
    /** From the wait for a connection to the end of the answer. */
    readonly timeoutMs: number
    /** 0: connections live for ever. */
    readonly maxConnectionDurationMs: number
    readonly maxInFlight: number
    readonly maxRetryAfterMs: number
    readonly ipv6: boolean
    /** Replaces the system's authorities; PEM. */
    readonly caBundleFile?: string
  }
  readonly receive: {
    readonly maxBodySize: number
    readonly maxDecompressedSize: number
    /** undefined: a share of the memory there is. */
    readonly maxInFlightBytes: number | undefined
  }
  /** Absent: lanes answer, nothing is stored. */
  readonly queue?: QueueSettings
  readonly storage: {
    readonly path: string
    /** undefined: a share of what is free. */
    readonly maxBytes: number | undefined
  }
  readonly shutdown: { readonly timeoutMs: number; readonly deadlineMs: number }
}

const timer = (ms: number): number => (ms > 0 && ms < 1 ? 1 : Math.min(ms, maxTimerMs))

/** ct's key for metadata: `false` drops, `true` and absent follow; what follows nowhere goes to the default tenant. */
const metadataMode = (settings: Settings): MetadataMode =>
  settings['tenancy.metadata'] ?? (settings.metadata === false ? 'drop' : 'follow')

/** Tenancy of one signal. ct's `label_remove` acts on metrics only; `tenancy.keep_label` on both. */
export function resolveTenancy(settings: Settings, signal: 'metrics' | 'logs'): TenancySettings {
  const list = settings['tenant.label_list']
  const header = settings['tenancy.header'] ?? settings['tenant.header']
  return {
    labels: settings['tenancy.labels'] ?? (list.length > 0 ? list : [settings['tenant.label']]),
    default: settings['tenancy.default'] ?? settings['tenant.default'],
    onMissing: settings['tenancy.on_missing'],
    onInvalid: settings['tenancy.on_invalid'],
    keepLabel: settings['tenancy.keep_label'] ?? (signal === 'logs' || !settings['tenant.label_remove']),
    prefix: settings['tenancy.prefix'] ?? settings['tenant.prefix'],
    prefixFromHeader: settings['tenancy.prefix_from_header'] ?? (settings['tenant.prefix_prefer_source'] ? header : ''),
    header,
    allow: settings['tenancy.allow'],
    deny: settings['tenancy.deny'],
    strict: settings['tenancy.strict'],
    metadata: metadataMode(settings),
    maxTenants: settings['tenancy.max_tenants'],
    maxTenantsPerRequest: settings['tenancy.max_tenants_per_request'],
    idleTimeoutMs: timer(settings['tenancy.idle_timeout']),
    maxInFlightPerTenant: settings['tenancy.max_in_flight_per_tenant'],
    rateLimit: {
      samplesPerSecond: settings['tenancy.rate_limit.samples_per_second'],
      burst: settings['tenancy.rate_limit.burst'],
    },
    override: settings['tenancy.override'],
  }
}

function resolveSignal(url: string, settings: Settings, signal: 'metrics' | 'logs'): SignalSettings {
  const upstream = resolveUpstream(url, settings)
  return { upstream, client: resolveClient(settings, upstream), tenancy: resolveTenancy(settings, signal) }
}

export function resolveProxySettings(settings: Settings): ProxySettings {
  const certFile = settings['auth.ingress.tls_config.cert_file']
  const keyFile = settings['auth.ingress.tls_config.key_file']
  const caBundleFile = resolveCaBundle(settings)
  const queue = resolveQueue(settings)
  const admin = settings['server.http.listen_addr']
  return {
    listen: settings.listen,
    listenPprof: settings.listen_pprof,
    listenMetrics: settings.listen_metrics_address,
    adminListen: { address: admin ?? '127.0.0.1:12345', required: admin !== undefined },
    metricsIncludeTenant: settings.metrics_include_tenant,
    logLevel: settings.log_level,
    logResponseErrors: settings.log_response_errors,
    metrics: resolveSignal(settings.target, settings, 'metrics'),
    logs: resolveSignal(settings.target_loki, settings, 'logs'),
    acceptAll: settings['tenant.accept_all'],
    dryRun: settings.dry_run,
    ingress: {
      timeoutMs: timer(settings.timeout),
      idleTimeoutMs: timer(settings.idle_timeout),
      concurrency: settings.concurrency,
      ...(certFile !== '' && keyFile !== '' ? { tls: { certFile, keyFile } } : {}),
    },
    egress: {
      timeoutMs: timer(settings.timeout),
      maxConnectionDurationMs: timer(settings.max_connection_duration),
      maxInFlight: settings['send.max_in_flight'] ?? settings.max_conns_per_host,
      maxRetryAfterMs: settings['send.max_retry_after'],
      ipv6: settings.enable_ipv6,
      ...(caBundleFile === undefined ? {} : { caBundleFile }),
    },
    receive: {
      maxBodySize: settings['receive.max_body_size'],
      maxDecompressedSize: settings['receive.max_decompressed_size'],
      maxInFlightBytes: settings['receive.max_in_flight_bytes'],
    },
    ...(queue === undefined ? {} : { queue }),
    storage: { path: settings['storage.path'], maxBytes: settings['storage.max_bytes'] },
    shutdown: { timeoutMs: settings.timeout_shutdown, deadlineMs: settings['server.shutdown_deadline'] },
  }
}
