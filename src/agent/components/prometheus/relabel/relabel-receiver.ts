// The receiver of a relabelling component: one for its whole life, with rules that change under it.

import { RelabelStage, type RelabelStageOptions } from '../../../../relabel/relabel-stage.ts'
import type { Meter } from '../../../../telemetry/meter.ts'
import type { Flow, Receiver, Settled } from '../../../flow/receiver.ts'
import { newMark, transformed } from '../../../flow/transformed.ts'
import { same } from '../../../graph/same-arguments.ts'
import { Outlet, samplesOf } from '../../outlet.ts'
import type { RelabelArgs } from './relabel.ts'

export class RelabelReceiver implements Receiver {
  readonly id: string
  readonly signal = 'metrics'
  readonly #outlet: Outlet
  readonly #tallies: ReturnType<typeof talliesOf>
  readonly #onDropped: NonNullable<RelabelStageOptions['onDropped']>
  #used: Pick<RelabelArgs, 'rules' | 'cache'> | undefined
  #stage = new RelabelStage([])
  /** Of what these rules made. */
  #mark = newMark()
  #aging: NodeJS.Timeout | undefined

  constructor(id: string, meter: Meter) {
    this.id = id
    this.#outlet = new Outlet(id, 'metrics', meter)
    this.#tallies = talliesOf(meter, id)
    this.#onDropped = (reason, items) => {
      meter.tally('sluice_dropped_total', { signal: 'metrics', reason }).value += items
    }
  }

  use({ forwardTo, rules, cache }: RelabelArgs): void {
    this.#outlet.forwardTo(forwardTo)
    const used = { rules, cache }
    if (same(used, this.#used)) return
    this.#stage = new RelabelStage(rules, { cacheBytes: cache.maxBytes, onDropped: this.#onDropped })
    if (!same(rules, this.#used?.rules)) this.#mark = newMark()
    this.#used = used
    clearInterval(this.#aging)
    if (cache.ttlMs !== undefined) this.#aging = setInterval(() => this.#stage.age(), cache.ttlMs / 2).unref()
  }

  async receive(flow: Flow): Promise<Settled> {
    const { processed, written, hits, misses, size } = this.#tallies
    const { cache } = this.#stage
    const [hitsBefore, missesBefore] = [cache.hits, cache.misses]
    const batch = this.#stage.apply(flow.batch)
    processed.value += samplesOf(flow.batch)
    written.value += samplesOf(batch)
    hits.value += cache.hits - hitsBefore
    misses.value += cache.misses - missesBefore
    size.value = cache.count
    return this.#outlet.receive(transformed(flow, batch, this.#mark))
  }

  stop(): void {
    clearInterval(this.#aging)
  }
}

function talliesOf(meter: Meter, id: string) {
  const tally = (name: Parameters<Meter['tally']>[0]) => meter.tally(name, { component_id: id })
  return {
    processed: tally('alloy_prometheus_relabel_metrics_processed'),
    written: tally('alloy_prometheus_relabel_metrics_written'),
    hits: tally('alloy_prometheus_relabel_cache_hits'),
    misses: tally('alloy_prometheus_relabel_cache_misses'),
    size: tally('alloy_prometheus_relabel_cache_size'),
  }
}
