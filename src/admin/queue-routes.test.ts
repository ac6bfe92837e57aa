import { expect, test } from 'vitest'
import type { QueueControl, QueueView } from '../proxy/queue-control.ts'
import { createRegistry } from '../telemetry/registry.ts'
import { createAdminApp } from './app.ts'

const view: QueueView = {
  ...{ tenant: 'a', endpoint: 'proxy/metrics', signal: 'metrics', paused: false },
  ...{ batches: 2, bytes: 100, series: 3, samples: 4 },
}

const setup = (views: readonly QueueView[] = [view], queued = true) => {
  const calls: unknown[] = []
  const left = { batches: 2, bytes: 100, series: 3, samples: 4 }
  const control: QueueControl = {
    store: () => ({ writable: true, bytes: 100, maxBytes: 1000, batches: 2 }),
    list: (choice) => {
      calls.push(['list', choice])
      return [...views]
    },
    pause: async (filter) => void calls.push(['pause', filter]),
    resume: async (filter) => {
      calls.push(['resume', filter])
      return filter.signal === undefined
    },
    drop: async (filter) => {
      calls.push(['drop', filter])
      return left
    },
    drain: async (filter, how) => {
      calls.push(['drain', filter, how])
      return left
    },
  }
  const app = createAdminApp({
    notReady: () => [],
    reload: async () => ({ ok: true }),
    tenants: () => [],
    queues: queued ? control : undefined,
    rejections: { list: () => [] },
    explain: () => ({ outcomes: [] }),
    metrics: createRegistry({ includeTenant: false, processMetrics: false }),
    onDefect: (error) => calls.push(error),
  })
  const ask = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const init =
      body === undefined
        ? {}
        : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers }
    const response = await app.request(`/api/v1/queue${path}`, init)
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  return { ask, calls }
}

test('the list: null where there is nothing to say, upstream’s text without secrets', async () => {
  const failing: QueueView = {
    ...{ ...view, tenant: 'b', paused: true, oldestMs: 5000, failingSinceMs: 0 },
    ...{ lastStatus: 500, lastError: 'at http://u:hunter2@mimir/', requestOutMs: 1234, rateLimitedMs: 60_000 },
  }
  const { ask } = setup([view, failing])
  const { body } = await ask('')
  expect(body).toMatchObject({
    enabled: true,
    store: { writable: true, bytes: 100, max_bytes: 1000, batches: 2 },
    ...{ total: 2, limit: 500, offset: 0 },
  })
  const [first, second] = body.queues as Record<string, unknown>[]
  const nothing = {
    ...{ oldest: null, oldest_age_seconds: null, last_status: null, last_error: null, failing_since: null },
    ...{ request_out_seconds: null, rate_limited_seconds: null },
  }
  expect(first).toEqual({ ...view, ...nothing })
  expect(second).toMatchObject({
    ...{ tenant: 'b', paused: true, oldest: '1970-01-01T00:00:05.000Z', failing_since: '1970-01-01T00:00:00.000Z' },
    ...{ last_status: 500, last_error: expect.not.stringContaining('hunter2') },
    ...{ request_out_seconds: 1.2, rate_limited_seconds: 60 },
  })
  expect(second?.oldest_age_seconds).toBeGreaterThan(1e9)
})

test('the list in pages, of some', async () => {
  const { ask, calls } = setup(Array.from({ length: 5 }, (_, i) => ({ ...view, tenant: `t${i}` })))
  const { body } = await ask('?limit=2&offset=3&tenant=a&endpoint=proxy/loki&signal=logs')
  expect((body.queues as QueueView[]).map(({ tenant }) => tenant)).toEqual(['t3', 't4'])
  expect(calls).toEqual([['list', { tenant: 'a', endpoint: 'proxy/loki', signal: 'logs' }]])
})

