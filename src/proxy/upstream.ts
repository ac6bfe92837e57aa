// From settings to what a pipeline needs: links and transports of its own for each generation.

import { readCaBundle } from '../client/ca-bundle.ts'
import { chain } from '../client/chain.ts'
import { type StandardLinks, standardLinks } from '../client/standard-links.ts'
import { createTransport, type Transport } from '../client/transport.ts'
import type { HttpClientSettings } from '../config/http-client/http-client-settings.ts'
import { overriddenClient } from '../config/http-client/overridden-client.ts'
import type { ProxySettings, SignalSettings } from '../config/proxy-settings.ts'
import type { Override } from '../config/tenancy-settings.ts'
import { SluiceError } from '../errors.ts'
import type { EndpointSettings, PipelineSettings } from '../pipeline/settings.ts'
import type { Send } from '../wire/message.ts'

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
  const ends: StandardLinks[] = []
  const transports = new Map<Override | 'endpoint', Transport>()
  /** What an override reaches upstream in another way by has connections of its own; all else shares them. */
  const transportOf = (way: Override | 'endpoint', { tls, proxy, enableHttp2, roundRobinDns }: HttpClientSettings) => {
    const known = transports.get(way)
    const transport =
      known ??
      createTransport({
        tls,
        ...(bundle !== undefined && { ca: bundle }),
        proxy,
        http2: enableHttp2,
        roundRobinDns,
        maxConnections: egress.maxInFlight,
        maxConnectionAgeMs: egress.maxConnectionDurationMs,
        dualStack: egress.ipv6,
      })
    transports.set(way, transport)
    return transport
  }
  const sendBy = (client: HttpClientSettings, transport: Transport): Send => {
    const own = standardLinks(client)
    ends.push(own)
    return chain([...own.links.values()], transport.send)
  }
  const endpoint = (signal: SignalSettings): EndpointSettings => {
    const client = bundle === undefined ? signal.client : withoutAuthorities(signal.client)
    return {
      tenancy: signal.tenancy,
      url: signal.upstream.url,
      headers: {},
      send: asPartOf('client', () => sendBy(client, transportOf('endpoint', client))),
      sendOf: (override) => {
        if (override.client === undefined) return undefined
        const own = overriddenClient(client, override.client)
        const way = hasOwnWay(override.client) ? override : 'endpoint'
        return asPartOf(`tenancy.override of ${override.tenants}`, () => sendBy(own, transportOf(way, own)))
      },
    }
  }
  const endLinks = (): void => {
    for (const { destroy } of ends) destroy()
  }
  return {
    close: async () => {
      await Promise.all([...transports.values()].map((transport) => transport.close()))
      endLinks()
    },
    destroy: () => {
      endLinks()
      for (const transport of transports.values()) transport.destroy()
    },
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

/** Many clients are made of one file: what is wrong with one says which it is. */
function asPartOf(part: string, make: () => Send): Send {
  try {
    return make()
  } catch (cause) {
    if (!(cause instanceof SluiceError)) throw cause
    throw new SluiceError(cause.code, `${part}: ${cause.message}`, { cause })
  }
}

/** ct's bundle is read as ct reads it, not as `tls_config` is. */
function withoutAuthorities(client: HttpClientSettings): HttpClientSettings {
  const { ca: _, ...tls } = client.tls
  return { ...client, tls }
}

const hasOwnWay = ({ tls, proxy, enableHttp2, roundRobinDns }: Partial<HttpClientSettings>): boolean =>
  tls !== undefined || proxy !== undefined || enableHttp2 !== undefined || roundRobinDns !== undefined

function sendsOverTls({ metrics, logs }: ProxySettings): boolean {
  return [metrics, logs].some(({ upstream, tenancy }) =>
    [upstream.url, ...tenancy.override.map((override) => override.url)].some((url) => url?.startsWith('https:')),
  )
}
