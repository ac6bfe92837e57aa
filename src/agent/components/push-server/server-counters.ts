// What a component's server counts: by Alloy's names for this component, and by Sluice's for all pushes.

import { type Counters, createCounters, type PushCounters } from '../../../receive/counters.ts'
import type { Push } from '../../../receive/push.ts'
import type { Distribution, Meter } from '../../../telemetry/meter.ts'

export interface ServerNames {
  readonly prefix: 'prometheus_receive_http' | 'loki_source_api'
  readonly kind: Push['kind']
  /** The path as Alloy's metrics have it. */
  readonly route: string
}

export function serverCounters(meter: Meter, id: string, { prefix, kind, route }: ServerNames): Counters {
  const shared = createCounters(meter)
  const served = { component_id: id, method: 'POST', route }
  const bodies = meter.distribution(`${prefix}_request_message_bytes`, served)
  const connections = meter.tally(`${prefix}_tcp_connections`, { component_id: id, protocol: 'http' })
  const all = shared.of[kind]
  const durations = new Map<number, Distribution>()
  const durationOf = (status: number): Distribution => {
    const labels = { ...served, status_code: String(status), ws: 'false' }
    const duration = durations.get(status) ?? meter.distribution(`${prefix}_request_duration_seconds`, labels)
    durations.set(status, duration)
    return duration
  }
  const own: PushCounters = {
    received: (bytes) => all.received(bytes),
    read(bytes) {
      all.read(bytes)
      bodies.observe(bytes)
    },
    answered(status, seconds) {
      all.answered(status, seconds)
      durationOf(status).observe(seconds ?? 0)
    },
  }
  return {
    ...shared,
    of: { ...shared.of, [kind]: own },
    connected: (change) => void (connections.value += change),
  }
}
