// prometheus.receive_http: takes remote write from senders.

import { SluiceError } from '../../../../errors.ts'
import { Stamp } from '../../../../wire/stamp.ts'
import { type ListenerArgs, listenerKind } from '../../push-server/listener-kind.ts'
import { tenantOf } from '../../sender-tenant.ts'
import { acceptedMessagesRow, settleAcceptedMessages } from './accepted-messages.ts'
import { TypeAndUnitLabels } from './type-and-unit-labels.ts'

interface Shaping {
  readonly labelsTypeAndUnit: boolean
}

export type ReceiveHttpArgs = ListenerArgs<Shaping>

const path = '/api/v1/metrics/write'
const typeAndUnitRow = 'enable_type_and_unit_labels'
/** What the label takes besides its value. */
const reservedBytes = 24

export const receiveHttp = listenerKind<Shaping>({
  name: 'prometheus.receive_http',
  doc: `Listens for remote write, POST ${path}, and hands it on.`,
  signal: 'metrics',
  path,
  routes: new Map([[path, 'remote-write']]),
  names: { prefix: 'prometheus_receive_http', kind: 'remote-write', route: 'api_v1_metrics_write' },
  tenantHeader: '',
  attributes: {
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
  settle(decoded, report, context) {
    const accepted = settleAcceptedMessages(decoded, report, context)
    const { values, spans, span } = decoded
    const labelsTypeAndUnit = values.get(typeAndUnitRow) as boolean
    if (labelsTypeAndUnit && context.stability !== 'experimental') {
      const text = `${typeAndUnitRow} is an experimental feature, and must be enabled by setting the stability.level flag to experimental`
      report('error', spans.get(typeAndUnitRow) ?? span, text, 'use --stability.level=experimental')
      return undefined
    }
    return accepted && { accepted, own: { labelsTypeAndUnit } }
  },
  shaper() {
    const stamp = new Stamp()
    const typeAndUnit = new TypeAndUnitLabels()
    return ({ tenant, labelsTypeAndUnit }) =>
      (given, push) => {
        const batch = labelsTypeAndUnit ? typeAndUnit.apply(given) : given
        const value = tenantOf(push, tenant)
        if (value === undefined) return tenant.isTrusted ? batch : stamp.apply(batch, undefined)
        if (!push.reserve(batch.count * (value.length + reservedBytes))) {
          throw new SluiceError('OVERLOADED', 'too many bytes are in flight (receive.max_in_flight_bytes)', {
            retryAfter: 1,
          })
        }
        return stamp.apply(batch, value)
      }
  },
})
