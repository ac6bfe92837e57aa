// The way of a series through the components of an agent, by what they run with: the same relabelling and the same
// `route` that decide about data, with their traces on.

import { compileGlobs } from '../../config/glob.ts'
import { maskUrl } from '../../config/upstream-url.ts'
import { explainRoute } from '../../tenancy/explain.ts'
import { compileRouter, prefixOf, sentLabels } from '../../tenancy/route.ts'
import { type Label, RESERVED_LABEL } from '../../wire/codec.ts'
import type { EndpointPlan, WriterArgs } from '../components/endpoint/endpoint-plan.ts'
import type { SourceApiArgs } from '../components/loki/source-api/source-api.ts'
import { streamRules } from '../components/loki/source-api/stream-labels.ts'
import type { ReceiveHttpArgs } from '../components/prometheus/receive-http/receive-http.ts'
import type { RelabelArgs } from '../components/prometheus/relabel/relabel.ts'
import { tenantOf } from '../components/sender-tenant.ts'
import type { Receiver } from '../flow/receiver.ts'
import type { Delivery, Hop } from './delivery.ts'
import { numbered, type RelabelSteps, relabelExplainer } from './relabel-steps.ts'
import type { SettledComponent } from './settle-components.ts'

/** A series on its way. */
export interface Traveller {
  readonly labels: readonly Label[]
  /** The sender's, names in lower case; none behind an endpoint that forwards. */
  readonly headers: Readonly<Record<string, string>>
  /** A sender waits and is told what is refused; else it is dropped. */
  readonly isAwaited: boolean
  readonly path: readonly Hop[]
}

/** Where a traveller ends. */
export type Walk = (traveller: Traveller) => readonly Delivery[]

type Next = (receivers: readonly Receiver[]) => Walk

/** Walks by component id: of those that take data. */
export function compileWalks(components: readonly SettledComponent[]): ReadonlyMap<string, Walk> {
  const walks = new Map<string, Walk>()
  const next: Next = (receivers) => (traveller) => receivers.flatMap(({ id }) => (walks.get(id) as Walk)(traveller))
  for (const { id, kind, args } of components) {
    const walk = makers[kind]?.(id, args, next)
    if (walk !== undefined) walks.set(id, walk)
  }
  return walks
}

type RuleNames = Parameters<typeof relabelExplainer>[1]

type Maker = (id: string, args: unknown, next: Next) => Walk

const makers: Readonly<Record<string, Maker>> = {
  'prometheus.receive_http': (id, args, next) => receiveWalk(id, args as ReceiveHttpArgs, next),
  'prometheus.relabel': (id, args, next) => relabelWalk(id, args as RelabelArgs, next),
  'prometheus.remote_write': (id, args, next) =>
    writerWalk(id, args as WriterArgs, numbered('write_relabel_config'), next),
  'loki.source.api': (id, args, next) => sourceWalk(id, args as SourceApiArgs, next),
  'loki.write': (id, args, next) => writerWalk(id, args as WriterArgs, () => 'internal labels', next),
  'prometheus.echo':
    (id) =>
    ({ path }) => [
      { verdict: 'output', at: id, rule: id, path: [...path, { at: id, steps: ['written to standard output'] }] },
    ],
}

function receiveWalk(
  id: string,
  { shaping, forwardTo }: Pick<ReceiveHttpArgs, 'shaping' | 'forwardTo'>,
  next: Next,
): Walk {
  const { tenant, labelsTypeAndUnit } = shaping
  const onward = next(forwardTo)
  return ({ labels, headers, isAwaited, path }) => {
    const named = tenantOf({ headers }, tenant)
    const isKept = named === undefined && tenant.isTrusted
    const others = isKept ? labels : labels.filter(([name]) => name !== RESERVED_LABEL)
    const steps: string[] = []
    if (others.length < labels.length) steps.push(`${RESERVED_LABEL} of the sender removed: trust_tenant_label = false`)
    if (named !== undefined)
      steps.push(`${RESERVED_LABEL} = ${JSON.stringify(named)}, from the header ${tenant.header}`)
    if (labelsTypeAndUnit)
      steps.push('__type__ and __unit__ are not shown: what the series’ metadata says is not known here')
    const here = [...path, { at: id, steps }]
    if (forwardTo.length === 0) return [nowhere(id, here)]
    // As the component does: what has no other label keeps this one, without a value.
    const set = named ?? (others.length < labels.length && others.length === 0 ? '' : undefined)
    const given = set === undefined ? others : sorted([...others, [RESERVED_LABEL, set]])
    return onward({ labels: given, headers, isAwaited, path: here })
  }
}

