// The components of a configuration with the arguments that they would run with, and nothing that listens or sends: the
// graph evaluates it as ever, but what takes or gives data is stood in for by a receiver that only has its id.

import type { Diagnostic } from '../../config/diagnostics.ts'
import { createLogger } from '../../telemetry/log.ts'
import { noMeter } from '../../telemetry/meter.ts'
import { capsuleNames, type Receiver } from '../flow/receiver.ts'
import type { AnyKind, Decoded, RunningComponent } from '../graph/component.ts'
import { createGraph } from '../graph/graph.ts'
import type { CheckOptions, Source } from '../graph/graph-options.ts'
import { capsuleValue } from '../syntax/make-value.ts'
import type { Value } from '../syntax/value.ts'

export interface SettledComponent {
  readonly id: string
  /** `prometheus.relabel` */
  readonly kind: string
  /** What its kind's `settle` gave; receivers in it have nothing but their ids and signals. */
  readonly args: unknown
  /** Its block along its schema. */
  readonly decoded: Decoded
}

export interface SettledConfiguration {
  /** In the order of the files; undefined: there are errors. Components that handle no data (local.file) are not in it. */
  readonly components: readonly SettledComponent[] | undefined
  readonly diagnostics: readonly Diagnostic[]
  /** To print lines from, secrets replaced. */
  readonly texts: ReadonlyMap<string, string>
}

interface Standing {
  readonly args: unknown
  readonly decoded: Decoded
}

/** Evaluates a configuration, all files as one. Files that it reads (local.file) are read. */
export async function settleComponents(
  sources: readonly Source[],
  options: CheckOptions,
): Promise<SettledConfiguration> {
  const settled = new Map<string, SettledComponent>()
  const graph = createGraph({
    ...options,
    kinds: options.kinds.map((kind) => (handlesData(kind) ? standIn(kind, settled) : kind)),
    log: createLogger({ level: 'error', write: () => undefined }),
    meter: noMeter,
    services: {},
  })
  try {
    const { isLoaded, diagnostics, texts } = await graph.load(sources)
    await graph.idle()
    const order = (id: string): number => {
      const { span } = (settled.get(id) as SettledComponent).decoded
      return span.start
    }
    const ids = [...settled.keys()].sort((a, b) => order(a) - order(b))
    const components = ids.map((id) => settled.get(id) as SettledComponent)
    return { components: isLoaded ? components : undefined, diagnostics, texts }
  } finally {
    await graph.stop(0)
  }
}

const signalsOf = (kind: AnyKind): readonly (readonly [name: string, signal: Receiver['signal']])[] =>
  Object.entries(kind.exportTypes ?? {}).flatMap(([name, type]) =>
    type === 'metrics' || type === 'logs' ? [[name, type] as const] : [],
  )

const handlesData = (kind: AnyKind): boolean =>
  signalsOf(kind).length > 0 || Object.values(kind.schema.attributes).some(({ type }) => type === 'receivers')

function standIn(kind: AnyKind, settled: Map<string, SettledComponent>): AnyKind {
  const keep = (id: string, { args, decoded }: Standing): void =>
    void settled.set(id, { id, kind: kind.name, args, decoded })
  return {
    ...kind,
    settle(decoded, report, context): Standing | undefined {
      const args = kind.settle(decoded, report, context)
      return args === undefined ? undefined : { args, decoded }
    },
    exportsOf: (id: string): ReadonlyMap<string, Value> =>
      new Map(
        signalsOf(kind).map(([name, signal]) => [name, capsuleValue(capsuleNames[signal], inertReceiver(id, signal))]),
      ),
    build(standing: Standing, { id, export: publish }): RunningComponent<Standing> {
      keep(id, standing)
      publish(id)
      return { update: (next) => keep(id, next), stop: async () => undefined }
    },
  }
}

const inertReceiver = (id: string, signal: Receiver['signal']): Receiver => ({
  id,
  signal,
  receive: () => Promise.reject(new Error(`${id} only stands for a receiver`)),
})
