// Everything that a change of settings replaces. A push finishes under the generation it began with; when the last
// one has, what only that generation used may go.

import { Endpoint, type EndpointOptions } from './endpoint.ts'
import type { Queues } from './queues.ts'
import type { PipelineSettings } from './settings.ts'

export interface GenerationOptions extends Omit<EndpointOptions, 'signal' | 'queues'> {
  readonly queues?: Queues | undefined
}

export class Generation {
  readonly number: number
  readonly settings: PipelineSettings
  readonly metrics: Endpoint
  readonly logs: Endpoint
  /** Pushes and metadata under way in it. */
  #active = 0
  #retire: (() => void) | undefined

  constructor(number: number, options: GenerationOptions) {
    const { queues, ...shared } = options
    this.number = number
    this.settings = options.settings
    this.metrics = new Endpoint({ ...shared, signal: 'metrics', queues: queues?.metrics })
    this.logs = new Endpoint({ ...shared, signal: 'logs', queues: queues?.logs })
  }

  enter(): void {
    this.#active++
  }

  leave(): void {
    this.#active--
    this.#retireIfDone()
  }

  /** What is queued goes out by this generation from now on. */
  takeQueues({ metrics, logs }: Queues): void {
    const use = { enter: () => this.enter(), leave: () => this.leave() }
    for (const [queues, endpoint] of [
      [metrics, this.metrics],
      [logs, this.logs],
    ] as const) {
      const uplink = endpoint.uplink(use)
      if (uplink !== undefined) queues.use(uplink)
    }
  }

  /** Another one is in its place. `then` is called once, when nothing of this one is under way. */
  retire(then: () => void): void {
    this.#retire = then
    this.metrics.retire()
    this.logs.retire()
    this.#retireIfDone()
  }

  hasTenant(tenant: string): boolean {
    return this.metrics.hasTenant(tenant) || this.logs.hasTenant(tenant)
  }

  close(): void {
    this.metrics.scheduler.close()
    this.logs.scheduler.close()
  }

  #retireIfDone(): void {
    const then = this.#retire
    if (then === undefined || this.#active > 0) return
    this.#retire = undefined
    this.close()
    then()
  }
}
