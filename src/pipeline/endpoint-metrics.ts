// What one endpoint counts at every push. Looked up once, at its beginning.

import type { Meter } from '../telemetry/meter.ts'
import type { Refusal, Split } from '../tenancy/split.ts'
import type { Batch } from '../wire/batch.ts'

export class EndpointMetrics {
  readonly #meter: Meter
  readonly #signal: 'metrics' | 'logs'
  readonly #items
  readonly #samples
  readonly #uncompressed
  readonly #routeHits
  readonly #routeMisses

  constructor(meter: Meter, signal: 'metrics' | 'logs') {
    this.#meter = meter
    this.#signal = signal
    this.#items = meter.tally('sluice_items_received_total', { signal })
    this.#samples = meter.tally('sluice_samples_received_total', { signal })
    this.#uncompressed = meter.distribution('sluice_request_uncompressed_bytes', { signal })
    this.#routeHits = meter.tally('sluice_route_cache_hits_total')
    this.#routeMisses = meter.tally('sluice_route_cache_misses_total')
  }

  /** A push was read and split; `misses` of its items had to be judged anew. */
  received(batch: Batch, divided: Split, misses: number): void {
    this.#uncompressed.observe((batch.lean ?? batch).bytes.length)
    this.#items.value += batch.count
    this.#routeMisses.value += misses
    this.#routeHits.value += batch.count - misses
    let samples = samplesOf(divided.rejected) + samplesOf(divided.dropped)
    for (const part of divided.parts) samples += part.samples
    this.#samples.value += samples
  }

  /** A push that `dry_run` kept from being sent. */
  kept(divided: Split): void {
    const signal = this.#signal
    this.#meter.tally('sluice_dry_run_total', { signal }).value++
    for (const { tenant, samples } of divided.parts) {
      this.#meter.tally('sluice_dry_run_samples_total', { tenant, signal }).value += samples
    }
  }
}

function samplesOf(refusals: readonly Refusal[]): number {
  return refusals.reduce((sum, { samples }) => sum + samples, 0)
}