function sourceWalk(
  id: string,
  { shaping, forwardTo }: Pick<SourceApiArgs, 'shaping' | 'forwardTo'>,
  next: Next,
): Walk {
  const { labels: own, rules, tenant } = shaping
  const called = (rule: number): string => {
    if (rule < own.size) return 'labels'
    if (rule < own.size + rules.length) return `relabel_rules ${rule - own.size + 1}`
    return rule === own.size + rules.length ? 'internal labels' : `from the header ${tenant.header}`
  }
  return rulesWalk(id, forwardTo, next, ({ labels, headers }) => {
    const named = tenantOf({ headers }, tenant)
    return relabelExplainer(streamRules({ labels: own, rules, keepsTenant: tenant.isTrusted }, named), called)(labels)
  })
}

const sorted = (labels: readonly Label[]): readonly Label[] => [...labels].sort(([a], [b]) => (a < b ? -1 : 1))

function relabelWalk(id: string, { forwardTo, rules }: RelabelArgs, next: Next): Walk {
  const explain = relabelExplainer(rules, numbered('rule'))
  return rulesWalk(id, forwardTo, next, ({ labels }) => explain(labels))
}

/** By rules, to whom it forwards. */
function rulesWalk(
  id: string,
  forwardTo: readonly Receiver[],
  next: Next,
  explain: (traveller: Traveller) => RelabelSteps,
): Walk {
  const onward = next(forwardTo)
  return (traveller) => {
    const { result, steps, droppedBy } = explain(traveller)
    const here = [...traveller.path, { at: id, steps }]
    if (typeof result === 'string') return [dropped(id, droppedBy, result, here)]
    if (forwardTo.length === 0) return [nowhere(id, here)]
    return onward({ ...traveller, labels: result, path: here })
  }
}

const dropped = (at: string, rule: string, reason: string, path: readonly Hop[]): Delivery => ({
  verdict: 'dropped',
  at,
  rule: rule === '' ? reason : rule,
  reason: rule === '' ? reason : 'relabelling',
  path,
})

/** A component that feeds no other. */
export const nowhere = (at: string, path: readonly Hop[]): Delivery => dropped(at, '', 'nowhere', path)

function writerWalk(id: string, { endpoints, externalLabels }: WriterArgs, called: RuleNames, next: Next): Walk {
  const walks = endpoints.map((plan) => {
    const relabel = relabelExplainer(plan.rules, called, externalLabels)
    return endpointWalk(`${id}/${plan.name}`, plan, relabel, next)
  })
  if (walks.length === 0) return ({ path }) => [nowhere(id, [...path, { at: id, steps: [] }])]
  return (traveller) => walks.flatMap((walk) => walk(traveller))
}

function endpointWalk(id: string, plan: EndpointPlan, relabel: ReturnType<typeof relabelExplainer>, next: Next): Walk {
  const { to } = plan
  const router = compileRouter({ ...plan.tenancy, stripReserved: true })
  const { settings } = router
  const onward = next('forwardTo' in to ? to.forwardTo : [])
  const overrides = settings.override.map((override) => ({ override, matches: compileGlobs(override.tenants) }))
  return ({ labels, headers, isAwaited, path }) => {
    const prepared = relabel(labels)
    if (typeof prepared.result === 'string') {
      return [dropped(id, prepared.droppedBy, prepared.result, [...path, { at: id, steps: prepared.steps }])]
    }
    const { tenant, outcome, rule, reason, trace } = explainRoute(prepared.result, router, prefixOf(settings, headers))
    const isUnsaid = settings.header === '' || (settings.isDefaultUnsaid === true && tenant === settings.default)
    const isUntenanted = outcome === 'tenant' && isUnsaid
    const here = [...path, { at: id, steps: [...prepared.steps, ...(isUntenanted ? [] : trace)] }]
    if (outcome !== 'tenant') {
      return [
        {
          verdict: isAwaited ? outcome : 'dropped',
          at: id,
          ...(tenant !== undefined && { tenant }),
          rule,
          ...(reason && { reason }),
          path: here,
        },
      ]
    }
    const kept = sentLabels(prepared.result, router)
    if ('forwardTo' in to) {
      if (to.forwardTo.length === 0) return [nowhere(id, here)]
      const given = isUntenanted ? kept : withTenant(kept, tenant as string)
      if (typeof given === 'string') return [dropped(id, '', given, here)]
      return onward({ labels: given, headers: {}, isAwaited: false, path: here })
    }
    const own = overrides.find(({ matches }) => !isUntenanted && matches(tenant as string))?.override
    const url = maskUrl(own?.url ?? to.url)
    if (isUntenanted)
      return [{ verdict: 'untenanted', at: id, rule: 'no tenancy', path: here, sent: { labels: kept, url } }]
    const header = `${settings.header}: ${tenant}`
    return [
      { verdict: 'tenant', at: id, tenant: tenant as string, rule, path: here, sent: { labels: kept, url, header } },
    ]
  }
}

const withTenant = (labels: readonly Label[], tenant: string): RelabelSteps['result'] =>
  relabelExplainer([], numbered(''), [[RESERVED_LABEL, tenant]])(labels).result
