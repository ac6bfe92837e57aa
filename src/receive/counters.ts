// What a listener counts about pushes, looked up once and then only added to.

import type { Distribution, Meter, Tally } from '../telemetry/meter.ts'
import type { Push } from './push.ts'

export interface PushCounters {
  /** A push has come; `bytes` as in its Content-Length, or undefined in chunks. */
  received(bytes: number | undefined): void
  /** Its body is read. */
  read(bytes: number): void
  /** `seconds` since its last byte was read; undefined if it never was. */
  answered(status: number, seconds: number | undefined): void
}

export interface Counters {
  readonly of: Readonly<Record<Push['kind'], PushCounters>>
  overloaded(reason: 'bytes' | 'requests' | 'slow_body' | 'connections'): void
  defect(): void
  /** A connection has come, or gone. */
  connected?(change: 1 | -1): void
}

export function createCounters(meter: Meter): Counters {
  const defects = meter.tally('sluice_internal_errors_total')
  return {
    of: { 'remote-write': pushCounters(meter, 'metrics'), loki: pushCounters(meter, 'logs') },
    overloaded(reason) {
      meter.tally('sluice_overload_total', { reason }).value++
    },
    defect() {
      defects.value++
    },
  }
}

function pushCounters(meter: Meter, signal: 'metrics' | 'logs'): PushCounters {
  const noun = signal === 'metrics' ? 'timeseries' : 'streams'
  const batches = meter.tally(`cortex_tenant_${noun}_batches_received`)
  const batchBytes = meter.distribution(`cortex_tenant_${noun}_batches_received_bytes`)
  const bodyBytes = meter.distribution('sluice_request_body_bytes', { signal })
  const duration: Distribution = meter.distribution('sluice_request_duration_seconds', { signal })
  const byStatus = new Map<number, Tally>()
  return {
    received(bytes) {
      batches.value++
      if (bytes !== undefined) batchBytes.observe(bytes)
    },
    read: (bytes) => bodyBytes.observe(bytes),
    answered(status, seconds) {
      let tally = byStatus.get(status)
      if (tally === undefined) {
        tally = meter.tally('sluice_requests_total', { signal, code: String(status) })
        byStatus.set(status, tally)
      }
      tally.value++
      if (seconds !== undefined) duration.observe(seconds)
    },
  }
}
