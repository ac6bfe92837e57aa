// loki.source.api: takes log pushes from senders.

import { isLabelName } from '../../../../relabel/label-names.ts'
import type { RelabelRule } from '../../../../relabel/rule.ts'
import { Restamp } from '../../../../wire/loki/restamp.ts'
import type { Decoded, Report } from '../../../graph/component.ts'
import type { Value } from '../../../syntax/value.ts'
import { ValueError } from '../../../syntax/value-error.ts'
import { rulesOf } from '../../prometheus/relabel/rules-capsule.ts'
import { type ListenerArgs, listenerKind } from '../../push-server/listener-kind.ts'
import { tenantOf } from '../../sender-tenant.ts'
import { StreamLabels } from './stream-labels.ts'

interface Shaping {
  readonly labels: ReadonlyMap<string, string>
  readonly rules: readonly RelabelRule[]
  readonly keepsTime: boolean
}

export type SourceApiArgs = ListenerArgs<Shaping>

const path = '/loki/api/v1/push'

export const sourceApi = listenerKind<Shaping>({
  name: 'loki.source.api',
  doc: `Listens for Loki’s push API, POST ${path} and /api/v1/push (Alloy’s raw paths are not there yet), and hands on what comes.`,
  signal: 'logs',
  path,
  routes: new Map([
    [path, 'loki'],
    ['/api/v1/push', 'loki'],
    ['/ready', 'ready'],
  ]),
  names: { prefix: 'loki_source_api', kind: 'loki', route: 'loki_api_v1_push' },
  tenantHeader: 'X-Scope-OrgID',
  attributes: {
    labels: { type: 'map_of_strings', doc: 'Labels that are set on every stream.' },
    relabel_rules: {
      type: 'any',
      doc: 'Rules for the labels of streams: the export `rules` of a relabelling component.',
    },
    use_incoming_timestamp: {
      type: 'boolean',
      default: false,
      doc: 'Keeps the times of entries; otherwise each gets that at which it came.',
    },
    max_send_message_size: {
      type: 'size',
      min: 1,
      max: 2 ** 31,
      defaultText: 'the program’s limits: 32 MiB, unpacked 64 MiB',
      doc: 'Longest push, as it comes and unpacked; Alloy’s default is 100MiB.',
    },
  },
  settle(decoded, report) {
    const { values } = decoded
    const labels = settleLabels(decoded, report)
    const rules = settleRules(decoded, report)
    const keepsTime = values.get('use_incoming_timestamp') as boolean
    const maxBytes = values.get('max_send_message_size') as number | undefined
    return labels && rules && { own: { labels, rules, keepsTime, maxBytes } }
  },
  shaper({ meter }) {
    const restamp = new Restamp()
    const onDropped = (reason: string, items: number): void => {
      meter.tally('sluice_dropped_total', { signal: 'logs', reason }).value += items
    }
    return ({ tenant, labels, rules, keepsTime }) => {
      const streamLabels = new StreamLabels({ labels, rules, keepsTenant: tenant.isTrusted }, onDropped)
      return (batch, push) => {
        const labelled = streamLabels.apply(batch, tenantOf(push, tenant))
        return keepsTime ? labelled : restamp.apply(labelled)
      }
    }
  },
})

function settleLabels({ values, spans, span }: Decoded, report: Report): ReadonlyMap<string, string> | undefined {
  const labels = new Map(Object.entries((values.get('labels') ?? {}) as Readonly<Record<string, string>>))
  const wrong = [...labels.keys()].filter((name) => !isLabelName(name, 'legacy'))
  for (const name of wrong) {
    const hint = 'letters, digits and _ make a name, and no digit comes first'
    report('error', spans.get('labels') ?? span, `${JSON.stringify(name)} is no label name`, hint)
  }
  return wrong.length === 0 ? labels : undefined
}

function settleRules({ values, spans, span }: Decoded, report: Report): readonly RelabelRule[] | undefined {
  const value = values.get('relabel_rules') as Value | undefined
  try {
    return value === undefined ? [] : rulesOf(value)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    const hint = 'write the rules of a relabelling component, such as prometheus.relabel.NAME.rules'
    report('error', spans.get('relabel_rules') ?? span, error.bare, hint)
    return undefined
  }
}
