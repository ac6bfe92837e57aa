// Components that take pushes: a server, receivers, and in between what becomes of each push, which each component says.
// A push is answered once all that it reaches has settled.

import { everyRemoteWrite, type RemoteWrite } from '../../../receive/content.ts'
import type { Push } from '../../../receive/push.ts'
import type { Routes } from '../../../receive/routes.ts'
import type { Batch } from '../../../wire/batch.ts'
import type { Receiver } from '../../flow/receiver.ts'
import { takePush } from '../../flow/take-push.ts'
import type {
  BlockSchema,
  ComponentContext,
  ComponentKind,
  Decoded,
  Report,
  SettleContext,
} from '../../graph/component.ts'
import { same } from '../../graph/same-arguments.ts'
import { stringValue } from '../../syntax/make-value.ts'
import { Outlet } from '../outlet.ts'
import { type SenderTenant, senderTenantRows, settleSenderTenant, tenantOf } from '../sender-tenant.ts'
import { servicesOf } from '../services.ts'
import { PushServer } from './push-server.ts'
import type { ServerNames } from './server-counters.ts'
import { serverRows } from './server-rows.ts'
import { type ServerSettings, settleServer } from './server-settings.ts'

interface Shaping {
  readonly tenant: SenderTenant
  /** Of a push, as it comes and unpacked; undefined: the program's limits. */
  readonly maxBytes?: number | undefined
}

/** `Own`: what shapes pushes besides, by the component. */
export interface ListenerArgs<Own> {
  readonly server: ServerSettings
  readonly shaping: Shaping & Own
  /** Absent: every remote write. */
  readonly accepted?: readonly RemoteWrite[]
  readonly forwardTo: readonly Receiver[]
}

type Kind<Own> = ComponentKind<ListenerArgs<Own>, object>

export interface ListenerWords<Own> extends Pick<Kind<Own>, 'name' | 'doc'>, Pick<BlockSchema, 'attributes'> {
  readonly signal: Receiver['signal']
  /** The one among `routes` that is shown. */
  readonly path: string
  readonly routes: Routes
  readonly names: ServerNames
  /** The default of `tenant_from_header`. */
  readonly tenantHeader: string
  /** From its own attributes; undefined if something was reported. */
  settle(
    decoded: Decoded,
    report: Report,
    context: SettleContext,
  ): (Pick<ListenerArgs<Own>, 'accepted'> & { readonly own: Own & Pick<Shaping, 'maxBytes'> }) | undefined
  /** What becomes of batches; its bytes are used until the next call. Called once for a component, then for each shaping. */
  shaper(context: ComponentContext<object>): (shaping: Shaping & Own) => (batch: Batch, push: Push) => Batch
}

export const listenerKind = <Own>(words: ListenerWords<Own>): Kind<Own> => ({
  name: words.name,
  doc: words.doc,
  stability: 'generally-available',
  schema: {
    ...serverRows,
    attributes: {
      forward_to: { type: 'receivers', signal: words.signal, required: true, doc: 'Receivers of what is pushed.' },
      ...serverRows.attributes,
      ...senderTenantRows(words.tenantHeader),
      ...words.attributes,
    },
  },
  exports: {},
  settle(decoded, report, context) {
    const server = settleServer(decoded, report)
    const settled = words.settle(decoded, report, context)
    if (server === undefined || settled === undefined) return undefined
    const { own, ...rest } = settled
    const shaping = { ...own, tenant: settleSenderTenant(decoded.values) }
    return { server, shaping, ...rest, forwardTo: decoded.values.get('forward_to') as readonly Receiver[] }
  },
  exportsOf: () => new Map(),
  async build(args, context) {
    const { path, routes, names } = words
    const { id, meter } = context
    const { maxBodySize, maxDecompressedBytes, maxRetryAfter, userAgent, onComponentGone } = servicesOf(context)
    const outlet = new Outlet(id, words.signal, meter)
    const shapeBy = words.shaper(context)
    const handlerOf = (shaping: Shaping & Own) =>
      takePush({
        ...{ receiver: outlet, maxRetryAfter, userAgent },
        maxDecompressedBytes: shaping.maxBytes ?? maxDecompressedBytes,
        shape: shapeBy(shaping),
        identityOf: (push) => tenantOf(push, shaping.tenant) ?? '',
      })
    let { shaping } = args
    const server = new PushServer({ context, routes, names }, handlerOf(shaping))
    const direct = ({ accepted = everyRemoteWrite, forwardTo }: ListenerArgs<Own>): void => {
      server.accepted = accepted
      outlet.forwardTo(forwardTo)
    }
    const use = async (next: ListenerArgs<Own>): Promise<void> => {
      await server.use(next.server, next.shaping.maxBytes ?? maxBodySize)
      direct(next)
      if (same(shaping, next.shaping)) return
      shaping = next.shaping
      server.handler = handlerOf(shaping)
    }
    direct(args)
    try {
      await use(args)
    } catch (error) {
      onComponentGone?.(id)
      throw error
    }
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
})
