// From an endpoint's values to what its pipeline needs. All that can be wrong with them shows here, before anything that
// runs is touched.

import type { Override } from '../../config/tenancy-settings.ts'
import type { EndpointSettings, PipelineSettings } from '../../pipeline/settings.ts'
import { Ways } from '../../pipeline/ways.ts'
import type { Send } from '../../wire/message.ts'
import type { EndpointServices } from './endpoint.ts'
import type { EndpointSpec } from './endpoint-spec.ts'
import { fanOut } from './fan-out.ts'
import { forwardSend } from './forward-send.ts'

export interface PreparedEndpoint {
  readonly settings: PipelineSettings
  /** Ends idle connections; resolves when requests under way are done. */
  close(): Promise<void>
  /** Ends everything now. */
  destroy(): void
}

/** Requests at one time. */
const maxInFlight = 64

/** Opens no connection. Throws SluiceError CONFIG_INVALID where a certificate or a cloud's region can't be used. */
export function prepareEndpoint(spec: EndpointSpec, services: EndpointServices): PreparedEndpoint {
  const { timeoutMs, queue } = spec
  const { maxRetryAfter, maxDecompressedBytes, store } = services
  const ways = new Ways({ maxConnections: maxInFlight, dualStack: true })
  try {
    const endpoint: EndpointSettings = {
      ...wayOf(spec, services, ways),
      tenancy: { ...spec.tenancy, stripReserved: true },
      headers: {},
      ...(spec.withheld && { withheld: spec.withheld }),
      ...(spec.protobufMessage && { protobufMessage: spec.protobufMessage }),
      ...(spec.prepare && { prepare: spec.prepare.make() }),
    }
    return {
      close: () => ways.close(),
      destroy: () => ways.destroy(),
      settings: {
        // It is asked for one of them alone.
        metrics: endpoint,
        logs: endpoint,
        ...{ timeoutMs, maxInFlight, maxRetryAfter, maxDecompressedBytes },
        ...(store && queue && { queue }),
        ...{ acceptAll: false, dryRun: false, logResponseErrors: true },
      },
    }
  } catch (error) {
    ways.destroy()
    throw error
  }
}

function wayOf(
  { id, signal, to, tenancy }: EndpointSpec,
  { meter }: EndpointServices,
  ways: Ways,
): Pick<EndpointSettings, 'url' | 'send' | 'sendOf'> {
  if ('forwardTo' in to) {
    const receiver = fanOut(id, signal, to.forwardTo)
    const send = forwardSend({ id, signal, receiver, tenantHeader: tenancy.header, meter })
    return { url: `forward_to:${to.forwardTo.map((one) => one.id).join(',')}`, send }
  }
  const { send, sendOf } = ways.to(to.client)
  const own = new Map<Override, Send>()
  for (const override of tenancy.override) {
    const other = sendOf(override)
    if (other !== undefined) own.set(override, other)
  }
  return { url: to.url, send, sendOf: (override) => own.get(override) }
}
