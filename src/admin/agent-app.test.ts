import { expect, test } from 'vitest'
import type { ComponentView } from '../agent/graph/component-view.ts'
import { createRegistry } from '../telemetry/registry.ts'
import { type AgentAppOptions, createAgentApp } from './agent-app.ts'

type Agent = AgentAppOptions['agent']

const view = { name: 'prometheus.echo', localID: 'prometheus.echo.x' } as ComponentView

function setup(change: Partial<Agent> = {}, uiPrefix?: string) {
  const defects: unknown[] = []
  const agent = {
    notReady: () => [],
    unhealthy: () => [],
    reload: async () => ({ ok: true }),
    components: () => [view],
    component: (id: string) => (id === view.localID ? { ...view, arguments: [] } : undefined),
    tenants: () => [],
    queues: { list: () => [], store: () => ({ writable: true, bytes: 0, maxBytes: 1, batches: 0 }) },
    rejections: { list: () => [] },
    metrics: createRegistry({ includeTenant: false, processMetrics: false }),
    ...change,
  } as unknown as Agent
  const app = createAgentApp({
    agent,
    ...(uiPrefix !== undefined && { uiPrefix }),
    onDefect: (error) => defects.push(error),
  })
  const ask = async (path: string, init?: RequestInit): Promise<readonly [number, string]> => {
    const response = await app.request(path, init)
    return [response.status, await response.text()]
  }
  return { app, ask, defects }
}

test('ready says what isn’t', async () => {
  expect(await setup().ask('/-/ready')).toEqual([200, 'Sluice is ready.\n'])
  const missing = ['the configuration is being loaded', 'more']
  expect(await setup({ notReady: () => missing }).ask('/-/ready')).toEqual([
    503,
    'Sluice is not ready: the configuration is being loaded; more.\n',
  ])
})

test('healthy says what isn’t, and why', async () => {
  expect(await setup().ask('/-/healthy')).toEqual([200, 'All Sluice components are healthy.\n'])
  const unhealthy = [
    { id: 'local.file.a', reason: 'there is no such file' },
    { id: 'prometheus.echo.b', reason: 'it broke' },
  ]
  expect(await setup({ unhealthy: () => unhealthy }).ask('/-/healthy')).toEqual([
    500,
    'unhealthy components: local.file.a, prometheus.echo.b\nlocal.file.a: there is no such file\nprometheus.echo.b: it broke\n',
  ])
})

test('reload, by GET and POST', async () => {
  for (const method of ['GET', 'POST']) {
    expect(await setup().ask('/-/reload', { method })).toEqual([200, 'config reloaded\n'])
    const refused = setup({ reload: async () => ({ ok: false, diagnostics: 'Error: a.alloy:1:1: no' }) })
    expect(await refused.ask('/-/reload', { method })).toEqual([400, 'Error: a.alloy:1:1: no\n'])
    const [status, text] = await refused.ask('/-/reload', { method, headers: { accept: 'application/json' } })
    expect([status, JSON.parse(text)]).toEqual([400, { error: 'CONFIG_INVALID', message: 'Error: a.alloy:1:1: no' }])
    const [foreign] = await setup().ask('/-/reload', {
      method,
      headers: { origin: 'http://evil.example', host: 'evil.example' },
    })
    expect(foreign).toBe(403)
  }
  const put = await setup().app.request('/-/reload', { method: 'PUT' })
  expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
})

test('components', async () => {
  const check = async (prefix: string | undefined, path: string, want: unknown) => {
    const [status, text] = await setup({}, prefix).ask(path)
    expect([path, status === 200 ? JSON.parse(text) : status]).toEqual([path, want])
  }
  await check(undefined, '/api/v0/web/components', [view])
  await check('/', '/api/v0/web/components', [view])
  await check(undefined, '/api/v0/web/components/prometheus.echo.x', { ...view, arguments: [] })
  await check(undefined, '/api/v0/web/components/prometheus.echo.y', 404)
  for (const prefix of ['/alloy', '/alloy/', 'alloy']) {
    await check(prefix, '/alloy/api/v0/web/components', [view])
    await check(prefix, '/api/v0/web/components', 404)
    expect((await setup({}, prefix).ask('/-/ready'))[0]).toBe(200)
  }
})

test('what the proxy shows too', async () => {
  const { ask, defects } = setup()
  for (const path of ['/metrics', '/api/v1/metrics', '/api/v1/tenants', '/api/v1/rejections', '/api/v1/queue']) {
    expect([path, (await ask(path))[0]]).toEqual([path, 200])
  }
  expect((await ask('/api/v1/queue/pause', { method: 'POST', headers: { origin: 'http://evil.example' } }))[0]).toBe(
    403,
  )
  expect((await ask('/nothing'))[0]).toBe(404)
  expect(defects).toEqual([])
})
