// prometheus.echo: prints what it gets, and is done with it.

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
      return { parts: [{ ...taken, endpoint: context.id }], rejected: [] }
    }
    context.export({ receiver: { id: context.id, signal: 'metrics', receive } })
    return {
      update: (next) => void (format = next.format),
      stop: async () => undefined,
    }
  },
}

const taken = {
  ...{ tenant: '', status: 200, answered: true, text: '' },
  ...{ body: new Uint8Array(0), contentType: undefined, retryAfter: undefined },
}
