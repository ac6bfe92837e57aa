import { expect, test } from 'vitest'
import type { QueueJson } from '../../admin/queue-views.ts'
import { bytesText, listText, stateText } from './list-text.ts'

const queue: QueueJson = {
  ...{ tenant: 'team-a', endpoint: 'proxy/metrics', signal: 'metrics', paused: false },
  ...{ batches: 12, bytes: 1_300_000, series: 100, samples: 24_000 },
  ...{ oldest: '2026-01-01T00:00:00.000Z', oldest_age_seconds: 3725.4, last_status: 503, last_error: '503 too busy' },
  failing_since: '2026-01-01T00:00:00.000Z',
  ...{ request_out_seconds: null, rate_limited_seconds: null },
}
const store = { writable: true, bytes: 1_300_000, max_bytes: 2 ** 30, batches: 12 }

test('the table', () => {
  const paused: QueueJson = {
    ...queue,
    tenant: 'b',
    paused: true,
    batches: 0,
    samples: 0,
    bytes: 0,
    oldest_age_seconds: null,
  }
  expect(listText({ enabled: true, store, queues: [queue, paused] })).toBe(
    `\
store: 1.2 MiB of 1 GiB, 12 batches
TENANT  ENDPOINT       SIGNAL   BATCHES  SAMPLES  SIZE     OLDEST  STATE
team-a  proxy/metrics  metrics  12       24000    1.2 MiB  1h2m    failing: 503 too busy
b       proxy/metrics  metrics  0        0        0 B      –       paused`,
  )
  const stopped = { ...store, max_bytes: null, bytes: 0, batches: 0 }
  expect(listText({ enabled: true, store: stopped, queues: [] })).toBe('store: 0 B, 0 batches\nnothing is stored')
  expect(listText({ enabled: true, store: { ...store, writable: false }, queues: [] })).toContain('IT CAN’T BE WRITTEN')
  expect(listText({ enabled: false, store: null, queues: [] })).toContain('there is no queue')
})

test('states', () => {
  const check = (change: Partial<QueueJson>, want: string) => expect(stateText({ ...queue, ...change })).toBe(want)
  check({ paused: true }, 'paused')
  check({ failing_since: null }, 'sending')
  check({ failing_since: null, last_status: null }, 'waiting')
  check({ failing_since: null, last_status: null, request_out_seconds: 0.9 }, 'waiting')
  check({ failing_since: null, last_status: null, request_out_seconds: 29.6 }, 'request out for 30s')
  check({ failing_since: null, request_out_seconds: 2, rate_limited_seconds: 7 }, 'over its rate limit')
  check({ request_out_seconds: 2, rate_limited_seconds: 7 }, 'failing: 503 too busy')
  check({ last_error: 'a\u001b[2J\r\nb' }, 'failing: a [2J b')
  check({ last_error: 'x'.repeat(500) }, `failing: ${'x'.repeat(100)}`)
})

test('sizes', () => {
  const check = (bytes: number, want: string) => expect(bytesText(bytes)).toBe(want)
  check(0, '0 B')
  check(1023, '1023 B')
  check(1024, '1 KiB')
  check(1536, '1.5 KiB')
  check(200 * 1024, '200 KiB')
  check(5 * 2 ** 40, '5 TiB')
  check(5000 * 2 ** 40, '5000 TiB')
})
