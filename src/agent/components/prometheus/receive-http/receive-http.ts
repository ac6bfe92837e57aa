// prometheus.receive_http: takes remote write from senders, and answers each push once all that it reaches has settled.

import { SluiceError } from '../../../../errors.ts'
import type { RemoteWrite } from '../../../../receive/content.ts'
import type { Push } from '../../../../receive/push.ts'
import type { Routes } from '../../../../receive/routes.ts'
import type { Batch } from '../../../../wire/batch.ts'
import { Stamp } from '../../../../wire/stamp.ts'
import type { Receiver } from '../../../flow/receiver.ts'
import { type TakePushOptions, takePush } from '../../../flow/take-push.ts'
import type { ComponentKind } from '../../../graph/component.ts'
import { same } from '../../../graph/same-arguments.ts'
import { stringValue } from '../../../syntax/make-value.ts'
import { Outlet } from '../../outlet.ts'
import { PushServer } from '../../push-server/push-server.ts'
import { serverRows } from '../../push-server/server-rows.ts'
import { type ServerSettings, settleServer } from '../../push-server/server-settings.ts'
import { type SenderTenant, senderTenantRows, settleSenderTenant, tenantOf } from '../../sender-tenant.ts'
import { servicesOf } from '../../services.ts'
import { acceptedMessagesRow, settleAcceptedMessages } from './accepted-messages.ts'
import { TypeAndUnitLabels } from './type-and-unit-labels.ts'

export interface ReceiveHttpArgs {
  readonly server: ServerSettings
  readonly accepted: readonly RemoteWrite[]
  readonly shaping: Shaping
  readonly forwardTo: readonly Receiver[]
}

/** What becomes of a push before it is handed on. */
interface Shaping {
  readonly tenant: SenderTenant
  readonly labelsTypeAndUnit: boolean
}

const path = '/api/v1/metrics/write'
const typeAndUnitRow = 'enable_type_and_unit_labels'
const routes: Routes = new Map([[path, 'remote-write']])

export const receiveHttp: ComponentKind<ReceiveHttpArgs, object> = {
  name: 'prometheus.receive_http',
  doc: `Listens for remote write, POST ${path}, and hands it on.`,
  stability: 'generally-available',
  schema: {
    attributes: {
      forward_to: { type: 'receivers', signal: 'metrics', required: true, doc: 'Receivers of what is pushed.' },
      ...serverRows.attributes,
      ...senderTenantRows(''),
      accepted_remote_write_protobuf_messages: acceptedMessagesRow,
      append_metadata: {
        type: 'boolean',
        ignored: 'metadata always goes on with the series that it came with',
        doc: 'Metadata of remote write 2.0 is handed on.',
      },
      [typeAndUnitRow]: {
        type: 'boolean',
        default: false,
        doc: 'Type and unit in the metadata of remote write 2.0 become the labels `__type__` and `__unit__`; needs `--stability.level=experimental`.',
      },
    },
    blocks: serverRows.blocks,
    unsupported: serverRows.unsupported,
  },
  exports: {},
  settle(decoded, report, context) {
    const server = settleServer(decoded, report)
    const accepted = settleAcceptedMessages(decoded, report, context)
    const { values, spans, span } = decoded
    const labelsTypeAndUnit = values.get(typeAndUnitRow) as boolean
    if (labelsTypeAndUnit && context.stability !== 'experimental') {
      const text = `${typeAndUnitRow} is an experimental feature, and must be enabled by setting the stability.level flag to experimental`
      report('error', spans.get(typeAndUnitRow) ?? span, text, 'use --stability.level=experimental')
      return undefined
    }
    if (server === undefined || accepted === undefined) return undefined
    const forwardTo = values.get('forward_to') as readonly Receiver[]
    return { server, accepted, shaping: { tenant: settleSenderTenant(values), labelsTypeAndUnit }, forwardTo }
  },
  exportsOf: () => new Map(),
  async build(args, context) {
    const { id, meter } = context
    const { maxBodySize, maxDecompressedBytes, maxRetryAfter, userAgent, onComponentGone } = servicesOf(context)
    const outlet = new Outlet(id, 'metrics', meter)
    const stages = { stamp: new Stamp(), typeAndUnit: new TypeAndUnitLabels() }
    const handlerOf = (shaping: Shaping) =>
      takePush({
        ...{ receiver: outlet, maxRetryAfter, maxDecompressedBytes, userAgent },
        ...shapedBy(shaping, stages),
      })
    let { shaping } = args
    const names = { prefix: 'prometheus_receive_http', kind: 'remote-write', route: 'api_v1_metrics_write' } as const
    const server = new PushServer({ context, routes, names }, handlerOf(shaping))
    const use = async (next: ReceiveHttpArgs): Promise<void> => {
      await server.use(next.server, maxBodySize)
      server.accepted = next.accepted
      outlet.forwardTo(next.forwardTo)
      if (same(shaping, next.shaping)) return
      shaping = next.shaping
      server.handler = handlerOf(shaping)
    }
    outlet.forwardTo(args.forwardTo)
    server.accepted = args.accepted
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

interface Stages {
  readonly stamp: Stamp
  readonly typeAndUnit: TypeAndUnitLabels
}

type Shaped = Pick<TakePushOptions, 'identityOf' | 'shape'>

/** What senders name becomes of each batch; what a repeat is known by has it too. */
function shapedBy({ tenant, labelsTypeAndUnit }: Shaping, { stamp, typeAndUnit }: Stages): Shaped {
  const { header, isTrusted } = tenant
  const shape = (given: Batch, push: Push): Batch => {
    const batch = labelsTypeAndUnit ? typeAndUnit.apply(given) : given
    const value = tenantOf(push, tenant)
    if (value === undefined) return isTrusted ? batch : stamp.apply(batch, undefined)
    if (!push.reserve(batch.count * (value.length + reservedBytes))) {
      throw new SluiceError('OVERLOADED', 'too many bytes are in flight (receive.max_in_flight_bytes)', {
        retryAfter: 1,
      })
    }
    return stamp.apply(batch, value)
  }
  return { shape, identityOf: ({ headers }) => (header === '' ? '' : (headers[header] ?? '')) }
}

/** What the label takes besides its value. */
const reservedBytes = 24
