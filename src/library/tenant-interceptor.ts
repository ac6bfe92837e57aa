// Makes any program that pushes through undici multi-tenant: an interceptor that splits the pushes it sees and leaves
// everything else alone.

import { SluiceError } from '../errors.ts'
import { version } from '../version.ts'
import type { Send } from '../wire/message.ts'
import { createEngine, maxPushBytes } from './engine.ts'
import { Answering } from './interceptor/answering.ts'
import { collectBody } from './interceptor/body.ts'
import { isBoundToOneOrigin } from './interceptor/bound-origin.ts'
import type { Dispatch, DispatchOptions } from './interceptor/dispatch.ts'
import { modernHandler } from './interceptor/legacy-handler.ts'
import { partOptions } from './interceptor/part-options.ts'
import { originOf, type RequestHead, readHead } from './interceptor/request-head.ts'
import { sendPart } from './interceptor/send-part.ts'
import { isPush } from './recognise.ts'
import { refusal } from './refusal.ts'
import { readTenantOptions, type TenantOptions } from './tenant-options.ts'

/** undici's dispatch function, whatever its types say of options and handler. */
export type AnyDispatch = (options: never, handler: never) => boolean

/** Takes undici's dispatch function and returns one of the same type: what `compose` of undici 7 and 8 wants. */
export type TenantInterceptor = <Own extends AnyDispatch>(dispatch: Own, origin?: string | null) => Own

/**
 * An interceptor for `compose` of undici 7 and 8 that splits remote write and Loki pushes by tenant and merges the
 * answers; any other request passes with the very options and handler it came with. Interceptors composed before it
 * stand behind it: they see the parts, and may sign or retry each by itself.
 *
 * Parts have the options of the request (`headersTimeout`, `bodyTimeout`, …); a time-out of one counts as its 504. Where
 * the request is aborted all parts are. An override's `url` on another origin needs a dispatcher that goes where a
 * request says, such as Agent; on a Client or Pool the request fails with CONFIG_INVALID.
 *
 * Throws SluiceError CONFIG_INVALID with all that is wrong with the options.
 */
export function tenantInterceptor(options: TenantOptions = {}): TenantInterceptor {
  const settings = readTenantOptions(options)
  const { override } = settings.tenancy
  const elsewhere = override.flatMap(({ url }) => (url === undefined ? [] : [new URL(url).origin]))
  return <Own extends AnyDispatch>(own: Own, composedOrigin?: string | null): Own => {
    // An engine for each dispatcher: a push to one must not count as a repeat of another's.
    const engine = createEngine(settings)
    const dispatch = own as unknown as Dispatch
    let isBound: Promise<boolean> | undefined
    const checkOverrides = async (origin: string | undefined): Promise<void> => {
      const other = elsewhere.find((each) => each !== origin)
      if (other !== undefined && (await (isBound ??= isBoundToOneOrigin(dispatch, composedOrigin)))) {
        throw new SluiceError(
          'CONFIG_INVALID',
          `override.url leads to ${other}, but this dispatcher sends everything to ${origin ?? 'one origin'}: compose the ` +
            'interceptor with an Agent, which goes where a request says, or leave the url out',
        )
      }
    }

    const answerPush = async (head: RequestHead, request: DispatchOptions, answering: Answering): Promise<void> => {
      const { body: source, ...others } = request
      const send: Send = (part) => sendPart(dispatch, partOptions(others, head, part), part)
      try {
        await checkOverrides(originOf(request))
        const { signal } = answering
        const body = await collectBody(source, maxPushBytes, signal)
        // fetch names itself; undici does not, and remote write asks for a name.
        const headers = { 'user-agent': `Sluice/${version}`, ...head.headers }
        answering.answer(await engine.push({ ...head, headers, body, signal }, send))
      } catch (error) {
        const answer = refusal(error, head)
        if (answer === undefined) answering.fail(error)
        else answering.answer(answer)
      }
    }

    const intercepted: Dispatch = (request, handler) => {
      const head = readHead(request)
      if (head === undefined || !isPush(head)) return dispatch(request, handler)
      const answering = new Answering(modernHandler(handler))
      answering.start()
      void answerPush(head, request, answering)
      return true
    }
    return intercepted as unknown as Own
  }
}
