// The test receiver's own HTTP API: what it was given, as JSON; faults on and off; a few metrics of its own.
// Values are text as in Prometheus' API, since JSON has no NaN.

import { Hono } from 'hono'
import { type FaultBoard, readFault } from './fault.ts'
import { renderMetrics } from './metrics-text.ts'
import type { RequestLog } from './request-log.ts'
import type { SinkStore } from './store.ts'

export interface ApiContext {
  readonly store: SinkStore
  readonly faults: FaultBoard
  readonly log: RequestLog
  /** Pushes by tenant and status answered (0: none sent). */
  readonly answers: ReadonlyMap<string, { readonly tenant: string; readonly status: number; readonly count: number }>
  readonly reset: () => void
}

const secret = new Set(['authorization', 'proxy-authorization', 'cookie'])

export function makeApi({ store, faults, log, answers, reset }: ApiContext): Hono {
  const app = new Hono()
  app.get('/-/ready', (c) => c.text('ready\n'))
  app.get('/metrics', (c) =>
    c.text(renderMetrics(store, answers), 200, { 'content-type': 'text/plain; version=0.0.4' }),
  )

  app.get('/api/tenants', (c) =>
    c.json({
      tenants: store.tenants.map((tenant) => ({ tenant, series: store.seriesCount(tenant), ...store.counts(tenant) })),
      violations: { count: store.violationCount, first: store.violations },
      faults: faults.list(),
      truncated: store.truncated,
    }),
  )
  app.get('/api/tenants/:tenant/series', (c) => {
    const all = [...store.series(c.req.param('tenant')).values()]
    const series = all
      .slice(0, limitOf(c.req.query('limit'), 1000))
      .map(({ labels, samples, exemplars, histograms }) => ({
        labels,
        samples: samples.map(([tsMs, value, hex]) => [tsMs, valueText(value), hex]),
        exemplars: exemplars.length,
        histograms,
      }))
    return c.json({ total: all.length, series })
  })
  app.get('/api/tenants/:tenant/metadata', (c) => c.json([...store.metadata(c.req.param('tenant')).values()]))
  app.get('/api/tenants/:tenant/logs', (c) => {
    const all = [...store.logs(c.req.param('tenant'))]
    const streams = all.slice(0, limitOf(c.req.query('limit'), 1000)).map(([labels, entries]) => ({ labels, entries }))
    return c.json({ total: all.length, streams })
  })
  app.get('/api/requests', (c) =>
    c.json(
      log.all.slice(-limitOf(c.req.query('limit'), 100)).map((request) => ({
        ...request,
        headers: Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, secret.has(name) ? '<hidden>' : value]),
        ),
      })),
    ),
  )

  app.get('/api/faults', (c) => c.json(faults.list()))
  app.put('/api/faults/:tenant', async (c) => {
    const fault = readFault(await c.req.json().catch(() => undefined))
    if (typeof fault === 'string') return c.text(`${fault}\n`, 400)
    faults.set(c.req.param('tenant'), fault)
    return c.body(null, 204)
  })
  app.delete('/api/faults/:tenant', (c) => {
    faults.set(c.req.param('tenant'), undefined)
    return c.body(null, 204)
  })
  app.post('/api/reset', (c) => {
    reset()
    return c.body(null, 204)
  })
  app.notFound((c) => c.text('no such path\n', 404))
  return app
}

/** `limit`: a positive whole number up to 1,000,000; anything else is the default. */
function limitOf(given: string | undefined, standard: number): number {
  const limit = Number(given)
  return Number.isInteger(limit) && limit > 0 && limit <= 1_000_000 ? limit : standard
}

function valueText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
