// One component at work: made from its arguments, updated when they change and only then, stopped at the end. What it
// was given last and could use is what it keeps when something is wrong.

import type { Span } from '../../config/source-file.ts'
import type { Log, RootLog } from '../../telemetry/log.ts'
import type { Block } from '../syntax/ast.ts'
import type { Scope } from '../syntax/scope.ts'
import type { Value } from '../syntax/value.ts'
import type { PlannedNode } from './check.ts'
import type { AnyKind, ComponentContext, Decoded, Health, Report, RunningComponent } from './component.ts'
import { decodeBlock } from './decode-block.ts'
import type { GraphOptions } from './graph-options.ts'
import { worst } from './health.ts'
import { same, sameArguments } from './same-arguments.ts'
import { withZeroValues } from './zero-value.ts'

/** Takes back what an evaluation did. */
export type Undo = () => Promise<void>

export interface NodeHost extends Pick<GraphOptions, 'meter' | 'services' | 'log' | 'stability'> {
  readonly now: () => number
  /** Exports of a node are other than before. */
  readonly onExports: () => void
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Where it is said that a component can't work. */
export const headOf = ({ start, open }: Block): Span => ({ start, end: open + 1 })

/** What a component that was built in vain may use to finish what it took meanwhile. */
const undoMs = 2000

/** Grows with every change of any node's exports. */
let versions = 0

export class Node {
  readonly id: string
  readonly kind: AnyKind
  #planned: PlannedNode
  readonly #host: NodeHost
  readonly #log: Log
  #running: RunningComponent<unknown> | undefined
  #args: unknown
  #decoded: Decoded | undefined
  #exports: ReadonlyMap<string, Value>
  /** Changes with the exports. */
  version = 0
  #isStopped = false
  #evaluation: Health
  #run: Health
  #reported: Health | undefined
  /** The configuration that was refused last was, because of it. */
  #refused: Health | undefined

  /** Another has what it gave up. */
  #lost: Health | undefined

  constructor(planned: PlannedNode, host: NodeHost) {
    this.id = planned.id
    this.kind = planned.kind
    this.#planned = planned
    this.#host = host
    this.#log = host.log.child({ component_path: '/', component_id: planned.id })
    this.#exports = withZeroValues(this.kind, new Map())
    this.#evaluation = this.#healthOf('unknown', 'component created')
    this.#run = this.#evaluation
  }

  /** Its block in the configuration that is in effect. */
  get planned(): PlannedNode {
    return this.#planned
  }

  get exports(): ReadonlyMap<string, Value> {
    return this.#exports
  }

  /** The arguments that it works with; undefined: it was never built. */
  get decoded(): Decoded | undefined {
    return this.#decoded
  }

