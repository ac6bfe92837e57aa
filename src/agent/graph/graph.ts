// The graph at work. Loads, evaluations and the end happen one after the other; what components export reaches those
// that read it in waves: each is evaluated at most once per wave, after all that it reads.

import { check, type PlannedNode } from './check.ts'
import type { AnyKind, Health } from './component.ts'
import { type ComponentView, viewOf } from './component-view.ts'
import { scopeOf } from './exports-scope.ts'
import type { Graph, GraphOptions, LoadResult, Source } from './graph-options.ts'
import { inOppositeOrder, inOrder } from './in-order.ts'
import { headOf, Node, type NodeHost, type Undo } from './node.ts'
import type { Problems } from './problems.ts'
import { httpKind } from './root/http.ts'
import { loggingKind } from './root/logging.ts'

/** How long a component that was taken out of the files may use to finish. */
const removalMs = 20_000

export const createGraph = (options: GraphOptions): Graph => new AgentGraph(options)

type Nodes = ReadonlyMap<string, Node>

class AgentGraph implements Graph {
  readonly #options: GraphOptions
  readonly #roots: readonly AnyKind[]
  readonly #host: NodeHost
  #plan: readonly PlannedNode[] = []
  #nodes: Nodes = new Map()
  /** Node → versions of the exports that its last evaluation saw. */
  readonly #seen = new WeakMap<Node, ReadonlyMap<string, number>>()
  #queue: Promise<unknown> = Promise.resolve()
  #isWaveDue = false
  #isStopped = false

  constructor(options: GraphOptions) {
    this.#options = options
    const nothing = (): void => undefined
    this.#roots = [loggingKind(options.applyLogging ?? nothing), httpKind(options.applyHttp ?? nothing)]
    this.#host = { ...options, now: options.now ?? Date.now, onExports: () => this.#requestWave() }
  }

  load(sources: readonly Source[]): Promise<LoadResult> {
    return this.#next(() => this.#load(sources))
  }

  async idle(): Promise<void> {
    for (let queue: unknown; queue !== this.#queue; ) {
      queue = this.#queue
      await queue
    }
  }

  listComponents(): readonly ComponentView[] {
    return this.#components().map((node) => viewOf(node, this.#plan, false))
  }

  component(id: string): ComponentView | undefined {
    const node = this.#components().find((each) => each.id === id)
    return node === undefined ? undefined : viewOf(node, this.#plan, true)
  }

  health(id: string): Health | undefined {
    return this.#nodes.get(id)?.health
  }

  unhealthy(): readonly string[] {
    return this.#components()
      .filter(({ health }) => health.state !== 'healthy')
      .map(({ id }) => id)
  }

  stop(deadlineMs: number): Promise<void> {
    return this.#next(async () => {
      this.#isStopped = true
      await stopAll(this.#plan, this.#nodes, deadlineMs, this.#host.now)
    })
  }

