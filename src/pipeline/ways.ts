// The ways upstream of one settings generation: the links that a client's settings ask for, and the connections at their
// end, shared by all whom nothing makes reach upstream in another way.

import { chain } from '../client/chain.ts'
import { type StandardLinks, standardLinks } from '../client/standard-links.ts'
import { createTransport, type Transport, type TransportOptions } from '../client/transport.ts'
import type { HttpClientSettings } from '../config/http-client/http-client-settings.ts'
import { overriddenClient } from '../config/http-client/overridden-client.ts'
import type { Override } from '../config/tenancy-settings.ts'
import { SluiceError } from '../errors.ts'
import type { Send } from '../wire/message.ts'
import type { EndpointSettings } from './settings.ts'

export type WaysOptions = Pick<TransportOptions, 'ca' | 'maxConnections' | 'maxConnectionAgeMs' | 'dualStack'>

export class Ways {
  readonly #options: WaysOptions
  readonly #links: StandardLinks[] = []
  readonly #transports = new Map<Override | 'endpoint', Transport>()

  constructor(options: WaysOptions) {
    this.#options = options
  }

  /**
   * An endpoint's way with this client, and those of its overrides. Endpoints of one `Ways` share connections: those of
   * the first one's `tls`, `proxy` and so on. Throws SluiceError CONFIG_INVALID, also later by `sendOf`, where a
   * certificate or a cloud's region can't be used. Opens no connection.
   */
  to(client: HttpClientSettings): Pick<Required<EndpointSettings>, 'send' | 'sendOf'> {
    return {
      send: asPartOf('client', () => this.#sendBy(client, this.#transportOf('endpoint', client))),
      sendOf: (override) => {
        if (override.client === undefined) return undefined
        const own = overriddenClient(client, override.client)
        const way = hasOwnWay(override.client) ? override : 'endpoint'
        return asPartOf(`tenancy.override of ${override.tenants}`, () => this.#sendBy(own, this.#transportOf(way, own)))
      },
    }
  }

  /** Ends idle connections; resolves when requests under way are done. */
  async close(): Promise<void> {
    await Promise.all([...this.#transports.values()].map((transport) => transport.close()))
    this.#endLinks()
  }

  /** Ends everything now. */
  destroy(): void {
    this.#endLinks()
    for (const transport of this.#transports.values()) transport.destroy()
  }

  #sendBy(client: HttpClientSettings, transport: Transport): Send {
    const own = standardLinks(client)
    this.#links.push(own)
    return chain([...own.links.values()], transport.send)
  }

  /** What an override reaches upstream in another way by has connections of its own; all else shares them. */
  #transportOf(way: Override | 'endpoint', { tls, proxy, enableHttp2, roundRobinDns }: HttpClientSettings): Transport {
    let transport = this.#transports.get(way)
    if (transport === undefined) {
      transport = createTransport({ ...this.#options, tls, proxy, http2: enableHttp2, roundRobinDns })
      this.#transports.set(way, transport)
    }
    return transport
  }

  #endLinks(): void {
    for (const { destroy } of this.#links) destroy()
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

const hasOwnWay = ({ tls, proxy, enableHttp2, roundRobinDns }: Partial<HttpClientSettings>): boolean =>
  tls !== undefined || proxy !== undefined || enableHttp2 !== undefined || roundRobinDns !== undefined
