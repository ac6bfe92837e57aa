// What a graph is made with, and what it does: the face that the program, its HTTP API and tests see.

import type { Diagnostic } from '../../config/diagnostics.ts'
import type { RootLog } from '../../telemetry/log.ts'
import type { Meter } from '../../telemetry/meter.ts'
import type { AnyKind, Health, Services, Stability } from './component.ts'
import type { ComponentView } from './component-view.ts'
import type { HttpSettings } from './root/http.ts'
import type { LoggingSettings } from './root/logging.ts'

/** A file of a configuration. */
export interface Source {
  /** As people named it; diagnostics have it. */
  readonly name: string
  readonly text: string
}

export interface CheckOptions {
  /** The components that there are. */
  readonly kinds: readonly AnyKind[]
  /** The lowest that is allowed; default generally-available. */
  readonly stability?: Stability
  /** The machine is not the one that the configuration is for: what `sys.env` and `constants` give is not judged. */
  readonly isElsewhere?: true
}

export interface GraphOptions extends CheckOptions {
  readonly log: RootLog
  readonly meter: Meter
  readonly services: Services
  /** Default Date.now. */
  readonly now?: () => number
  /**
   * Puts the settings of `logging` to work, once per load at most; without the block its defaults. Throws Error with a
   * text for people where they can't be used.
   */
  readonly applyLogging?: (settings: LoggingSettings) => void | Promise<void>
  /** The same for `http`. */
  readonly applyHttp?: (settings: HttpSettings) => void | Promise<void>
}

export interface LoadResult {
  /** The configuration is in effect. If not, the one before it is. */
  readonly isLoaded: boolean
  /** Errors and warnings, by file and place, without secrets. */
  readonly diagnostics: readonly Diagnostic[]
  /** The files' texts by name, with secrets replaced, offsets as they were: to print lines from. */
  readonly texts: ReadonlyMap<string, string>
}

/**
 * Components at work, as a configuration names them. What is asked of it happens one after the other: a reload waits
 * for an evaluation under way, and stopping for both.
 */
export interface Graph {
  /**
   * Takes a configuration: all files together are one. It is checked as a whole; if anything is wrong nothing changes
   * but diagnostics and the health of components that have errors. Then what is new is built and what has changed
   * updated, receivers before what sends to them; if that fails what was done is undone. At last what is gone stops,
   * sources first. A component whose arguments are equal is not touched.
   */
  load(sources: readonly Source[]): Promise<LoadResult>
  /** Resolves once all loads and evaluations that are asked for by now, and those that they lead to, are done. */
  idle(): Promise<void>
  /** By id. */
  listComponents(): readonly ComponentView[]
  component(id: string): ComponentView | undefined
  /** Of a component or root block that is there. */
  health(id: string): Health | undefined
  /** Ids of components whose health is not `healthy`, in order; for `/-/healthy`. */
  unhealthy(): readonly string[]
  /**
   * Stops all components, sources before what they send to, so that nothing in flight is lost. Each may use what is left
   * of `deadlineMs`, but at least a tenth of it.
   */
  stop(deadlineMs: number): Promise<void>
}
