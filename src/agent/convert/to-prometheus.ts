// What the prometheus.remote_write components of a configuration stand for, as a configuration of Prometheus. What
// Prometheus can't do is reported where it is written.

import { Document, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Span } from '../../config/source-file.ts'
import { tenantIdProblem } from '../../config/tenant-id.ts'
import type { RelabelRule } from '../../relabel/rule.ts'
import { completeRule } from '../../relabel/written-rule.ts'
import { RESERVED_LABEL } from '../../wire/codec.ts'
import type { EndpointPlan, WriterArgs } from '../components/endpoint/endpoint-plan.ts'
import { type SettledComponent, settleComponents } from '../explain/settle-components.ts'
import type { CheckOptions } from '../graph/graph-options.ts'
import { Problems } from '../graph/problems.ts'
import type { Converted, ConvertOptions } from './from-cortex-tenant.ts'
import { type Mapping, prometheusEndpoint } from './prometheus-endpoint.ts'
import { Reveal } from './value-text.ts'

const ours = 'prometheus.remote_write'

/** `name`: what diagnostics call the file. Files that the configuration reads (local.file) are read. */
export async function convertToPrometheus(
  name: string,
  text: string,
  check: CheckOptions,
  options: ConvertOptions = {},
): Promise<Converted> {
  const { components, diagnostics } = await settleComponents([{ name, text }], check)
  if (components === undefined) return { text: undefined, diagnostics, hasMasked: false }
  const problems = new Problems([{ name, text }])
  const report = problems.reporter(name)
  const reveal = new Reveal(options.showSecrets === true)
  const writers = components.filter(({ kind }) => kind === ours)
  if (writers.length === 0) {
    report('error', { start: 0, end: 0 }, `there is no ${ours}`, 'nothing else has a counterpart in `remote_write`')
  }
  for (const { id, kind, decoded } of components) {
    if (kind === ours) continue
    const hint =
      kind === 'prometheus.relabel' ? 'write its rules as write_relabel_config if they are needed' : undefined
    report('warning', headOf(decoded.span, text), `${id} is not carried: only ${ours} has a counterpart`, hint)
  }
  const conversion = new PrometheusConversion(writers, report, reveal)
  const yaml = conversion.document()
  return {
    text: writers.length === 0 ? undefined : yaml,
    // What has no effect in an agent has one in Prometheus.
    diagnostics: [
      ...diagnostics.filter(({ message }) => !message.endsWith('has no effect here')),
      ...problems.diagnostics(),
    ],
    hasMasked: reveal.hasMasked,
  }
}

/** The first line of a block. */
const headOf = ({ start, end }: Span, text: string): Span => {
  const line = text.indexOf('\n', start)
  return { start, end: line < 0 ? end : Math.min(end, line) }
}

type Reporter = ReturnType<Problems['reporter']>

class PrometheusConversion {
  readonly #writers: readonly SettledComponent[]
  readonly #report: Reporter
  readonly #reveal: Reveal

  constructor(writers: readonly SettledComponent[], report: Reporter, reveal: Reveal) {
    this.#writers = writers
    this.#report = report
    this.#reveal = reveal
  }

  /** One file: external labels are global where all components have the same, else rules of their endpoints. */
  document(): string {
    const labels = this.#writers.map(({ args }) => Object.fromEntries((args as WriterArgs).externalLabels))
    const isGlobal = new Set(labels.map((each) => JSON.stringify(each))).size <= 1
    const shared = isGlobal ? (labels[0] ?? {}) : {}
    const entries = this.#writers.flatMap((writer) => this.#entriesOf(writer, isGlobal))
    const document = new Document(
      {
        ...(Object.keys(shared).length > 0 && { global: { external_labels: shared } }),
        remote_write: entries.map(({ mapping }) => mapping),
      },
      { version: '1.1' },
    )
    const pair = (document.contents as unknown as YAMLMap).items.at(-1) as Pair<Scalar, YAMLSeq>
    for (const [index, item] of (pair.value as YAMLSeq).items.entries()) {
      ;(item as YAMLMap).commentBefore = ` ${entries[index]?.id}`
    }
    return document.toString({ lineWidth: 0 })
  }

  #entriesOf({ id, args, decoded }: SettledComponent, isGlobal: boolean): readonly { id: string; mapping: Mapping }[] {
    const { endpoints, externalLabels } = args as WriterArgs
    const blocks = decoded.blocks.get('endpoint') ?? []
    const rules = isGlobal ? [] : externalLabels.map(externalLabelRule)
    if (externalLabels.some(([, value]) => value.includes('$'))) {
      const message = 'a $ in an external label is for Prometheus 3 the beginning of a variable'
      this.#report('warning', decoded.spans.get('external_labels') ?? decoded.span, message, 'write $$ there')
    }
    return endpoints.flatMap((plan, index) => {
      const block = blocks[index] as (typeof blocks)[number]
      if ('forwardTo' in plan.to) {
        const hint = 'Prometheus sends to URLs only; take the endpoint out'
        this.#report('error', block.spans.get('forward_to') ?? block.span, 'forward_to is not carried', hint)
        return []
      }
      const given = block.values.get('name') as string | undefined
      const isOnly = this.#writers.length === 1
      const name = isOnly ? (given ?? '') : `${id.slice(ours.length + 1)}/${plan.name}`
      const mapping = prometheusEndpoint(
        { plan, decoded: block, name, rules: inside([...rules, ...plan.rules]) },
        this.#reveal,
      )
      return [{ id: `${id}/${plan.name}`, mapping: this.#withTenant(mapping, plan, block) }]
    })
  }

  /** All that is left of a tenancy: its default, for everything. */
  #withTenant(mapping: Mapping, { tenancy }: EndpointPlan, endpoint: WriterBlock): Mapping {
    const block = endpoint.blocks.get('tenancy')?.[0]
    if (block === undefined) return mapping
    const written = [...block.spans.keys(), ...[...block.blocks.keys()].map((name) => `${name} { … }`)]
    const lost = written.filter((name) => name !== 'default' && name !== 'header' && name !== 'prefix')
    const tenant = tenancy.default === '' ? '' : tenancy.prefix + tenancy.default
    const isCarried = tenant !== '' && tenantIdProblem(tenant) === undefined
    const all = lost.length === 0 ? '' : `; lost: ${lost.join(', ')}`
    const message = isCarried
      ? `Prometheus sends all series as one tenant, here the default ${tenant}${all}`
      : `Prometheus sends all series as one tenant, and here none is named${all}`
    const hint = 'Sluice’s proxy between Prometheus and the URL finds the tenants: sluice proxy'
    this.#report('warning', endpoint.spans.get('tenancy') ?? block.span, message, hint)
    if (!isCarried) return mapping
    const { url, headers, ...rest } = mapping
    return { url, headers: { ...(headers as Mapping), [tenancy.header]: tenant }, ...rest }
  }
}

/** The label that no request of ours has goes, where a rule sets it. */
const inside = (rules: readonly RelabelRule[]): readonly RelabelRule[] =>
  rules.some(({ targetLabel }) => targetLabel === RESERVED_LABEL)
    ? [...rules, completeRule({ action: 'labeldrop', regex: RESERVED_LABEL })]
    : rules

type WriterBlock = SettledComponent['decoded']

/** What sets a label where a series has none, as a rule: an anchored empty expression matches the absent one. */
const externalLabelRule = ([name, value]: readonly [string, string]): RelabelRule =>
  completeRule({
    action: 'replace',
    sourceLabels: [name],
    regex: '',
    targetLabel: name,
    replacement: value.replaceAll('$', '$$$$'),
  })
