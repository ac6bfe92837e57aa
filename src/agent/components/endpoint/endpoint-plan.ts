// What the `endpoint` blocks of a component come down to, before it runs: no ids of components, no services.

import type { QueueConfig } from '../../../config/queue-settings.ts'
import type { TenancySettings } from '../../../config/tenancy-settings.ts'
import { maskUrl } from '../../../config/upstream-url.ts'
import type { RelabelRule } from '../../../relabel/rule.ts'
import type { Label, Withheld } from '../../../wire/codec.ts'
import type { ForwardSpec, UpstreamSpec } from '../../flow/endpoint-spec.ts'
import type { Decoded, Report } from '../../graph/component.ts'
import { same } from '../../graph/same-arguments.ts'

export interface EndpointPlan {
  /** `name`, or its position among the component's endpoints: what it is called in the store and in metrics. */
  readonly name: string
  readonly to: UpstreamSpec | ForwardSpec
  readonly tenancy: TenancySettings
  readonly timeoutMs: number
  readonly queue: QueueConfig
  readonly withheld?: Withheld
  readonly rules: readonly RelabelRule[]
}

export interface WriterArgs {
  readonly endpoints: readonly EndpointPlan[]
  readonly externalLabels: readonly Label[]
}

/** Names that an endpoint may have in the store. */
export function reportName(name: string | undefined, { spans, span }: Decoded, report: Report): void {
  if (name === undefined || !/\p{Cc}/u.test(name)) return
  report('error', spans.get('name') ?? span, 'the name contains a character that can’t be printed', 'write another')
}

/** Reports endpoints that are there twice. `repeated`: what to say of one that is equal to another. */
export function reportDuplicates(
  endpoints: readonly { readonly plan: EndpointPlan; readonly decoded: Decoded; readonly isNamed: boolean }[],
  repeated: (plan: EndpointPlan) => string,
  report: Report,
): void {
  for (const [index, { plan, decoded, isNamed }] of endpoints.entries()) {
    for (const other of endpoints.slice(0, index)) {
      const isSameName = other.plan.name === plan.name
      if (!isSameName && (isNamed || other.isNamed)) continue
      if (same({ ...other.plan, name: '' }, { ...plan, name: '' })) {
        report('error', decoded.span, repeated(plan), 'take one of them out')
        break
      }
      if (!isSameName) continue
      const message = `there are two endpoints called ${JSON.stringify(plan.name)}`
      report('error', decoded.spans.get('name') ?? decoded.span, message, 'give each a `name` of its own')
      break
    }
  }
}

/** Where it goes, for people. */
export const targetOf = ({ to }: Pick<EndpointPlan, 'to'>): string =>
  'url' in to ? maskUrl(to.url) : `forward_to ${to.forwardTo.map(({ id }) => id).join(', ')}`
