// All endpoints of a program, by the component they belong to. A component says what its endpoints shall be: what is
// unchanged goes on undisturbed, what changed swaps its settings, what is gone sends or stores what it has and ends.

import type { LiveEndpoint } from '../../pipeline/live-endpoint.ts'
import { Memory } from '../../send/remember.ts'
import type { Meter } from '../../telemetry/meter.ts'
import { same } from '../graph/same-arguments.ts'
import { AgentEndpoint, type EndpointServices } from './endpoint.ts'
import type { EndpointSpec } from './endpoint-spec.ts'
import { type PreparedEndpoint, prepareEndpoint } from './prepare-endpoint.ts'
import type { Receiver } from './receiver.ts'

interface Change {
  readonly spec: EndpointSpec
  /** What runs under its id, and stays as it is where nothing is prepared. */
  readonly old: AgentEndpoint | undefined
  readonly prepared: PreparedEndpoint | undefined
}

/** Time for what is out when an endpoint is removed, in ms. */
const removalMs = 20_000

export class Endpoints {
  readonly #services: EndpointServices
  readonly #byOwner = new Map<string, readonly AgentEndpoint[]>()
  /** Removed, and not ended: whoever comes with the same id waits for it. */
  readonly #ending = new Map<string, Promise<void>>()
  #isEnd = false

  constructor(services: Omit<EndpointServices, 'memory'>) {
    const { now = () => performance.now() } = services
    const meter = this.#sharedMeter(services.meter)
    this.#services = { ...services, now, meter, memory: new Memory({ meter, now }) }
  }

  /** All that run, for gauges, views and commands. */
  live(): readonly LiveEndpoint[] {
    return [...this.#byOwner.values()].flat()
  }

  /** Those of a component, in its order. */
  of(owner: string): readonly AgentEndpoint[] {
    return this.#byOwner.get(owner) ?? []
  }

  /**
   * The component's endpoints from now on, in order. Rejects with SluiceError CONFIG_INVALID, and changes nothing, where
   * a spec can't be used. Ids are of one component, and each occurs once.
   */
  async put(owner: string, specs: readonly EndpointSpec[]): Promise<readonly Receiver[]> {
    const before = this.#byOwner.get(owner) ?? []
    const changes = this.#prepare(specs, before)
    const kept = new Set(changes.map(({ old }) => old))
    for (const endpoint of before) if (!kept.has(endpoint)) void this.#end(endpoint, removalMs)
    for (const { spec } of changes) await this.#ending.get(spec.id)
    const after = changes.map(({ spec, old, prepared }) => {
      if (prepared === undefined) return old!
      if (old === undefined) return new AgentEndpoint(spec, prepared, this.#services)
      const { url } = old
      old.reload(spec, prepared)
      if (old.url !== url) this.#services.onUrlGone?.(url, spec.id)
      return old
    })
    this.#byOwner.set(owner, after)
    return after
  }

  /** Throws as `put` would, and changes nothing. */
  check(owner: string, specs: readonly EndpointSpec[]): void {
    for (const { prepared } of this.#prepare(specs, this.of(owner))) prepared?.destroy()
  }

  /** The program ends: from now on all that is queued is stored at once, since the next start sends it. */
  programEnds(): void {
    this.#isEnd = true
  }

  /**
   * Removes the component's endpoints: no new data; what is queued is sent, in half of the time where upstream takes it,
   * or stored. Resolves when they have ended.
   */
  async remove(owner: string, withinMs: number): Promise<void> {
    const endpoints = this.#byOwner.get(owner) ?? []
    this.#byOwner.delete(owner)
    await Promise.all(endpoints.map((endpoint) => this.#end(endpoint, withinMs)))
  }

  /** Resolves when all that was removed has ended: the store may be closed then. */
  async ended(): Promise<void> {
    await Promise.all(this.#ending.values())
  }

  /** What becomes of each. Throws, with nothing left behind, where one can't be used. */
  #prepare(specs: readonly EndpointSpec[], before: readonly AgentEndpoint[]): Change[] {
    const changes: Change[] = []
    try {
      for (const spec of specs) {
        const old = before.find((one) => one.id === spec.id && one.canBecome(spec))
        const isSame = old !== undefined && sameSpec(old.spec, spec)
        changes.push({ spec, old, prepared: isSame ? undefined : prepareEndpoint(spec, this.#services) })
      }
    } catch (error) {
      for (const { prepared } of changes) prepared?.destroy()
      throw error
    }
    return changes
  }

  #end(endpoint: AgentEndpoint, withinMs: number): Promise<void> {
    const { id } = endpoint
    // What is stored stays there until somebody configures the endpoint again.
    const ended = endpoint.stop(withinMs, this.#isEnd ? 0 : withinMs / 2).finally(() => {
      this.#ending.delete(id)
      this.#services.onUrlGone?.(endpoint.url, id)
    })
    this.#ending.set(id, ended)
    return ended
  }

  /** A tenant that one endpoint forgets may be another's: its metrics go with the last. */
  #sharedMeter(meter: Meter): Meter {
    return {
      tally: (name, labels) => meter.tally(name, labels),
      distribution: (name, labels) => meter.distribution(name, labels),
      forgetTenant: (tenant) => {
        const isKnown = this.live().some(({ pipeline }) => pipeline.current.hasTenant(tenant))
        if (!isKnown) meter.forgetTenant(tenant)
      },
    }
  }
}

/** Functions aside: what they depend on is compared. */
const sameSpec = (a: EndpointSpec, b: EndpointSpec): boolean =>
  same({ ...a, prepare: a.prepare?.of }, { ...b, prepare: b.prepare?.of })
