import { expect, test } from 'vitest'
import type { QueueStats } from '../send/store/inventory.ts'
import { BacklogWatch } from './backlog-watch.ts'

const statsOf = (tenant: string): QueueStats => ({
  queue: { endpoint: 'proxy/metrics', signal: 'metrics', tenant },
  ...{ batches: 2, bytes: 30, series: 4, samples: 5, oldestMs: 0, lanes: [0] },
})

test('one line when a tenant is behind for some time, one when it has caught up, none for what is soon gone', () => {
  const lines: string[] = []
  const watch = new BacklogWatch(
    (key, level, msg, fields) => lines.push(`${key.split(' ')[0]} ${level} ${msg} ${JSON.stringify(fields?.())}`),
    ({ tenant }) => (tenant === 'a' ? 'the last attempt failed: 503' : undefined),
  )
  const check = (now: number, tenants: readonly string[], want: readonly string[]) => {
    watch.look(tenants.map(statsOf), now)
    expect(lines.splice(0)).toEqual(want)
  }
  const behind = (tenant: string, why: string) =>
    'behind warn a tenant is behind: its data is stored and sent later ' +
    `{"endpoint":"proxy/metrics","signal":"metrics","tenant":"${tenant}","batches":2,"samples":5,"bytes":30${why}}`
  const caughtUp = (tenant: string, seconds: number) =>
    'caught info a tenant has caught up: nothing of it is stored ' +
    `{"endpoint":"proxy/metrics","signal":"metrics","tenant":"${tenant}","seconds":${seconds}}`
  check(0, ['a', 'brief'], [])
  check(4900, ['a', 'brief', 'b'], [])
  check(5000, ['a', 'b'], [behind('a', ',"why":"the last attempt failed: 503"')])
  check(20_000, ['a', 'b'], [behind('b', '')])
  check(60_000, ['b'], [caughtUp('a', 60)])
  check(61_000, ['a', 'b'], [])
  check(61_500, [], [caughtUp('b', 57)])
})
