// Everything that a change of settings replaces. A push finishes under the generation it began with; when the last
// one has, what only that generation used may go.

import { Endpoint, type EndpointOptions } from './endpoint.ts'
import type { PipelineSettings } from './settings.ts'

export class Generation {
  readonly number: number
  readonly settings: PipelineSettings
  readonly metrics: Endpoint
  readonly logs: Endpoint
  /** Pushes and metadata under way in it. */
  #active = 0
  #retire: (() => void) | undefined

  constructor(number: number, options: Omit<EndpointOptions, 'signal'>) {
    this.number = number
    this.settings = options.settings
    this.metrics = new Endpoint({ ...options, signal: 'metrics' })
    this.logs = new Endpoint({ ...options, signal: 'logs' })
  }

  enter(): void {
    this.#active++
  }

  leave(): void {
    this.#active--
    this.#retireIfDone()
  }

  /** Another one is in its place. `then` is called once, when nothing of this one is under way. */
  retire(then: () => void): void {
    this.#retire = then
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
