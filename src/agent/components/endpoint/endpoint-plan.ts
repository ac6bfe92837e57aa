// What the `endpoint` blocks of a component come down to, before it runs: no ids of components, no services.

import type { QueueConfig } from '../../../config/queue-settings.ts'
import type { ProtobufMessage, TenancySettings } from '../../../config/tenancy-settings.ts'
import { maskUrl } from '../../../config/upstream-url.ts'
import type { RelabelRule } from '../../../relabel/rule.ts'
import type { Label, Withheld } from '../../../wire/codec.ts'
import type { ForwardSpec, UpstreamSpec } from '../../flow/endpoint-spec.ts'

export interface EndpointPlan {
  /** `name`, or its position among the component's endpoints: what it is called in the store and in metrics. */
  readonly name: string
  readonly to: UpstreamSpec | ForwardSpec
  readonly tenancy: TenancySettings
  readonly timeoutMs: number
  readonly queue: QueueConfig
  readonly withheld?: Withheld
  /** The form that a URL is sent; absent for receivers, which get what came, and for logs. */
  readonly protobufMessage?: ProtobufMessage
  readonly rules: readonly RelabelRule[]
}

export interface WriterArgs {
  readonly endpoints: readonly EndpointPlan[]
  readonly externalLabels: readonly Label[]
}

/** Where it goes, for people. */
export const targetOf = ({ to }: Pick<EndpointPlan, 'to'>): string =>
  'url' in to ? maskUrl(to.url) : `forward_to ${to.forwardTo.map(({ id }) => id).join(', ')}`
