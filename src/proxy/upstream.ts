// From settings to what a pipeline needs: links and a transport of its own for each generation.

import { basicAuth } from '../client/basic-auth.ts'
import { readCaBundle } from '../client/ca-bundle.ts'
import { chain } from '../client/chain.ts'
import { createTransport, type Transport } from '../client/transport.ts'
import type { ProxySettings } from '../config/proxy-settings.ts'
import { inline } from '../config/secret.ts'
import type { EndpointSettings, PipelineSettings } from '../pipeline/settings.ts'

export interface Upstreams {
  readonly settings: PipelineSettings
  readonly transport: Transport
}

/** Throws SluiceError CONFIG_INVALID where the CA bundle can't be used. Opens no connection. */
export function buildUpstreams(settings: ProxySettings): Upstreams {
  const { egress, receive } = settings
  const transport = createTransport({
    maxConnections: egress.maxInFlight,
    maxConnectionAgeMs: egress.maxConnectionDurationMs,
    dualStack: egress.ipv6,
    // A bundle without certificates is no harm where nothing is sent over TLS: charts mount one that may be empty.
    ...(egress.caBundleFile !== undefined && { ca: readCaBundle(egress.caBundleFile, sendsOverTls(settings)).pem }),
  })
  const endpoint = ({ upstream, tenancy }: ProxySettings['metrics']): EndpointSettings => {
    const { url, basicAuth: auth } = upstream
    const links =
      auth === undefined ? [] : [basicAuth({ username: inline(auth.username), password: inline(auth.password) })]
    return { tenancy, url, headers: {}, send: chain(links, transport.send) }
  }
  return {
    transport,
    settings: {
      metrics: endpoint(settings.metrics),
      logs: endpoint(settings.logs),
      timeoutMs: egress.timeoutMs,
      maxInFlight: egress.maxInFlight,
      maxRetryAfter: Math.floor(egress.maxRetryAfterMs / 1000),
      maxDecompressedBytes: receive.maxDecompressedSize,
      acceptAll: settings.acceptAll,
      dryRun: settings.dryRun,
      logResponseErrors: settings.logResponseErrors,
    },
  }
}

function sendsOverTls({ metrics, logs }: ProxySettings): boolean {
  return [metrics, logs].some(({ upstream, tenancy }) =>
    [upstream.url, ...tenancy.override.map((override) => override.url)].some((url) => url?.startsWith('https:')),
  )
}
