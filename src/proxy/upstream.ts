// From settings to what a pipeline needs: links and transports of its own for each generation.

import { readCaBundle } from '../client/ca-bundle.ts'
import type { HttpClientSettings } from '../config/http-client/http-client-settings.ts'
import type { ProxySettings, SignalSettings } from '../config/proxy-settings.ts'
import type { EndpointSettings, PipelineSettings } from '../pipeline/settings.ts'
import { Ways } from '../pipeline/ways.ts'

export interface Upstreams {
  readonly settings: PipelineSettings
  /** Ends idle connections; resolves when requests under way are done. */
  close(): Promise<void>
  /** Ends everything now. */
  destroy(): void
}

/** Throws SluiceError CONFIG_INVALID where a CA bundle, a certificate or a cloud's region can't be used. Opens no connection. */
export function buildUpstreams(settings: ProxySettings): Upstreams {
  const { egress, receive } = settings
  const { caBundleFile } = egress
  // A bundle without certificates is no harm where nothing is sent over TLS: charts mount one that may be empty.
  const bundle = caBundleFile === undefined ? undefined : readCaBundle(caBundleFile, sendsOverTls(settings)).pem
  const ways = new Ways({
    ...(bundle !== undefined && { ca: bundle }),
    maxConnections: egress.maxInFlight,
    maxConnectionAgeMs: egress.maxConnectionDurationMs,
    dualStack: egress.ipv6,
  })
  const endpoint = ({ client, tenancy, upstream }: SignalSettings): EndpointSettings => ({
    tenancy,
    url: upstream.url,
    headers: {},
    ...ways.to(bundle === undefined ? client : withoutAuthorities(client)),
  })
  return {
    close: () => ways.close(),
    destroy: () => ways.destroy(),
    settings: {
      metrics: endpoint(settings.metrics),
      logs: endpoint(settings.logs),
      timeoutMs: egress.timeoutMs,
      maxInFlight: egress.maxInFlight,
      maxRetryAfter: Math.floor(egress.maxRetryAfterMs / 1000),
      maxDecompressedBytes: receive.maxDecompressedSize,
      ...(settings.queue && { queue: settings.queue }),
      acceptAll: settings.acceptAll,
      dryRun: settings.dryRun,
      logResponseErrors: settings.logResponseErrors,
    },
  }
}

/** ct's bundle is read as ct reads it, not as `tls_config` is. */
function withoutAuthorities(client: HttpClientSettings): HttpClientSettings {
  const { ca: _, ...tls } = client.tls
  return { ...client, tls }
}

function sendsOverTls({ metrics, logs }: ProxySettings): boolean {
  return [metrics, logs].some(({ upstream, tenancy }) =>
    [upstream.url, ...tenancy.override.map((override) => override.url)].some((url) => url?.startsWith('https:')),
  )
}
