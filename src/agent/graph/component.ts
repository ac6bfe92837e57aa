// What a component is to the graph: rows that say which arguments it takes, and a running thing made from them.
// The graph decodes, evaluates, orders and stops; a component does its work and tells how it is.

import type { Diagnostic } from '../../config/diagnostics.ts'
import type { SettingSpec } from '../../config/setting-spec.ts'
import type { Span } from '../../config/source-file.ts'
import type { RootLog } from '../../telemetry/log.ts'
import type { Meter } from '../../telemetry/meter.ts'
import type { Block } from '../syntax/ast.ts'
import type { Stability } from '../syntax/scope.ts'
import type { Value } from '../syntax/value.ts'

export type { Stability }

/** An attribute: a row as all settings are, or one that only components have. */
export type AttributeSpec = (SettingSpec | CapsuleSpec) & {
  readonly required?: true
  /** Taken, and without effect here; `--coverage` lists it. */
  readonly ignored?: string
}

export interface CapsuleSpec {
  readonly doc: string
  /** receivers: `list(MetricsReceiver)` or `list(LogsReceiver)`. strings: `list(string)`; map: `map(string)`. any: as it is. */
  readonly type: 'receivers' | 'strings' | 'map_of_strings' | 'any'
  readonly signal?: 'metrics' | 'logs'
  readonly default?: undefined
}

export interface BlockSpec {
  readonly doc: string
  readonly schema: BlockSchema
  readonly required?: true
  /** May stand more than once. */
  readonly repeated?: true
  /** Taken, and without effect here; `--coverage` lists it. */
  readonly ignored?: string
}

/** What may stand in a block. */
export interface BlockSchema {
  readonly attributes: Readonly<Record<string, AttributeSpec>>
  readonly blocks: Readonly<Record<string, BlockSpec>>
  /** Attributes and blocks of Alloy's that are refused by name: name → what to do instead. */
  readonly unsupported?: Readonly<Record<string, string>>
  /**
   * What can be wrong with the block by itself: asked wherever the block could be decoded, whatever is wrong around it.
   * `settle` may report the same: it is shown once.
   */
  readonly check?: (decoded: Decoded, report: Report, context: SettleContext) => void
  /**
   * Asked where something in the block could not be read, which `check` doesn't see: what excludes each other. That
   * something is missing is not said, since it may be what is wrong.
   */
  readonly conflicts?: (decoded: Decoded, report: Report) => void
}

/**
 * What an export holds: checks know it before anything runs, and its zero value stands for it until it is published
 * (null for receivers and `any`, else '', 0, false, empty).
 */
export type ExportType = 'metrics' | 'logs' | 'string' | 'secret' | 'number' | 'bool' | 'array' | 'object' | 'any'

/** A block, decoded along its schema: what is unset is absent; defaults are in. */
export interface Decoded {
  /** The whole block, for diagnostics about it. */
  readonly span: Span
  /** Attribute → its value as the row's type has it (config/setting-spec.ts, ValueOf), or as CapsuleSpec says. */
  readonly values: ReadonlyMap<string, unknown>
  /** Attribute → where its value was written; not for defaults. */
  readonly spans: ReadonlyMap<string, Span>
  /** Block name → those that are there, in order. */
  readonly blocks: ReadonlyMap<string, readonly Decoded[]>
}

/** Reports a problem with arguments at a place. */
export type Report = (severity: Diagnostic['severity'], span: Span, message: string, hint?: string) => void

export interface Health {
  readonly state: 'unknown' | 'healthy' | 'unhealthy' | 'exited'
  readonly message: string
  readonly sinceMs: number
}

/** What a running component may use of the program. */
export interface ComponentContext<Exports> {
  /** `prometheus.relabel.cluster`; also the name of its folder and of its queue in the store. */
  readonly id: string
  readonly log: RootLog
  readonly meter: Meter
  readonly services: Services
  /** Publishes exports; what depends on them is evaluated again if they changed. */
  export(exports: Exports): void
  report(health: Pick<Health, 'state' | 'message'>): void
}

/** What components share; the program that runs the graph fills it. */
export interface Services {
  readonly [name: string]: unknown
}

/** A component at work. */
export interface RunningComponent<Args> {
  /** New arguments, other than before. Throws Error with a text for people where they can't be used: it keeps the old. */
  update(args: Args): void | Promise<void>
  /**
   * All others have what a load gave them, or what they had: takes back what it gave up for one of them meanwhile.
   * Throws Error with a text for people where that one keeps it.
   */
  resume?(): Promise<void>
  /**
   * The configuration that it got its latest arguments from is in effect, or was taken back: what `update` put off until
   * then. Throws Error with a text for people where it could not be done.
   */
  commit?(): Promise<void>
  /** Ends it: no new data, what is under way is finished or stored within `deadlineMs`. Called once. */
  stop(deadlineMs: number): Promise<void>
  /** For the API, without secrets. */
  debugInfo?(): Readonly<Record<string, Value>>
}

/** What the program allows, for `settle`. */
export interface SettleContext {
  /** The lowest that is allowed. */
  readonly stability: Stability
}

export interface ComponentKind<Args = unknown, Exports = unknown> {
  /** `prometheus.relabel` */
  readonly name: string
  readonly doc: string
  readonly stability: Stability
  readonly schema: BlockSchema
  /** Export → one sentence; what `exportsOf` gives before `build`. */
  readonly exports: Readonly<Record<string, string>>
  /** Export → its type; `any` where it is not given. Receivers must be given. */
  readonly exportTypes?: Readonly<Record<string, ExportType>>
  /** From what was decoded to arguments; undefined if something was reported as an error. Pure. */
  readonly settle: (decoded: Decoded, report: Report, context: SettleContext) => Args | undefined
  /**
   * Says, when a configuration is checked, what shows only between components. `downstream`: the blocks of all
   * components that what a part of its block sends to leads to.
   */
  readonly review?: (block: Block, downstream: (part: Block) => readonly Block[], report: Report) => void
  /** Exports as values that expressions read. */
  readonly exportsOf: (exports: Exports) => ReadonlyMap<string, Value>
  /** Makes it and sets it to work. Rejects with Error, text for people, where it can't. */
  readonly build: (
    args: Args,
    context: ComponentContext<Exports>,
  ) => Promise<RunningComponent<Args>> | RunningComponent<Args>
}

/** A kind whose arguments and exports go nowhere but from its own `settle` to its own `build`. */
// biome-ignore lint/suspicious/noExplicitAny: kinds differ in their types of arguments and exports.
export type AnyKind = ComponentKind<any, any>
