// What both the proxy and the agent show: metrics, tenants, queues, refused series.

import type { Context } from 'hono'
import { SluiceError } from '../errors.ts'
import type { BaseApp } from './base-app.ts'
import { pageOf, readPage } from './page.ts'
import { actOnQueue, listQueues, queueActions } from './queue-routes.ts'
import type { DataSources } from './sources.ts'
import { rejectionJson, tenantJson } from './views.ts'

export function addDataRoutes({ on }: BaseApp, sources: DataSources): void {
  on('GET', '/metrics', async (c) =>
    c.body(await sources.metrics.exposition(), 200, { 'content-type': sources.metrics.contentType }),
  )
  on('GET', '/api/v1/metrics', async (c) => c.json({ metrics: await sources.metrics.values() }))
  on('GET', '/api/v1/tenants', (c) => tenants(c, sources))
  on('GET', '/api/v1/queue', (c) => listQueues(c, sources.queues))
  for (const action of queueActions) on('POST', `/api/v1/queue/${action}`, (c) => actOnQueue(c, sources.queues, action))
  on('GET', '/api/v1/rejections', (c) => rejections(c, sources))
}

/** `?failing=true`: only tenants whose latest attempt failed. */
function tenants(c: Context, sources: DataSources): Response {
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
function rejections(c: Context, sources: DataSources): Response {
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
