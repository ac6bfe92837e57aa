// An agent's components between real sockets: a configuration is loaded, pushes come in where it has a `test.source`, and
// upstreams keep what they are sent.

import { expect, onTestFinished } from 'vitest'
import type { AgentServices } from '../../src/agent/components/services.ts'
import { fanOut } from '../../src/agent/flow/fan-out.ts'
import type { Receiver } from '../../src/agent/flow/receiver.ts'
import type { AnyKind, ComponentKind } from '../../src/agent/graph/component.ts'
import { createGraph } from '../../src/agent/graph/graph.ts'
import type { Graph } from '../../src/agent/graph/graph-options.ts'
import type { Store } from '../../src/send/store/store.ts'
import { createLogger } from '../../src/telemetry/log.ts'
import { type FlowBench, startFlowBench } from './flow.ts'

interface SourceArgs {
  readonly metrics: readonly Receiver[]
  readonly logs: readonly Receiver[]
}

export interface AgentBench extends FlowBench {
  readonly graph: Graph
  /** Loads a configuration that must be good. */
  load(text: string): Promise<void>
  /** Loads a configuration, and tells what was said of it. */
  tryLoad(text: string): Promise<readonly string[]>
  /** What `test.source "name"` sends to, as it is at the moment. */
  source(name: string): Receiver
}

/** `test.source`: metrics go to `forward_to`, logs to `logs_to`. */
function sourceKind(sources: Map<string, SourceArgs>): AnyKind {
  const kind: ComponentKind<SourceArgs, object> = {
    name: 'test.source',
    doc: 'For tests.',
    stability: 'generally-available',
    schema: {
      attributes: {
        forward_to: { type: 'receivers', signal: 'metrics', doc: 'Metrics.' },
        logs_to: { type: 'receivers', signal: 'logs', doc: 'Logs.' },
      },
      blocks: {},
    },
    exports: {},
    settle: ({ values }) => ({
      metrics: (values.get('forward_to') ?? []) as readonly Receiver[],
      logs: (values.get('logs_to') ?? []) as readonly Receiver[],
    }),
    exportsOf: () => new Map(),
    build(args, { id }) {
      const put = (next: SourceArgs) => void sources.set(id, next)
      put(args)
      return { update: put, stop: async () => undefined }
    },
  }
  return kind
}

export function startAgentBench(kinds: readonly AnyKind[], store?: Store): AgentBench {
  const bench = startFlowBench(store)
  const sources = new Map<string, SourceArgs>()
  const used: Partial<AgentServices> = {
    endpoints: bench.endpoints,
    // A grace that no loaded machine uses up: what is stored is so because its upstream failed.
    merging: { mergeWindowMs: 0, ackGraceMs: 60_000, haLabels: [] },
  }
  const graph = createGraph({
    kinds: [...kinds, sourceKind(sources)],
    stability: 'experimental',
    log: createLogger({ level: 'error', write: () => undefined }),
    meter: bench.registry.meter,
    services: used as AgentServices,
  })
  onTestFinished(() => graph.stop(200))
  const tryLoad = async (text: string): Promise<readonly string[]> => {
    const { diagnostics } = await graph.load([{ name: 'a.alloy', text }])
    return diagnostics.map(({ message }) => message)
  }
  return {
    ...bench,
    graph,
    tryLoad,
    load: async (text) => expect(await tryLoad(text)).toEqual([]),
    source(name) {
      const args = sources.get(`test.source.${name}`)
      if (args === undefined) throw new Error(`there is no source ${name}`)
      const signal = args.logs.length > 0 ? 'logs' : 'metrics'
      return fanOut(name, signal, args[signal])
    },
  }
}
