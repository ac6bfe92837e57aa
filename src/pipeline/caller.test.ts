import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { metricsOf, pushOf, startBench } from '../../test/support/pipeline.ts'
import { decodeWriteRequest, encodeWriteRequest, snappyBlock } from '../dev/encode.ts'
import { noMeter } from '../telemetry/meter.ts'
import type { HttpRequest } from '../wire/message.ts'
import { uncompress } from '../wire/snappy.ts'
import type { Caller } from './caller.ts'
import { Pipeline } from './pipeline.ts'

const settle = () => new Promise((resolve) => setImmediate(resolve))

/** A caller that says who it is by a header, and notes what it sends. */
function caller(name: string, more: Partial<Caller> = {}) {
  const sent: HttpRequest[] = []
  const own: Caller = {
    travelling: { authorization: name },
    identity: name,
    send: async (request) => {
      sent.push(request)
      return { status: 200, headers: {}, body: new Uint8Array(0) }
    },
    ...more,
  }
  return { sent, own }
}
const metadataIn = ({ body }: HttpRequest) =>
  decodeWriteRequest(uncompress(body, 1 << 20)).metadata.map(({ family }) => family)
const familiesOnly = (...families: string[]) =>
  snappyBlock(encodeWriteRequest({ metadata: families.map((family) => ({ family, type: 1 })) }))

test('parts go in the caller’s way, with its headers', async () => {
  const bench = startBench()
  const one = caller('one')
  await bench.pipeline.push(pushOf(metricsOf(['a', 'b'])), one.own)
  expect(bench.sent).toEqual([])
  expect(one.sent.map(({ headers }) => [headers.authorization, headers['x-scope-orgid'], headers['x-fixed']])).toEqual([
    ['one', 'a', 'yes'],
    ['one', 'b', 'yes'],
  ])
  expect('user-agent' in (one.sent[0]?.headers ?? {})).toBe(false)
})

test('metadata that is held goes as the newest push does', async () => {
  const bench = startBench({ settings: {} })
  const [one, two, three] = [caller('one'), caller('two'), caller('three')]
  await bench.pipeline.push(pushOf(familiesOnly('m')), one.own)
  await bench.pipeline.push(pushOf(metricsOf(['a'])), two.own)
  await bench.pipeline.push(pushOf(metricsOf(['a'], { value: 2 })), three.own)
  three.sent.length = 0
  bench.pipeline.keepHouse()
  await settle()
  expect([one.sent.length, two.sent.length, bench.sent.length]).toEqual([0, 1, 0])
  expect(three.sent.map((request) => [request.headers.authorization, metadataIn(request), request.timeoutMs])).toEqual([
    ['three', ['m'], 10_000],
  ])
})

test('metadata that nobody waits for is bounded in time where there is no other bound', async () => {
  const bench = startBench({ settings: { timeoutMs: Number.POSITIVE_INFINITY } })
  const one = caller('one')
  await bench.pipeline.push(pushOf(metricsOf(['a'], { metadata: [{ family: 'm' }] })), one.own)
  await settle()
  expect(one.sent.map(({ timeoutMs }) => timeoutMs)).toEqual([undefined, 30_000])
})

test('aborted while others’ big bodies are read: nothing is sent', async () => {
  const bench = startBench()
  const abort = new AbortController()
  const one = caller('one', { signal: abort.signal })
  const big = snappyBlock(encodeWriteRequest({ extra: Buffer.alloc(17 << 20) }))
  const pushed = bench.pipeline.push(pushOf(big), one.own)
  abort.abort(new Error('enough'))
  await expect(pushed).rejects.toThrow('enough')
  expect(one.sent).toEqual([])
})

test('a pipeline that nobody holds on to goes, timer and all', async () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const endpoint = startBench().settingsOf({})
  const forgotten = (() =>
    new WeakRef(
      new Pipeline(
        { meter: noMeter, refusals: { add: () => undefined }, log: () => undefined, userAgent: '' },
        endpoint,
      ),
    ))()
  await settle()
  gc()
  expect(forgotten.deref()).toBeUndefined()
})
