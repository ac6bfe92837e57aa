// Why a series goes where it goes: `route` with the trace on, never a second implementation.

import type { Label } from '../wire/codec.ts'
import { type Outcome, type Reason, type Router, route } from './route.ts'

/** The decision about one label set, and how it came about. */
export interface Explanation {
  /** The tenant, or the id that was refused; undefined where none was found. */
  readonly tenant: string | undefined
  readonly outcome: Outcome['kind']
  /** The label or setting that decided: `label NAME`, `default`, `on_missing`, `on_invalid`. */
  readonly rule: string
  /** Why it is not delivered. */
  readonly reason?: Reason
  /** Every step, in order, for people. */
  readonly trace: readonly string[]
}

/** Explains one label set, in wire order; a name may occur twice. */
export function explainRoute(labels: readonly Label[], router: Router, prefix: string): Explanation {
  const trace: string[] = []
  const outcome = route(labels, router, prefix, (step) => trace.push(step))
  const { kind, rule, tenant } = outcome
  return { tenant, outcome: kind, rule, ...(kind !== 'tenant' && { reason: outcome.reason }), trace }
}
