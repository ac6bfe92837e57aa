// What the admin listener shows and does, as values: it holds no part of the program, only these functions.

import type { QueueControl } from '../proxy/queue-control.ts'
import type { TenantStatus } from '../proxy/tenants.ts'
import type { MetricsRegistry } from '../telemetry/registry.ts'
import type { RejectionLog } from '../telemetry/rejections.ts'

/** What is shown of the proxy and of the agent. */
export interface DataSources {
  readonly tenants: () => Iterable<TenantStatus>
  /** undefined: there is no queue. */
  readonly queues: QueueControl | undefined
  readonly rejections: Pick<RejectionLog, 'list'>
  readonly metrics: Pick<MetricsRegistry, 'exposition' | 'contentType' | 'values'>
}

export interface AdminSources extends DataSources {
  /** What is not ready, in words; empty: pushes are taken. */
  readonly notReady: () => readonly string[]
  /** Reads the configuration again and swaps it in. Calls may overlap; the source does them one by one. */
  readonly reload: () => Promise<ReloadOutcome>
  /** Answers for all questions together, by the same `route` that pushes go through. */
  readonly explain: (questions: readonly ExplainQuestion[]) => ExplainReport | Promise<ExplainReport>
  /** Told of every defect that was answered 500. */
  readonly onDefect: (error: unknown) => void
}

export type ReloadOutcome =
  | {
      readonly ok: true /** Lines for people, such as settings that need a restart. */
      readonly notes?: readonly string[]
    }
  /** The diagnostics as they are printed at start: place, line, carets, hint. The old settings stay. */
  | { readonly ok: false; readonly diagnostics: string }

export interface ExplainQuestion {
  /** In the order given; a name may occur twice. */
  readonly labels: readonly (readonly [name: string, value: string])[]
  /** Inbound headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly signal: 'metrics' | 'logs'
}

/** Shown as it is, as JSON. */
export interface ExplainReport {
  /** One for each question, in order. */
  readonly outcomes: readonly object[]
  /** What concerns several of them, such as series that removal makes equal. */
  readonly warnings?: readonly string[]
}
