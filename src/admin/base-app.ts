// What every app of the program's HTTP servers has: headers, the guard, errors as JSON, 405 where only the method is wrong.

import { type Context, type Handler, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { SluiceError } from '../errors.ts'
import { refuseForeignOrigin } from './guard.ts'

export type Method = 'GET' | 'POST'

export interface BaseApp {
  readonly app: Hono
  /** A path and the methods that it takes; where it takes GET, HEAD too. */
  on(methods: Method | readonly Method[], path: string, handler: Handler): void
}

/** Errors are `{ error, message }` with a code of `errors.ts`; `onDefect` is told of every one that was answered 500. */
export function createBaseApp(onDefect: (error: unknown) => void): BaseApp {
  const app = new Hono()

  app.use(async (c, next) => {
    await next()
    c.header('x-content-type-options', 'nosniff')
    c.header('cache-control', 'no-store')
  })
  app.use((c, next) => {
    if (c.req.method === 'POST') refuseForeignOrigin(c.req.header('origin'), c.req.header('host'))
    return next()
  })
  app.notFound((c) => failure(c, new SluiceError('NOT_FOUND', `no such path: ${c.req.path.slice(0, 200)}`)))
  app.onError((error, c) => {
    if (error instanceof SluiceError && error.code !== 'INTERNAL') return failure(c, error)
    onDefect(error)
    return failure(c, new SluiceError('INTERNAL', 'a defect in Sluice; the log has the details'))
  })

  return {
    app,
    on(methods, path, handler) {
      const list = typeof methods === 'string' ? [methods] : [...methods]
      app.on(list, path, handler)
      app.all(path, (c) => {
        c.header('allow', list.map((method) => (method === 'GET' ? 'GET, HEAD' : method)).join(', '))
        return failure(c, new SluiceError('METHOD_NOT_ALLOWED', `${path} takes ${list.join(' and ')}`))
      })
    },
  }
}

function failure(c: Context, error: SluiceError): Response {
  return c.json({ error: error.code, message: error.message }, error.status as ContentfulStatusCode)
}
