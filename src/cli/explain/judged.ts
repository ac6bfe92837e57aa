// What became of series, in the one form in which proxies and agents are compared and held to expectations.

import type { Label } from '../../wire/codec.ts'

/** Where a series ends on one of its ways. */
export interface End {
  /** Id of the endpoint or component. */
  readonly at: string
  /** untenanted: it leaves without a tenant. relabelled: a rule, or the lack of receivers, dropped it. */
  readonly kind: 'tenant' | 'untenanted' | 'relabelled' | 'refused' | 'output'
  readonly tenant?: string
  /** `tenant a`, `rejected (missing_tenant)` */
  readonly text: string
  /** What decided. */
  readonly rule: string
}

export interface JudgedSeries {
  readonly labels: readonly Label[]
  readonly ends: readonly End[]
}

/** What a file makes of the series that were asked about. */
export interface Judgement {
  readonly isAgent: boolean
  readonly series: readonly JudgedSeries[]
  readonly text: string
  /** For --json. */
  readonly report: object
}