  get health(): Health {
    const others = [this.#evaluation, this.#reported, this.#refused, this.#lost]
    return worst(this.#run, ...others.filter((health) => health !== undefined))
  }

  debugInfo(): Readonly<Record<string, Value>> | undefined {
    return this.#running?.debugInfo?.()
  }

  /**
   * Evaluates a block; builds or updates if its arguments are other than before. What is wrong is reported, and it keeps
   * what it had: then the answer is `failed`.
   */
  async evaluate(
    { block }: PlannedNode,
    lookup: Scope['lookup'],
    report: Report,
  ): Promise<Undo | 'failed' | undefined> {
    const before = this.#evaluation
    let problem: string | undefined
    const noting: Report = (severity, span, message, hint) => {
      if (severity === 'error') problem ??= message
      report(severity, span, message, hint)
    }
    try {
      const { stability = 'generally-available' } = this.#host
      const scope: Scope = { lookup, stability }
      const { decoded, hasFailed } = decodeBlock(block, this.kind.schema, { scope, report: noting })
      if (hasFailed) return this.#fail(problem ?? 'its arguments are wrong')
      if (this.#decoded !== undefined && sameArguments(this.#decoded, decoded)) {
        if (before.state !== 'healthy') this.#evaluation = this.#healthOf('healthy', 'component evaluated')
        return async () => void (this.#evaluation = before)
      }
      const args = this.kind.settle(decoded, noting, { stability })
      if (problem !== undefined || args === undefined) return this.#fail(problem ?? 'its arguments are wrong')
      const undo = this.#running === undefined ? await this.#build(decoded, args) : await this.#update(decoded, args)
      this.#evaluation = this.#healthOf('healthy', 'component evaluated')
      return undo
    } catch (error) {
      const verb = this.#running === undefined ? 'build' : 'update'
      const text = messageOf(error)
      report('error', headOf(block), `Failed to ${verb} component: ${text}`)
      return this.#fail(text)
    }
  }

  /** Answers what keeps it from taking back what it gave up for another: it is unhealthy until it can. */
  async resume(): Promise<string | undefined> {
    try {
      await this.#running?.resume?.()
      this.#lost = undefined
      return undefined
    } catch (error) {
      this.#lost = this.#healthOf('unhealthy', messageOf(error))
      return this.#lost.message
    }
  }

  /** Does what its updates put off. Nothing can be refused any more: where that fails it is unhealthy. */
  async commit(): Promise<void> {
    try {
      await this.#running?.commit?.()
    } catch (error) {
      this.#log.error('the component could not use its arguments', { err: error })
      this.#fail(messageOf(error))
    }
  }

  /** A configuration was refused because of it: it keeps what it has, and is unhealthy until one is taken. */
  refuse(problem: string): void {
    this.#refused = this.#healthOf('unhealthy', `the configuration was refused: ${problem}`)
  }

  /** A configuration with this block is in effect. */
  accept(planned: PlannedNode): void {
    this.#planned = planned
    this.#refused = undefined
  }

  #fail(problem: string): 'failed' {
    this.#evaluation = this.#healthOf('unhealthy', `component evaluation failed: ${problem}`)
    return 'failed'
  }

  async #build(decoded: Decoded, args: unknown): Promise<Undo> {
    this.#running = await this.kind.build(args, this.#context())
    this.#run = this.#healthOf('healthy', 'started component')
    this.#decoded = decoded
    this.#args = args
    return () => this.stop(undoMs)
  }

  async #update(decoded: Decoded, args: unknown): Promise<Undo> {
    const [oldDecoded, oldArgs] = [this.#decoded, this.#args]
    await this.#running?.update(args)
    this.#decoded = decoded
    this.#args = args
    return async () => {
      this.#decoded = oldDecoded
      this.#args = oldArgs
      try {
        await this.#running?.update(oldArgs)
      } catch (error) {
        this.#log.error('the component could not go back to its old arguments', { err: error })
        this.#fail(messageOf(error))
      }
    }
  }

  #context(): ComponentContext<unknown> {
    const { services, meter, log } = this.#host
    const own: RootLog = Object.assign(Object.create(this.#log) as Log, { setLevel: log.setLevel })
    return {
      id: this.id,
      log: own,
      meter,
      services,
      export: (exports) => this.#publish(exports),
      report: ({ state, message }) => {
        this.#reported = this.#healthOf(state, message)
      },
    }
  }

  #publish(exports: unknown): void {
    if (this.#isStopped) return
    const next = withZeroValues(this.kind, this.kind.exportsOf(exports))
    if (same(next, this.#exports)) return
    this.#exports = next
    this.version = ++versions
    this.#host.onExports()
  }

  /** Ends it; called once. Never rejects. */
  async stop(deadlineMs: number): Promise<void> {
    const running = this.#running
    this.#isStopped = true
    this.#running = undefined
    try {
      await running?.stop(deadlineMs)
      this.#run = this.#healthOf('exited', 'component shut down cleanly')
    } catch (error) {
      this.#log.error('the component did not stop cleanly', { err: error })
      this.#run = this.#healthOf('exited', `component shut down with error: ${messageOf(error)}`)
    }
  }

  #healthOf(state: Health['state'], message: string): Health {
    return { state, message, sinceMs: this.#host.now() }
  }
}
