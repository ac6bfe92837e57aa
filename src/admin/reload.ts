// What a reload is answered with. Diagnostics are for people at a terminal: plain text, unless JSON is asked for.

import type { Context } from 'hono'
import type { ReloadOutcome } from './sources.ts'

/** `done`: the first line where it took effect. */
export function answerReload(c: Context, outcome: ReloadOutcome, done: string): Response {
  if (outcome.ok) return c.text([done, ...(outcome.notes ?? []), ''].join('\n'))
  if (c.req.header('accept')?.includes('application/json')) {
    return c.json({ error: 'CONFIG_INVALID', message: outcome.diagnostics }, 400)
  }
  return c.text(outcome.diagnostics.endsWith('\n') ? outcome.diagnostics : `${outcome.diagnostics}\n`, 400)
}
