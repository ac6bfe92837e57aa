// Where a component hands its batches on: one receiver for its whole life, before others that may change. What waits
// for an answer of the old ones gets it; what comes next goes to the new ones.

import type { Meter, Tally } from '../../telemetry/meter.ts'
import type { Batch } from '../../wire/batch.ts'
import { fanOut } from '../flow/fan-out.ts'
import type { Flow, Receiver, Settled } from '../flow/receiver.ts'

export class Outlet implements Receiver {
  readonly id: string
  readonly signal: Receiver['signal']
  readonly #forwarded: Tally
  readonly #latency: { observe(seconds: number): void } | undefined
  #to: Receiver

  /** `id`: the component's. Hands on to nobody until `forwardTo` was called. */
  constructor(id: string, signal: Receiver['signal'], meter: Meter) {
    this.id = id
    this.signal = signal
    const isMetrics = signal === 'metrics'
    const labels = { component_id: id }
    const forwarded = isMetrics ? 'prometheus_forwarded_samples_total' : 'loki_source_api_entries_written'
    this.#forwarded = meter.tally(forwarded, labels)
    if (isMetrics) this.#latency = meter.distribution('prometheus_fanout_latency', labels)
    this.#to = fanOut(id, signal, [])
  }

  forwardTo(receivers: readonly Receiver[]): void {
    this.#to = fanOut(this.id, this.signal, receivers)
  }

  async receive(flow: Flow): Promise<Settled> {
    if (flow.batch.count === 0 && flow.batch.metadata.length === 0) return settledAtOnce
    const started = performance.now()
    const settled = this.#to.receive(flow)
    this.#forwarded.value += samplesOf(flow.batch)
    const latency = this.#latency
    if (latency === undefined) return settled
    return settled.finally(() => latency.observe((performance.now() - started) / 1000))
  }
}

const settledAtOnce: Settled = { parts: [], rejected: [] }

/** Samples and histograms, or log entries. */
export function samplesOf({ samples, count }: Batch): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += samples[i]!
  return sum
}
