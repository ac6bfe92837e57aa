// The running part of components that write: one receiver for as long as the component lives, endpoints behind it.

import type { EndpointSpec } from '../../flow/endpoint-spec.ts'
import { fanOut } from '../../flow/fan-out.ts'
import type { Receiver } from '../../flow/receiver.ts'
import type { ComponentContext, RunningComponent } from '../../graph/component.ts'
import { servicesOf } from '../services.ts'
import { endpointsInfo } from './debug-info.ts'
import type { WriterArgs } from './endpoint-plan.ts'
import { prepareOf } from './prepare.ts'

export interface WriterExports {
  readonly receiver: Receiver
}

/** Puts the endpoints to work. Rejects with SluiceError CONFIG_INVALID where one can't be used. */
export async function buildWriter(
  signal: Receiver['signal'],
  args: WriterArgs,
  context: ComponentContext<WriterExports>,
): Promise<RunningComponent<WriterArgs>> {
  const { id } = context
  const { endpoints } = servicesOf(context)
  const put = async (next: WriterArgs): Promise<Receiver> =>
    fanOut(id, signal, await endpoints.put(id, specsOf(signal, next, context)))
  let behind = await put(args)
  let next: WriterArgs | undefined
  context.export({ receiver: { id, signal, receive: (flow) => behind.receive(flow) } })
  return {
    // An endpoint that is ended takes its time to come back: none is before the configuration is in effect.
    update(args) {
      endpoints.check(id, specsOf(signal, args, context))
      next = args
    },
    async commit() {
      if (next === undefined) return
      const args = next
      next = undefined
      behind = await put(args)
    },
    stop: (deadlineMs) => endpoints.remove(id, deadlineMs),
    debugInfo: () => endpointsInfo(endpoints.of(id)),
  }
}

function specsOf(
  signal: Receiver['signal'],
  { endpoints, externalLabels }: WriterArgs,
  context: ComponentContext<WriterExports>,
): readonly EndpointSpec[] {
  const { merging } = servicesOf(context)
  return endpoints.map(({ name, to, tenancy, timeoutMs, queue, withheld, protobufMessage, rules }) => {
    const prepare = prepareOf(signal, externalLabels, rules, context.meter)
    return {
      ...{ id: `${context.id}/${name}`, signal, to, tenancy, timeoutMs },
      queue: { ...queue, ...merging },
      ...(withheld && { withheld }),
      ...(protobufMessage && { protobufMessage }),
      ...(prepare && { prepare }),
    }
  })
}
