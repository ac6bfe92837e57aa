// Log pushes are queued by the same rules: stored while upstream is away, over a kill too, and delivered once, in order.

import { expect, test } from 'vitest'
import { encodeLokiPush, snappyBlock } from '../../src/dev/encode.ts'
import { post } from '../support/push.ts'
import { startQueued } from '../support/queued-proxy.ts'
import { testSink } from '../support/test-sink.ts'

const tenants = ['well', 'down']

test('log entries of a tenant that is down arrive once, in order, also after a kill', async () => {
  const sink = await testSink()
  const proxy = await startQueued({ target: sink.pushUrl, flags: [`--target_loki=${sink.lokiUrl}`] })
  const pushUrl = proxy.program.lokiUrl
  let n = 0
  const push = async (isJson: boolean): Promise<void> => {
    const at = BigInt(++n) * 1_000_000n
    const { status, text } = await (isJson
      ? post(pushUrl, Buffer.from(jsonOf(at)), {
          headers: { 'content-type': 'application/json', 'content-encoding': 'identity' },
        })
      : post(pushUrl, protobufOf(at)))
    expect([200, 204], text).toContain(status)
  }
  sink.setFault('down', { status: 503 })
  for (let k = 0; k < 20; k++) await push(k % 2 === 0)
  expect(sink.store.counts('well')).toMatchObject({ entries: 20, duplicates: 0 })
  expect(sink.store.counts('down').entries).toBe(0)
  await proxy.kill()
  await proxy.start()
  for (let k = 0; k < 5; k++) await push(false)
  sink.setFault('down', undefined)
  for (let k = 0; k < 5; k++) await push(true)
  await proxy.drained()
  for (const tenant of tenants) {
    expect(sink.store.counts(tenant)).toMatchObject({ entries: n, duplicates: 0, outOfOrder: 0 })
    for (const entries of sink.store.logs(tenant).values()) {
      expect(entries.map(({ line }) => line)).toEqual(
        Array.from({ length: n }, (_, k) => `line ${(k + 1) * 1_000_000}`),
      )
    }
  }
  expect(sink.store.violations).toEqual([])
})

const protobufOf = (tsNs: bigint): Buffer =>
  snappyBlock(
    encodeLokiPush({
      streams: tenants.map((tenant) => ({
        labels: `{job="a", tenant="${tenant}"}`,
        entries: [{ tsNs, line: `line ${tsNs}` }],
      })),
    }),
  )

const jsonOf = (tsNs: bigint): string =>
  JSON.stringify({
    streams: tenants.map((tenant) => ({ stream: { job: 'a', tenant }, values: [[String(tsNs), `line ${tsNs}`]] })),
  })
