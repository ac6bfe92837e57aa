// The routes of the proxy's admin listener. Reading is free of side effects; what changes something is a POST and guarded.

import type { Hono } from 'hono'
import { SluiceError } from '../errors.ts'
import { createBaseApp } from './base-app.ts'
import { readText } from './body.ts'
import { addDataRoutes } from './data-routes.ts'
import { readQuestions } from './question.ts'
import { answerReload } from './reload.ts'
import type { AdminSources } from './sources.ts'

/** Builds the app; errors are `{ error, message }` with a code of `errors.ts`. */
export function createAdminApp(sources: AdminSources): Hono {
  const base = createBaseApp(sources.onDefect)
  base.on('GET', '/-/healthy', (c) => c.text('healthy\n'))
  base.on('GET', '/-/ready', (c) => {
    const waiting = sources.notReady()
    if (waiting.length > 0) throw new SluiceError('NOT_READY', `not ready: ${waiting.join('; ')}`)
    return c.text('ready\n')
  })
  base.on('POST', '/-/reload', async (c) => answerReload(c, await sources.reload(), 'reloaded'))
  addDataRoutes(base, sources)
  base.on('POST', '/api/v1/explain', async (c) =>
    c.json(await sources.explain(readQuestions(await readText(c.req.raw)))),
  )
  return base.app
}
