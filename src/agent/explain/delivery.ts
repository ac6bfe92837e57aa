// What becomes of one series (or log stream) at the end of one way through an agent, and every step of that way.

import type { Label } from '../../wire/codec.ts'

/** What one component did to a series. */
export interface Hop {
  /** Id of the component; of an endpoint with its name: `prometheus.remote_write.mimir/0`. */
  readonly at: string
  /** For people, in order. */
  readonly steps: readonly string[]
}

/** tenant: sent under an id. untenanted: sent without one. output: written out by the agent itself. */
export type Verdict = 'tenant' | 'untenanted' | 'output' | 'rejected' | 'dropped'

export interface Delivery {
  readonly verdict: Verdict
  /** Where it ends: the id of an endpoint or component; '' where it did not come to any. */
  readonly at: string
  /** The final id, or the one that was refused. */
  readonly tenant?: string
  /** The rule, label or setting that decided. */
  readonly rule: string
  /** Why it is not delivered. */
  readonly reason?: string
  readonly path: readonly Hop[]
  /** The labels it is sent with, the URL without credentials, and the tenant header. */
  readonly sent?: { readonly labels: readonly Label[]; readonly url: string; readonly header?: string }
}

export interface ExplainedSeries {
  readonly signal: 'metrics' | 'logs'
  readonly labels: readonly Label[]
  /** All ends of all ways, in the order of `forward_to`. */
  readonly deliveries: readonly Delivery[]
}
