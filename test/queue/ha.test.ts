// Two replicas of a highly available pair send through one Sluice to a receiver that, as Mimir does, judges a request by
// its first series and drops what is not the leader's: every sample of the leader is kept, before and after it changes.

import { expect, test } from 'vitest'
import { decodeWriteRequest } from '../../src/dev/encode.ts'
import { uncompress } from '../../src/wire/snappy.ts'
import { bodyOf, post } from '../support/push.ts'
import { startQueued } from '../support/queued-proxy.ts'
import { startTenantUpstream } from '../support/tenant-upstream.ts'
import { until } from '../support/until.ts'

const series = 5

test('the leader’s samples, all of them, before and after failover', async () => {
  const kept = new Set<string>()
  const mixed: string[] = []
  let leader = 'one'
  let isFailing = false
  let requests = 0
  const upstream = await startTenantUpstream(({ body }) => {
    if (isFailing) return 503
    requests++
    const all = decodeWriteRequest(uncompress(body, 1 << 20)).series.map(({ labels, samples }) => ({
      ...(Object.fromEntries(labels) as { __replica__: string; shard: string; i: string }),
      samples,
    }))
    const first = all[0]!.__replica__
    if (all.some(({ __replica__ }) => __replica__ !== first)) mixed.push(first)
    if (first !== leader) return 202
    for (const { __replica__, shard, i, samples } of all) {
      for (const { tsMs } of samples) kept.add(`${__replica__} ${shard} ${i} ${tsMs}`)
    }
    return 200
  })
  const { pushUrl, program, drained } = await startQueued({ target: upstream.url })
  let n = 0
  const push = async (replica: string, shard: string, time: number): Promise<string[]> => {
    const body = bodyOf(
      Array.from({ length: series }, (_, i) => ({
        labels: [
          ['__name__', 'm'],
          ['__replica__', replica],
          ['cluster', 'c'],
          ['i', String(i)],
          ['shard', shard],
          ['tenant', 'team'],
        ],
        samples: [[time, time]],
      })),
    )
    const { status } = await post(pushUrl, body)
    expect([200, 202, 204]).toContain(status)
    return Array.from({ length: series }, (_, i) => `${replica} ${shard} ${i} ${time}`)
  }
  /** Both replicas, three connections each, at once: what was sent of each. */
  const rounds = async (count: number): Promise<Map<string, string[]>> => {
    const sent = new Map<string, string[]>([
      ['one', []],
      ['two', []],
    ])
    for (let k = 0; k < count; k++) {
      const time = ++n
      const all = ['one', 'two'].flatMap((replica) => ['a', 'b', 'c'].map((shard) => [replica, shard] as const))
      await Promise.all(
        all.map(async ([replica, shard]) => {
          sent.get(replica)!.push(...(await push(replica, shard, time)))
        }),
      )
    }
    await drained()
    return sent
  }
  for (const next of ['one', 'two', 'one']) {
    leader = next
    kept.clear()
    const other = next === 'one' ? 'two' : 'one'
    const sent = await rounds(12)
    // While it fails all is stored, and goes out later in requests of several batches.
    isFailing = true
    const storing = rounds(12)
    await until(async () => (await program.metric('sluice_queue_stored_batches')) > 20, { what: 'batches are stored' })
    isFailing = false
    const later = await storing
    const owed = [...sent.get(next)!, ...later.get(next)!]
    expect(owed.filter((sample) => !kept.has(sample))).toEqual([])
    expect([...kept].filter((sample) => sample.startsWith(other))).toEqual([])
  }
  expect(mixed).toEqual([])
  // Parts of one replica did go together.
  expect(requests).toBeLessThan(3 * 24 * 6)
})
