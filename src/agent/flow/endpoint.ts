// One `endpoint` at work: a pipeline of its own, with its way upstream, behind the receiver's face.

import { maskUrl } from '../../config/upstream-url.ts'
import { SluiceError } from '../../errors.ts'
import type { GivenBatch } from '../../pipeline/given-batch.ts'
import type { LiveEndpoint } from '../../pipeline/live-endpoint.ts'
import { Pipeline, type PipelineOptions } from '../../pipeline/pipeline.ts'
import type { EndpointSpec } from './endpoint-spec.ts'
import type { PreparedEndpoint } from './prepare-endpoint.ts'
import type { Receiver, Settled } from './receiver.ts'

/** What all endpoints of a program share. */
export interface EndpointServices extends Omit<PipelineOptions, 'endpointIds'> {
  /** Upper bound of the Retry-After handed on, in seconds (`send.max_retry_after`). */
  readonly maxRetryAfter: number
  readonly maxDecompressedBytes: number
  /** Told when an endpoint does not send to a URL, without credentials, any more. */
  readonly onUrlGone?: (url: string, id: string) => void
}

export class AgentEndpoint implements Receiver, LiveEndpoint {
  readonly id: string
  readonly signal: Receiver['signal']
  readonly pipeline: Pipeline
  spec: EndpointSpec
  #prepared: PreparedEndpoint
  #isStopping = false

  /** `prepared` is of `spec`. */
  constructor(spec: EndpointSpec, prepared: PreparedEndpoint, services: EndpointServices) {
    const { id, signal } = spec
    this.id = id
    this.signal = signal
    this.spec = spec
    this.#prepared = prepared
    const { log, store, ...shared } = services
    this.pipeline = new Pipeline(
      {
        ...shared,
        ...(store && spec.queue && { store }),
        endpointIds: { metrics: id, logs: id },
        log: (key, level, msg, fields) => log(`${id} ${key}`, level, msg, () => ({ endpoint: id, ...fields?.() })),
      },
      prepared.settings,
    )
  }

  /** Where it sends to, as metrics name it. */
  get url(): string {
    return maskUrl(this.#prepared.settings[this.signal].url)
  }

  async receive(flow: GivenBatch): Promise<Settled> {
    if (this.#isStopping) throw new SluiceError('SHUTTING_DOWN', `${this.id} is being removed`, { retryAfter: 1 })
    const { parts, rejected } = await this.pipeline.pushBatch(flow)
    const { id: endpoint } = this
    return { parts: parts.map((part) => (part.status < 300 ? part : { ...part, endpoint })), rejected }
  }

  /** Whether it can become what `spec` says while it runs: a queue neither comes nor goes. */
  canBecome(spec: EndpointSpec): boolean {
    return spec.signal === this.signal && (spec.queue === undefined) === (this.spec.queue === undefined)
  }

  reload(spec: EndpointSpec, prepared: PreparedEndpoint): void {
    const old = this.#prepared
    this.pipeline.reload(prepared.settings, () => void old.close())
    this.spec = spec
    this.#prepared = prepared
  }

  /**
   * No new data. What is queued has `drainMs` to be sent where upstream takes it; the rest is stored, and what is out
   * has what is left of `withinMs` to end.
   */
  async stop(withinMs: number, drainMs: number): Promise<void> {
    this.#isStopping = true
    const end = performance.now() + withinMs
    if (drainMs > 0) await this.pipeline.queues?.drain(drainMs)
    await this.pipeline.stop(end - performance.now())
    await this.#quiet(end - performance.now())
    this.pipeline.close()
    this.#prepared.destroy()
  }

  #quiet(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, withinMs))
      this.pipeline.current.retire(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}
