// One relabelling rule, as Prometheus' relabel_config and Alloy's `rule` block have it, already checked.

export const actions = [
  'replace',
  'keep',
  'drop',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
  'keepequal',
  'dropequal',
] as const

export type Action = (typeof actions)[number]

export interface RelabelRule {
  readonly action: Action
  readonly sourceLabels: readonly string[]
  /** Default `;`. */
  readonly separator: string
  /** RE2 text as written, without the anchors that compiling adds. Default `(.*)`. */
  readonly regex: string
  /** Only for hashmod; from 1 to 2^64 - 1. */
  readonly modulus: bigint
  /** '' where the action has none. */
  readonly targetLabel: string
  /** Default `$1`. */
  readonly replacement: string
}
