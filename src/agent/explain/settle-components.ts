// The components of a configuration with the arguments that they would run with, and nothing that listens or sends: the
// graph evaluates it as ever, but what takes or gives data is stood in for by a receiver that only has its id.

import type { Diagnostic } from '../../config/diagnostics.ts'
import { createLogger } from '../../telemetry/log.ts'
import { noMeter } from '../../telemetry/meter.ts'
import type { Receiver } from '../flow/receiver.ts'
import type { AnyKind, Decoded, ExportType, RunningComponent } from '../graph/component.ts'
import { createGraph } from '../graph/graph.ts'
import type { CheckOptions, Source } from '../graph/graph-options.ts'

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
  /** By place; undefined: there are errors. Components that handle no data (local.file) are not in it. */
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

const handlesData = (kind: AnyKind): boolean =>
  Object.values(kind.exportTypes ?? {}).some((type) => type === 'metrics' || type === 'logs') ||
  Object.values(kind.schema.attributes).some(({ type }) => type === 'receivers')

function standIn(kind: AnyKind, settled: Map<string, SettledComponent>): AnyKind {
  return {
    ...kind,
    settle(decoded, report, context): Standing | undefined {
      const args = kind.settle(decoded, report, context)
      return args === undefined ? undefined : { args, decoded }
    },
    build(first: Standing, { id, export: publish }): RunningComponent<Standing> {
      // What all kinds that handle data export is made of these.
      const use = ({ args, decoded }: Standing): void => {
        settled.set(id, { id, kind: kind.name, args, decoded })
        const { rules } = args as { readonly rules?: unknown }
        publish({ receiver: inertReceiver(id, kind.exportTypes?.receiver), rules })
      }
      use(first)
      return { update: use, stop: async () => undefined }
    },
  }
}

const inertReceiver = (id: string, type: ExportType | undefined): Receiver => ({
  id,
  signal: type === 'logs' ? 'logs' : 'metrics',
  receive: () => Promise.reject(new Error(`${id} only stands for a receiver`)),
})
