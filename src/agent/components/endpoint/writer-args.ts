// The arguments of components that write, from their blocks: external labels, and endpoints, none of which is there twice.

import type { Decoded, Report, SettleContext } from '../../graph/component.ts'
import { same } from '../../graph/same-arguments.ts'
import type { SettleEndpoint } from './endpoint-block.ts'
import type { EndpointPlan, WriterArgs } from './endpoint-plan.ts'
import { settleExternalLabels } from './prepare.ts'

export interface WriterParts {
  readonly settleEndpoint: SettleEndpoint
  /** What to say of an endpoint that is equal to another. */
  readonly repeated: (plan: EndpointPlan) => string
}

interface Written {
  readonly plan: EndpointPlan
  readonly decoded: Decoded
  readonly isNamed: boolean
}

export function settleWriter(
  { values, spans, span, blocks }: Decoded,
  { settleEndpoint, repeated }: WriterParts,
  report: Report,
  context: SettleContext,
): WriterArgs {
  const given = values.get('external_labels') as Readonly<Record<string, string>> | undefined
  const externalLabels = settleExternalLabels(given, spans.get('external_labels') ?? span, report)
  const endpoints = (blocks.get('endpoint') ?? []).flatMap((decoded, index): readonly Written[] => {
    const plan = settleEndpoint(decoded, index, report, context)
    return plan === undefined ? [] : [{ plan, decoded, isNamed: Boolean(decoded.values.get('name')) }]
  })
  reportDuplicates(endpoints, repeated, report)
  return { endpoints: endpoints.map(({ plan }) => plan), externalLabels }
}

/** Equal are those without names that go to the same in the same way, as in Prometheus. */
function reportDuplicates(
  endpoints: readonly Written[],
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