  #components(): readonly Node[] {
    return [...this.#nodes.values()].filter(({ planned }) => !planned.isRoot).sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #load(sources: readonly Source[]): Promise<LoadResult> {
    const { problems, plan } = check(sources, this.#options, this.#roots)
    const isLoaded = !this.#isStopped && plan !== undefined && (await this.#change(plan, problems))
    if (!isLoaded) for (const [id, message] of problems.failed) this.#nodes.get(id)?.refuse(message)
    return { isLoaded, diagnostics: problems.diagnostics(), texts: problems.texts() }
  }

  /** From one configuration to the next, or back to where it was. */
  async #change(plan: readonly PlannedNode[], problems: Problems): Promise<boolean> {
    const nodes = new Map(
      plan.map((planned) => [planned.id, this.#nodes.get(planned.id) ?? new Node(planned, this.#host)] as const),
    )
    const undo: Undo[] = []
    const failed = new Set<string>()
    await inOrder(plan, async (planned) => {
      if ([...planned.refersTo].some((id) => failed.has(id))) failed.add(planned.id)
      if (failed.has(planned.id)) return
      const node = nodes.get(planned.id) as Node
      const outcome = await this.#evaluate(node, planned, nodes, problems)
      if (outcome === 'failed') failed.add(planned.id)
      else if (outcome !== undefined) undo.push(outcome)
    })
    if (failed.size === 0) {
      for (const { node, reason } of await resumed(nodes)) {
        failed.add(node.id)
        const { file, block } = plan.find(({ id }) => id === node.id) as PlannedNode
        problems.reporter(file.name, node.id)('error', headOf(block), reason)
      }
    }
    if (failed.size > 0) {
      for (const back of undo.reverse()) await back()
      await committed(this.#nodes)
      this.#logLost(await resumed(this.#nodes))
      for (const node of this.#nodes.values()) this.#seen.delete(node)
      this.#requestWave()
      return false
    }
    const gone = this.#plan.filter(({ id }) => !nodes.has(id))
    const old = this.#nodes
    this.#plan = plan
    this.#nodes = nodes
    for (const planned of plan) nodes.get(planned.id)?.accept(planned)
    await committed(nodes)
    await stopAll(gone, old, removalMs, this.#host.now)
    this.#requestWave()
    return true
  }

  async #evaluate(
    node: Node,
    planned: PlannedNode,
    nodes: Nodes,
    problems?: Problems,
  ): Promise<Undo | 'failed' | undefined> {
    this.#seen.set(node, versionsOf(planned, nodes))
    const { lookup } = scopeOf(new Map([...nodes].map(([id, { exports }]) => [id, exports])))
    const report = problems?.reporter(planned.file.name, planned.id) ?? (() => undefined)
    return node.evaluate(planned, lookup, report)
  }

  /** Once it runs, nothing can be refused any more. */
  #logLost(lost: readonly NotResumed[]): void {
    for (const { node, reason } of lost) {
      this.#options.log.error('a component can’t work as it is', { component_id: node.id, reason })
    }
  }

  #requestWave(): void {
    if (this.#isWaveDue) return
    this.#isWaveDue = true
    this.#next(async () => {
      this.#isWaveDue = false
      if (!this.#isStopped) await this.#wave()
    }).catch((error: unknown) => this.#options.log.error('an evaluation failed', { err: error }))
  }

  async #wave(): Promise<void> {
    await inOrder(this.#plan, async (planned) => {
      const node = this.#nodes.get(planned.id) as Node
      if (!isDue(this.#seen.get(node), versionsOf(planned, this.#nodes))) return
      const outcome = await this.#evaluate(node, planned, this.#nodes)
      if (outcome === 'failed') {
        const reason = node.health.message
        this.#options.log.warn('a component keeps its last good arguments', { component_id: node.id, reason })
      }
    })
    await committed(this.#nodes)
    this.#logLost(await resumed(this.#nodes))
  }
}

const committed = (nodes: Nodes): Promise<unknown> => Promise.all([...nodes.values()].map((node) => node.commit()))

interface NotResumed {
  readonly node: Node
  readonly reason: string
}

async function resumed(nodes: Nodes): Promise<readonly NotResumed[]> {
  const all = await Promise.all([...nodes.values()].map(async (node) => ({ node, reason: await node.resume() })))
  return all.filter((one): one is NotResumed => one.reason !== undefined)
}

const versionsOf = ({ refersTo }: PlannedNode, nodes: Nodes): ReadonlyMap<string, number> =>
  new Map([...refersTo].map((id) => [id, nodes.get(id)?.version ?? 0]))

const isDue = (seen: ReadonlyMap<string, number> | undefined, now: ReadonlyMap<string, number>): boolean =>
  [...now].some(([id, version]) => seen?.get(id) !== version)

/** Sources first. What a node takes longer than it may is no longer waited for. */
async function stopAll(
  plan: readonly PlannedNode[],
  nodes: Nodes,
  deadlineMs: number,
  now: () => number,
): Promise<void> {
  const end = now() + deadlineMs
  await inOppositeOrder(plan, async ({ id }) => {
    const ms = Math.max(end - now(), deadlineMs / 10)
    const stopped = (nodes.get(id) as Node).stop(ms)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms + graceMs)
    })
    await Promise.race([stopped, late])
    clearTimeout(timer)
  })
}

/** What a component that keeps to its deadline may be late by. */
const graceMs = 500
