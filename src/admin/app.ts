// The admin listener's routes. Reading is free of side effects; what changes something is a POST and guarded.

import { type Context, type Handler, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { SluiceError } from '../errors.ts'
import { readText } from './body.ts'
import { refuseForeignOrigin } from './guard.ts'
import { pageOf, readPage } from './page.ts'
import { readQuestions } from './question.ts'
import { actOnQueue, listQueues, queueActions } from './queue-routes.ts'
import type { AdminSources } from './sources.ts'
import { rejectionJson, tenantJson } from './views.ts'

/** Builds the app; errors are `{ error, message }` with a code of `errors.ts`. */
export function createAdminApp(sources: AdminSources): Hono {
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

  const on = (method: 'GET' | 'POST', path: string, handler: Handler): void => {
    app.on(method, path, handler)
    app.all(path, (c) => {
      c.header('allow', method === 'GET' ? 'GET, HEAD' : method)
      return failure(c, new SluiceError('METHOD_NOT_ALLOWED', `${path} takes ${method}`))
    })
  }

  on('GET', '/-/healthy', (c) => c.text('healthy\n'))
  on('GET', '/-/ready', (c) => {
    const waiting = sources.notReady()
    if (waiting.length > 0) throw new SluiceError('NOT_READY', `not ready: ${waiting.join('; ')}`)
    return c.text('ready\n')
  })
  on('POST', '/-/reload', (c) => reload(c, sources))
  on('GET', '/metrics', async (c) =>
    c.body(await sources.metrics.exposition(), 200, { 'content-type': sources.metrics.contentType }),
  )
  on('GET', '/api/v1/metrics', async (c) => c.json({ metrics: await sources.metrics.values() }))
  on('GET', '/api/v1/tenants', (c) => tenants(c, sources))
  on('GET', '/api/v1/queue', (c) => listQueues(c, sources.queues))
  for (const action of queueActions) on('POST', `/api/v1/queue/${action}`, (c) => actOnQueue(c, sources.queues, action))
  on('GET', '/api/v1/rejections', (c) => rejections(c, sources))
  on('POST', '/api/v1/explain', async (c) => c.json(await sources.explain(readQuestions(await readText(c.req.raw)))))

  app.notFound((c) => failure(c, new SluiceError('NOT_FOUND', `no such path: ${c.req.path.slice(0, 200)}`)))
  app.onError((error, c) => {
    if (error instanceof SluiceError && error.code !== 'INTERNAL') return failure(c, error)
    sources.onDefect(error)
    return failure(c, new SluiceError('INTERNAL', 'a defect in Sluice; the log has the details'))
  })
  return app
}

function failure(c: Context, error: SluiceError): Response {
  return c.json({ error: error.code, message: error.message }, error.status as ContentfulStatusCode)
}

/** Diagnostics are for people at a terminal: plain text, unless JSON is asked for. */
async function reload(c: Context, sources: AdminSources): Promise<Response> {
  const outcome = await sources.reload()
  if (outcome.ok) return c.text(['reloaded', ...(outcome.notes ?? []), ''].join('\n'))
  if (c.req.header('accept')?.includes('application/json')) {
    return c.json({ error: 'CONFIG_INVALID', message: outcome.diagnostics }, 400)
  }
  return c.text(outcome.diagnostics.endsWith('\n') ? outcome.diagnostics : `${outcome.diagnostics}\n`, 400)
}

/** `?failing=true`: only tenants whose latest attempt failed. */
function tenants(c: Context, sources: AdminSources): Response {
  const page = readPage((name) => c.req.query(name))
  const failing = c.req.query('failing')
  if (failing !== undefined && failing !== 'true') throw new SluiceError('BAD_REQUEST', 'failing can only be "true"')
  const all = [...sources.tenants()]
    .filter(({ failingSinceMs }) => failing === undefined || failingSinceMs !== undefined)
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  const { items, ...rest } = pageOf(all, page)
  return c.json({ tenants: items.map(tenantJson), ...rest })
}

/** `?reason=`, `?tenant=`: only those; an empty tenant stands for none. */
function rejections(c: Context, sources: AdminSources): Response {
  const page = readPage((name) => c.req.query(name))
  const reason = c.req.query('reason')
  const tenant = c.req.query('tenant')
  const all = sources.rejections
    .list()
    .filter((one) => reason === undefined || one.reason === reason)
    .filter((one) => tenant === undefined || (one.tenant ?? '') === tenant)
  const { items, ...rest } = pageOf(all, page)
  return c.json({ rejections: items.map(rejectionJson), ...rest })
}
