// loki.source.api: takes log pushes from senders, and answers each once all that it reaches has settled.

import type { Push } from '../../../../receive/push.ts'
import type { Routes } from '../../../../receive/routes.ts'
import { isLabelName } from '../../../../relabel/label-names.ts'
import type { RelabelStageOptions } from '../../../../relabel/relabel-stage.ts'
import type { RelabelRule } from '../../../../relabel/rule.ts'
import type { Batch } from '../../../../wire/batch.ts'
import { Restamp } from '../../../../wire/loki/restamp.ts'
import type { Receiver } from '../../../flow/receiver.ts'
import { takePush } from '../../../flow/take-push.ts'
import type { ComponentKind, Decoded, Report } from '../../../graph/component.ts'
import { same } from '../../../graph/same-arguments.ts'
import { stringValue } from '../../../syntax/make-value.ts'
import type { Value } from '../../../syntax/value.ts'
import { ValueError } from '../../../syntax/value-error.ts'
import { Outlet } from '../../outlet.ts'
import { rulesOf } from '../../prometheus/relabel/rules-capsule.ts'
import { PushServer } from '../../push-server/push-server.ts'
import { serverRows } from '../../push-server/server-rows.ts'
import { type ServerSettings, settleServer } from '../../push-server/server-settings.ts'
import { type SenderTenant, senderTenantRows, settleSenderTenant, tenantOf } from '../../sender-tenant.ts'
import { servicesOf } from '../../services.ts'
import { StreamLabels } from './stream-labels.ts'

/** What shapes what is pushed. */
export interface Shaping {
  readonly tenant: SenderTenant
  readonly labels: ReadonlyMap<string, string>
  readonly rules: readonly RelabelRule[]
  readonly keepsTime: boolean
  /** Of a push, as it comes and unpacked; undefined: the program's limits. */
  readonly maxBytes: number | undefined
}

export interface SourceApiArgs {
  readonly server: ServerSettings
  readonly shaping: Shaping
  readonly forwardTo: readonly Receiver[]
}

const path = '/loki/api/v1/push'
const routes: Routes = new Map([
  [path, 'loki'],
  ['/api/v1/push', 'loki'],
  ['/ready', 'ready'],
])

export const sourceApi: ComponentKind<SourceApiArgs, object> = {
  name: 'loki.source.api',
  doc: `Listens for Loki’s push API, POST ${path} and /api/v1/push (Alloy’s raw paths are not there yet), and hands on what comes.`,
  stability: 'generally-available',
  schema: {
    attributes: {
      forward_to: { type: 'receivers', signal: 'logs', required: true, doc: 'Receivers of what is pushed.' },
      ...serverRows.attributes,
      ...senderTenantRows('X-Scope-OrgID'),
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
    blocks: serverRows.blocks,
    unsupported: serverRows.unsupported,
  },
  exports: {},
  settle(decoded, report) {
    const { values } = decoded
    const server = settleServer(decoded, report)
    const labels = settleLabels(decoded, report)
    const rules = settleRules(decoded, report)
    if (server === undefined || labels === undefined || rules === undefined) return undefined
    return {
      server,
      shaping: {
        ...{ labels, rules, tenant: settleSenderTenant(values) },
        keepsTime: values.get('use_incoming_timestamp') as boolean,
        maxBytes: values.get('max_send_message_size') as number | undefined,
      },
      forwardTo: values.get('forward_to') as readonly Receiver[],
    }
  },
  exportsOf: () => new Map(),
  async build(args, context) {
    const { id, meter } = context
    const { maxBodySize, maxDecompressedBytes, maxRetryAfter, userAgent, onComponentGone } = servicesOf(context)
    const outlet = new Outlet(id, 'logs', meter)
    const restamp = new Restamp()
    const onDropped: NonNullable<RelabelStageOptions['onDropped']> = (reason, items) => {
      meter.tally('sluice_dropped_total', { signal: 'logs', reason }).value += items
    }
    const handlerOf = ({ tenant, labels, rules, keepsTime, maxBytes = maxDecompressedBytes }: Shaping) => {
      const streamLabels = new StreamLabels({ labels, rules, keepsTenant: tenant.isTrusted }, onDropped)
      const shape = (batch: Batch, push: Push): Batch => {
        const labelled = streamLabels.apply(batch, tenantOf(push, tenant))
        return keepsTime ? labelled : restamp.apply(labelled)
      }
      const identityOf = (push: Push): string => tenantOf(push, tenant) ?? ''
      const options = { receiver: outlet, maxRetryAfter, maxDecompressedBytes: maxBytes, userAgent }
      return takePush({ ...options, shape, identityOf })
    }
    let { shaping } = args
    const names = { prefix: 'loki_source_api', kind: 'loki', route: 'loki_api_v1_push' } as const
    const server = new PushServer({ context, routes, names }, handlerOf(shaping))
    const use = async (next: SourceApiArgs): Promise<void> => {
      await server.use(next.server, next.shaping.maxBytes ?? maxBodySize)
      outlet.forwardTo(next.forwardTo)
      if (same(shaping, next.shaping)) return
      shaping = next.shaping
      server.handler = handlerOf(shaping)
    }
    outlet.forwardTo(args.forwardTo)
    await use(args)
    return {
      update: use,
      resume: () => server.resume(),
      async stop(deadlineMs) {
        await server.stop(deadlineMs)
        onComponentGone?.(id)
      },
      debugInfo: () => ({ url: stringValue(`${server.url ?? ''}${path}`) }),
    }
  },
}

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
