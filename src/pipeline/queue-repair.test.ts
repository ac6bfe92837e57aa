// A store whose database shows nothing of what it holds, until it is repaired.

import { ClassicLevel } from 'classic-level'
import { expect, test } from 'vitest'
import { soon, startQueueBench } from '../../test/support/queue.ts'
import type { Level } from '../send/store/database.ts'

test('what a repair brings back is sent, though a read found nothing before', async () => {
  const state = { isBlind: false }
  const connect = (directory: string): Level => {
    const level = new ClassicLevel<Buffer, Buffer>(directory, {
      keyEncoding: 'buffer',
      valueEncoding: 'buffer',
      compression: false,
      createIfMissing: false,
    })
    const iterator = level.iterator.bind(level) as (range: object) => object
    return Object.assign(level, {
      iterator: (range: object) => iterator(state.isBlind ? { ...range, limit: 0 } : range),
    }) as Level
  }
  const bench = await startQueueBench({ upstream: () => 503, store: { connect } })
  for (const ts of [1, 2]) {
    const told = bench.put(['a'], ts)
    await bench.pass(20)
    expect(await told).toBe('204')
  }
  state.isBlind = true
  bench.upstream = () => 200
  bench.sent.length = 0
  await bench.passUntil('the store notices', () => !bench.store.isWritable)
  state.isBlind = false
  await soon('it is repaired', () => bench.store.isWritable)
  const later = bench.put(['a'], 3)
  await bench.passUntil('nothing is left', () => bench.store.batches === 0)
  expect((await later).slice(0, 3)).toMatch(/20[04]/)
  expect(bench.seen().join(' ').match(/m@\d/g)).toEqual(['m@1', 'm@2', 'm@3'])
})
