// prometheus.echo: prints what it gets, and is done with it. What is malformed it refuses, as whoever sends it on does.

import type { Batch } from '../../../../wire/batch.ts'
import { contentsOf } from '../../../../wire/v2/written.ts'
import { capsuleNames, type Flow, type Receiver, type Settled } from '../../../flow/receiver.ts'
import type { ComponentKind } from '../../../graph/component.ts'
import { capsuleValue } from '../../../syntax/make-value.ts'
import { servicesOf } from '../../services.ts'
import { type ExpositionFormat, exposition } from './exposition.ts'

export interface EchoArgs {
  readonly format: ExpositionFormat
}

export const echo: ComponentKind<EchoArgs, { readonly receiver: Receiver }> = {
  name: 'prometheus.echo',
  doc: 'Prints metrics to standard output, tenant label included.',
  stability: 'generally-available',
  schema: {
    attributes: {
      format: {
        type: 'enum',
        values: ['text', 'openmetrics'],
        exact: 'unknown format ',
        default: 'text',
        doc: 'How they are printed: Prometheus’ text format, or OpenMetrics.',
      },
    },
    blocks: {},
  },
  exports: { receiver: 'Takes metrics to be printed.' },
  exportTypes: { receiver: 'metrics' },
  settle: ({ values }) => ({ format: values.get('format') as ExpositionFormat }),
  exportsOf: ({ receiver }) => new Map([['receiver', capsuleValue(capsuleNames.metrics, receiver)]]),
  build(args, context) {
    const { print } = servicesOf(context)
    let { format } = args
    const receive = async ({ batch }: Flow): Promise<Settled> => {
      print(exposition(batch, format))
      return settledOf(batch, context.id)
    }
    context.export({ receiver: { id: context.id, signal: 'metrics', receive } })
    return {
      update: (next) => void (format = next.format),
      stop: async () => undefined,
    }
  },
}

function settledOf(batch: Batch, endpoint: string): Settled {
  const { count, faults, codec } = batch
  const well = Uint32Array.from({ length: count }, (_, i) => i).filter((i) => !faults.has(i))
  const isTold = codec.protocol === 'remote-write-2'
  const part = { ...taken, endpoint, ...(isTold && { written: contentsOf(batch, well, well.length) }) }
  const [detail] = faults.values()
  if (detail === undefined) return { parts: [part], rejected: [] }
  return { parts: [part], rejected: [{ reason: 'malformed', count: faults.size, detail, example: '' }] }
}

const taken = {
  ...{ tenant: '', status: 200, answered: true, text: '' },
  ...{ body: new Uint8Array(0), contentType: undefined, retryAfter: undefined },
}
