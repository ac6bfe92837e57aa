// The routes of the agent's HTTP server: Alloy's paths with Alloy's answers, beside those that the proxy has too.

import type { Context, Hono } from 'hono'
import type { RunningAgent } from '../agent/run/agent.ts'
import { SluiceError } from '../errors.ts'
import { createBaseApp } from './base-app.ts'
import { addDataRoutes } from './data-routes.ts'
import { refuseForeignOrigin } from './guard.ts'
import { answerReload } from './reload.ts'
import type { AdminSources } from './sources.ts'

export interface AgentAppOptions {
  readonly agent: Pick<
    RunningAgent,
    'notReady' | 'unhealthy' | 'reload' | 'components' | 'component' | 'metrics' | 'tenants' | 'queues' | 'rejections'
  >
  /** Path that the pages' API stands under, as `--server.http.ui-path-prefix`; default `/`. */
  readonly uiPrefix?: string
  readonly onDefect: AdminSources['onDefect']
}

/** Builds the app; errors of paths that Alloy doesn't have are `{ error, message }` with a code of `errors.ts`. */
export function createAgentApp({ agent, uiPrefix = '/', onDefect }: AgentAppOptions): Hono {
  const base = createBaseApp(onDefect)
  base.on('GET', '/-/ready', (c) => {
    const missing = agent.notReady()
    return missing.length === 0
      ? c.text('Sluice is ready.\n')
      : c.text(`Sluice is not ready: ${missing.join('; ')}.\n`, 503)
  })
  base.on('GET', '/-/healthy', (c) => healthy(c, agent))
  base.on(['GET', 'POST'], '/-/reload', async (c) => {
    refuseForeignOrigin(c.req.header('origin'), c.req.header('host'))
    return answerReload(c, await agent.reload(), 'config reloaded')
  })
  addDataRoutes(base, agent)
  const api = `${uiPrefix.replace(/\/*$/, '').replace(/^\/*(?=.)/, '/')}/api/v0/web`
  base.on('GET', `${api}/components`, (c) => c.json(agent.components()))
  base.on('GET', `${api}/components/:id`, (c) => {
    const id = c.req.param('id') ?? ''
    const component = agent.component(id)
    if (component === undefined) throw new SluiceError('NOT_FOUND', `there is no component ${id.slice(0, 200)}`)
    return c.json(component)
  })
  return base.app
}

/** Alloy's line, then why, a line for each. */
function healthy(c: Context, agent: AgentAppOptions['agent']): Response {
  const unhealthy = agent.unhealthy()
  if (unhealthy.length === 0) return c.text('All Sluice components are healthy.\n')
  const ids = unhealthy.map(({ id }) => id).join(', ')
  const reasons = unhealthy.map(({ id, reason }) => `${id}: ${reason}\n`).join('')
  return c.text(`unhealthy components: ${ids}\n${reasons}`, 500)
}
