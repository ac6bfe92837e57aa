// Why a series goes where it goes: `route` with the trace on, never a second implementation.

import { readTenancyOptions, type TenancyOptions } from '../config/tenancy-options.ts'
import type { Label } from '../wire/codec.ts'
import { compileRouter, prefixOf, type Reason, type Router, route } from './route.ts'

/** The decision about one label set, and how it came about. */
export interface Explanation {
  /** The tenant, or the id that was refused; undefined where none was found. */
  readonly tenant: string | undefined
  readonly outcome: 'tenant' | 'rejected' | 'dropped'
  /** The label or setting that decided: `label NAME`, `default`, `on_missing`, `on_invalid`. */
  readonly rule: string
  /** Why it is not delivered. */
  readonly reason?: Reason
  /** Every step, in order, for people. */
  readonly trace: readonly string[]
}

/** Labels by name; or as a list, in which a name may occur twice. */
export type LabelSet = Readonly<Record<string, string>> | readonly { readonly name: string; readonly value: string }[]

export interface ExplainOptions extends TenancyOptions {
  /** Headers of the request, for `prefixFromHeader`; names in any case. */
  readonly inboundHeaders?: Readonly<Record<string, string>> | undefined
}

/**
 * Which tenant a series goes to, and why: the decision that a push would get. Pure. For a log stream its labels.
 * Throws SluiceError CONFIG_INVALID with all that is wrong with the options.
 */
export function explain(labels: LabelSet, options: ExplainOptions = {}): Explanation {
  const { inboundHeaders = {}, ...tenancy } = options
  const router = compileRouter(readTenancyOptions(tenancy))
  const list = Array.isArray(labels)
    ? labels.map(({ name, value }): Label => [name, value])
    : Object.entries(labels as Readonly<Record<string, string>>)
  return explainRoute(list, router, prefixOf(router.settings, lowerCased(inboundHeaders)))
}

/** Headers with their names in lower case. */
export const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** Explains one label set, in wire order; a name may occur twice. */
export function explainRoute(labels: readonly Label[], router: Router, prefix: string): Explanation {
  const trace: string[] = []
  const outcome = route(labels, router, prefix, (step) => trace.push(step))
  const { kind, rule, tenant } = outcome
  return { tenant, outcome: kind, rule, ...(kind !== 'tenant' && { reason: outcome.reason }), trace }
}
