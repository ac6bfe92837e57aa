// /api/v1/queue: what each tenant has stored, and the four things that can be done about it.

import type { Context } from 'hono'
import { tenantIdProblem } from '../config/tenant-id.ts'
import { SluiceError } from '../errors.ts'
import type { DrainOptions, QueueChoice, QueueControl } from '../proxy/queue-control.ts'
import type { QueueFilter } from '../send/store/queue-filter.ts'
import { readText } from './body.ts'
import { pageOf, readPage } from './page.ts'
import { queueJson, storeJson } from './queue-views.ts'

export const queueActions = ['pause', 'resume', 'drop', 'drain'] as const
export type QueueAction = (typeof queueActions)[number]

/** `?tenant=`, `?endpoint=`, `?signal=`: only those; in pages. */
export function listQueues(c: Context, control: QueueControl | undefined): Response {
  const page = readPage((name) => c.req.query(name))
  const choice = readChoice((name) => c.req.query(name))
  const views = control?.list(choice) ?? []
  const { items, ...rest } = pageOf(views, page)
  const now = Date.now()
  return c.json({
    enabled: control !== undefined,
    store: control === undefined ? null : storeJson(control),
    queues: items.map((view) => queueJson(view, now)),
    ...rest,
  })
}

/**
 * The body is `{ tenant, endpoint?, signal? }`; for drain also `wait_seconds`, 0 to 30, default 10, and `hurry`, whether
 * the next attempt is made at once, default false. Throws SluiceError BAD_REQUEST, QUEUE_DISABLED.
 */
export async function actOnQueue(
  c: Context,
  control: QueueControl | undefined,
  action: QueueAction,
): Promise<Response> {
  const { how, filter } = readAction(await readText(c.req.raw), action)
  if (control === undefined) {
    throw new SluiceError('QUEUE_DISABLED', 'there is no queue: set queue.enabled (--queue) and restart')
  }
  if (action === 'pause') {
    await control.pause(filter)
    return c.json({ paused: true })
  }
  if (action === 'resume') return c.json({ resumed: await control.resume(filter) })
  if (action === 'drop') return c.json({ dropped: await control.drop(filter) })
  const left = await control.drain(filter, how)
  const now = Date.now()
  return c.json({ left, queues: control.list(filter).map((view) => queueJson(view, now)) })
}

const maxWaitSeconds = 30

function readAction(text: string, action: QueueAction): { readonly filter: QueueFilter; readonly how: DrainOptions } {
  const body = parsed(text)
  const known = ['tenant', 'endpoint', 'signal', ...(action === 'drain' ? ['wait_seconds', 'hurry'] : [])]
  const unknown = Object.keys(body).find((key) => !known.includes(key))
  if (unknown !== undefined)
    throw bad(`the body has the key ${JSON.stringify(unknown.slice(0, 100))}; known are ${known.join(', ')}`)
  const { tenant, ...rest } = readChoice((name) => body[name])
  if (tenant === undefined) throw bad('tenant is missing: write {"tenant":"team-a"}')
  const { wait_seconds: wait = 10, hurry = false } = body
  if (typeof wait !== 'number' || !(wait >= 0 && wait <= maxWaitSeconds)) {
    throw bad(`wait_seconds must be a number from 0 to ${maxWaitSeconds}`)
  }
  if (typeof hurry !== 'boolean') throw bad('hurry must be true or false')
  return { filter: { tenant, ...rest }, how: { waitMs: wait * 1000, hurry } }
}

function parsed(text: string): Record<string, unknown> {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw bad('the body is not JSON such as {"tenant":"team-a"}')
  }
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>
  throw bad('the body must be an object such as {"tenant":"team-a"}')
}

function readChoice(given: (name: string) => unknown): QueueChoice {
  const tenant = given('tenant')
  const endpoint = given('endpoint')
  const signal = given('signal')
  const problem = typeof tenant === 'string' ? tenantIdProblem(tenant) : 'it must be a text'
  if (tenant !== undefined && problem !== undefined) throw bad(`tenant is no tenant id: ${problem}`)
  if (endpoint !== undefined && !isEndpoint(endpoint))
    throw bad('endpoint must be the id of one, such as proxy/metrics')
  if (signal !== undefined && signal !== 'metrics' && signal !== 'logs') throw bad('signal must be "metrics" or "logs"')
  return {
    ...(tenant !== undefined && { tenant: tenant as string }),
    ...(endpoint !== undefined && { endpoint: endpoint as string }),
    ...(signal !== undefined && { signal }),
  }
}

const isEndpoint = (value: unknown): boolean => typeof value === 'string' && /^[^\0]{1,1000}$/.test(value)

const bad = (why: string): SluiceError => new SluiceError('BAD_REQUEST', why)