test('the actions', async () => {
  const { ask, calls } = setup()
  const one = { tenant: 'a', endpoint: 'proxy/metrics', signal: 'metrics' }
  expect(await ask('/pause', one)).toEqual({ status: 200, body: { paused: true } })
  expect(await ask('/resume', { tenant: 'a' })).toEqual({ status: 200, body: { resumed: true } })
  expect((await ask('/resume', one)).body).toEqual({ resumed: false })
  expect((await ask('/drop', { tenant: 'a' })).body).toEqual({
    dropped: { batches: 2, bytes: 100, series: 3, samples: 4 },
  })
  const drained = await ask('/drain', { tenant: 'a', wait_seconds: 0.5, hurry: true })
  expect(drained.body).toMatchObject({ left: { batches: 2 }, queues: [{ tenant: 'a' }] })
  await ask('/drain', { tenant: 'a' })
  expect(calls).toEqual([
    ['pause', one],
    ['resume', { tenant: 'a' }],
    ['resume', one],
    ['drop', { tenant: 'a' }],
    ['drain', { tenant: 'a' }, { waitMs: 500, hurry: true }],
    ['list', { tenant: 'a' }],
    ['drain', { tenant: 'a' }, { waitMs: 10_000, hurry: false }],
    ['list', { tenant: 'a' }],
  ])
})

test('what is wrong with a question is said, and nothing is done', async () => {
  const { ask, calls } = setup()
  const check = async (path: string, body: unknown, words: string) => {
    const answer = await ask(path, body)
    expect(answer).toMatchObject({
      status: 400,
      body: { error: 'BAD_REQUEST', message: expect.stringContaining(words) },
    })
  }
  await check('/drop', '{', 'the body is not JSON such as {"tenant":"team-a"}')
  await check('/drop', [], 'the body must be an object')
  await check('/drop', {}, 'tenant is missing')
  await check('/drop', { tenant: '' }, 'tenant is no tenant id: it is empty')
  await check('/drop', { tenant: 'a|b' }, 'it contains "|"')
  await check('/drop', { tenant: ['a'] }, 'it must be a text')
  await check('/drop', { tenant: 'a', signal: 'traces' }, 'signal must be "metrics" or "logs"')
  await check('/drop', { tenant: 'a', endpoint: 'a\0b' }, 'endpoint must be the id of one')
  await check('/drop', { tenant: 'a', endpoint: '' }, 'endpoint must be the id of one')
  await check('/drop', { tenant: 'a', wait_seconds: 1 }, 'the body has the key "wait_seconds"')
  await check('/drain', { tenant: 'a', wait_seconds: 31 }, 'wait_seconds must be a number from 0 to 30')
  await check('/drain', { tenant: 'a', wait_seconds: '1' }, 'wait_seconds must be a number')
  await check('/drain', { tenant: 'a', hurry: 1 }, 'hurry must be true or false')
  await check('?signal=traces', undefined, 'signal must be')
  await check('?limit=0', undefined, 'limit must be')
  expect(calls).toEqual([])
})

test('other origins are refused; other methods too', async () => {
  const { ask, calls } = setup()
  for (const action of ['pause', 'resume', 'drop', 'drain']) {
    const answer = await ask(`/${action}`, { tenant: 'a' }, { origin: 'https://evil.example', host: '127.0.0.1:12345' })
    expect(answer).toMatchObject({ status: 403, body: { error: 'FOREIGN_ORIGIN' } })
    expect(await ask(`/${action}`)).toMatchObject({ status: 405 })
  }
  expect(await ask('', {})).toMatchObject({ status: 405 })
  expect(calls).toEqual([])
})

test('without a queue: an empty list, and no actions', async () => {
  const { ask } = setup([], false)
  expect((await ask('')).body).toMatchObject({ enabled: false, store: null, queues: [], total: 0 })
  expect(await ask('/pause', { tenant: 'a' })).toEqual({
    status: 409,
    body: { error: 'QUEUE_DISABLED', message: 'there is no queue: set queue.enabled (--queue) and restart' },
  })
})
