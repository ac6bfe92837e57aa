// prometheus.receive_http: takes remote write from senders, and answers each push once all that it reaches has settled.

import { SluiceError } from '../../../../errors.ts'
import type { Push } from '../../../../receive/push.ts'
import type { Routes } from '../../../../receive/routes.ts'
import type { Batch } from '../../../../wire/batch.ts'
import { Stamp } from '../../../../wire/v1/stamp.ts'
import type { Receiver } from '../../../flow/receiver.ts'
import { type TakePushOptions, takePush } from '../../../flow/take-push.ts'
import type { ComponentKind, Decoded, Report } from '../../../graph/component.ts'
import { same } from '../../../graph/same-arguments.ts'
import { stringValue } from '../../../syntax/make-value.ts'
import { Outlet } from '../../outlet.ts'
import { PushServer } from '../../push-server/push-server.ts'
import { serverRows } from '../../push-server/server-rows.ts'
import { type ServerSettings, settleServer } from '../../push-server/server-settings.ts'
import { type SenderTenant, senderTenantRows, settleSenderTenant, tenantOf } from '../../sender-tenant.ts'
import { servicesOf } from '../../services.ts'

export interface ReceiveHttpArgs {
  readonly server: ServerSettings
  readonly tenant: SenderTenant
  readonly forwardTo: readonly Receiver[]
}

const path = '/api/v1/metrics/write'
const routes: Routes = new Map([[path, 'remote-write']])

const message1 = 'prometheus.WriteRequest'
const message2 = 'io.prometheus.write.v2.Request'
const onlyIn2 = 'it has an effect on remote write 2 only'

export const receiveHttp: ComponentKind<ReceiveHttpArgs, object> = {
  name: 'prometheus.receive_http',
  doc: `Listens for remote write, POST ${path}, and hands it on.`,
  stability: 'generally-available',
  schema: {
    attributes: {
      forward_to: { type: 'receivers', signal: 'metrics', required: true, doc: 'Receivers of what is pushed.' },
      ...serverRows.attributes,
      ...senderTenantRows(''),
      accepted_remote_write_protobuf_messages: {
        type: 'list',
        of: 'text',
        minItems: 1,
        default: [message1],
        doc: `Messages that senders may send; only \`${message1}\` yet.`,
      },
      append_metadata: { type: 'boolean', ignored: onlyIn2, doc: 'Metadata of remote write 2 is handed on.' },
      enable_type_and_unit_labels: {
        type: 'boolean',
        ignored: onlyIn2,
        doc: 'Type and unit of remote write 2 become labels.',
      },
    },
    blocks: serverRows.blocks,
    unsupported: serverRows.unsupported,
  },
  exports: {},
  settle(decoded, report) {
    const server = settleServer(decoded, report)
    const areMessagesFine = settleMessages(decoded, report)
    if (server === undefined || !areMessagesFine) return undefined
    const { values } = decoded
    const forwardTo = values.get('forward_to') as readonly Receiver[]
    return { server, tenant: settleSenderTenant(values), forwardTo }
  },
  exportsOf: () => new Map(),
  async build(args, context) {
    const { id, meter } = context
    const { maxBodySize, maxDecompressedBytes, maxRetryAfter, userAgent, onComponentGone } = servicesOf(context)
    const outlet = new Outlet(id, 'metrics', meter)
    const stamp = new Stamp()
    const handlerOf = (tenant: SenderTenant) =>
      takePush({
        ...{ receiver: outlet, maxRetryAfter, maxDecompressedBytes, userAgent },
        ...shapedBy(tenant, stamp),
      })
    let { tenant } = args
    const names = { prefix: 'prometheus_receive_http', kind: 'remote-write', route: 'api_v1_metrics_write' } as const
    const server = new PushServer({ context, routes, names }, handlerOf(tenant))
    const use = async (next: ReceiveHttpArgs): Promise<void> => {
      await server.use(next.server, maxBodySize)
      outlet.forwardTo(next.forwardTo)
      if (same(tenant, next.tenant)) return
      tenant = next.tenant
      server.handler = handlerOf(tenant)
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

/** What senders name becomes of each batch; what a repeat is known by has it too. */
function shapedBy(tenant: SenderTenant, stamp: Stamp): Pick<TakePushOptions, 'identityOf' | 'shape'> {
  const { header, isTrusted } = tenant
  const shape = (batch: Batch, push: Push): Batch => {
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

function settleMessages({ values, spans, span }: Decoded, report: Report): boolean {
  const wrong = (values.get('accepted_remote_write_protobuf_messages') as readonly string[]).filter(
    (message) => message !== message1,
  )
  const at = spans.get('accepted_remote_write_protobuf_messages') ?? span
  for (const message of wrong) {
    const [text, hint] =
      message === message2
        ? [`"${message}" is not supported yet`, `take it out; senders then use protobuf_message = "${message1}"`]
        : [`unsupported protocol version "${message}": the valid value is "${message1}"`, `write ["${message1}"]`]
    report('error', at, text, hint)
  }
  return wrong.length === 0
}
