// Where each series goes in an agent, asked from outside: in by the components that take pushes, or by any other.

import { collisionsOf, labelsText } from '../../tenancy/collisions.ts'
import type { Label } from '../../wire/codec.ts'
import type { Receiver } from '../flow/receiver.ts'
import type { Delivery, ExplainedSeries } from './delivery.ts'
import type { SettledComponent } from './settle-components.ts'
import { compileWalks, type Walk } from './walk.ts'

export interface AgentQuestion {
  readonly signal: Receiver['signal']
  /** In wire order; a name may occur twice. */
  readonly labels: readonly Label[]
  /** Inbound headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Why the item is malformed: it is refused whatever its labels say. */
  readonly fault?: string
}

export interface AgentReport {
  readonly series: readonly ExplainedSeries[]
  /** Series of one endpoint and tenant that are the same once the tenant label is removed. */
  readonly warnings: readonly string[]
}

/** A component in which series can begin. */
export interface Entry {
  readonly id: string
  /** Takes pushes from outside. */
  readonly isOutermost: boolean
  readonly signal: Receiver['signal']
  readonly walk: Walk
}

/** All components in which a series can begin, in order. */
export function entriesOf(components: readonly SettledComponent[]): readonly Entry[] {
  const walks = compileWalks(components)
  return components.flatMap(({ id, kind }): readonly Entry[] => {
    const walk = walks.get(id)
    if (walk === undefined) return []
    return [{ id, walk, isOutermost: outermost.has(kind), signal: kind.startsWith('loki.') ? 'logs' : 'metrics' }]
  })
}

const outermost: ReadonlySet<string> = new Set(['prometheus.receive_http', 'loki.source.api'])

/** Explains each question from those of `entries` that take its signal. */
export function explainAgent(entries: readonly Entry[], questions: readonly AgentQuestion[]): AgentReport {
  const series = questions.map(({ signal, labels, headers, fault }): ExplainedSeries => {
    if (fault !== undefined) return { signal, labels, deliveries: [malformed(fault)] }
    const own = entries.filter((entry) => entry.signal === signal)
    return {
      signal,
      labels,
      deliveries: own.flatMap(({ walk }) => walk({ labels, headers, isAwaited: true, path: [] })),
    }
  })
  return { series, warnings: warningsOf(series) }
}

const malformed = (fault: string): Delivery => ({
  ...{ verdict: 'rejected', at: '', rule: 'malformed', reason: 'malformed' },
  path: [{ at: 'the push itself', steps: [fault] }],
})

function warningsOf(all: readonly ExplainedSeries[]): readonly string[] {
  const sent = all.flatMap(({ labels, deliveries }) =>
    deliveries.flatMap((delivery) =>
      delivery.sent === undefined
        ? []
        : [{ to: `${delivery.at} ${delivery.tenant}`, labels, sent: delivery.sent.labels, delivery }],
    ),
  )
  const texts = collisionsOf(sent).map(({ one, other: { labels, delivery } }) => {
    const of = delivery.tenant === undefined ? '' : ` of tenant ${delivery.tenant}`
    return `${labelsText(one)} and ${labelsText(labels)} are the same series${of} when they are sent by ${delivery.at}`
  })
  return [...new Set(texts)]
}
