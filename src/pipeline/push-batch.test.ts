import { expect, test } from 'vitest'
import { startBench } from '../../test/support/pipeline.ts'
import { itemsIn } from '../../test/support/queue.ts'
import { encodeWriteRequest } from '../dev/encode.ts'
import { watchLabels } from '../wire/codec.ts'
import { remoteWrite1 } from '../wire/v1/codec.ts'
import type { GivenBatch } from './given-batch.ts'

const bytesOf = (...tenants: string[]) =>
  encodeWriteRequest({
    series: tenants.map((tenant) => ({
      labels: [
        ['__name__', 'm'],
        ['tenant', tenant],
      ],
      samples: [[1, 1] as const],
    })),
  })

const given = (bytes: Uint8Array, more: Partial<GivenBatch> = {}): GivenBatch => ({
  batch: remoteWrite1.scan(bytes, watchLabels(['tenant'])),
  ...{ travelling: {}, identity: '', isAwaited: true, client: '' },
  ...more,
})

/** A sender's answer, known later. */
function later() {
  let tell: (status: number) => void = () => undefined
  const answered = new Promise<number>((resolve) => (tell = resolve))
  return { answered, tell }
}

test('its bytes are the giver’s again when the call returns, and it is known again all the same', async () => {
  const check = async (source: Uint8Array | undefined) => {
    const bench = startBench({ upstream: (_request, tenant) => (tenant === 'b' ? 503 : 200) })
    for (const _ of [1, 2]) {
      const bytes = bytesOf('a', 'b')
      const { answered, tell } = later()
      const settled = bench.pipeline.pushBatch(given(bytes, { answered, ...(source && { source }) }))
      bytes.fill(0)
      expect((await settled).parts.map(({ tenant, status }) => [tenant, status])).toEqual([
        ['a', 200],
        ['b', 503],
      ])
      tell(503)
      await answered
    }
    expect(bench.sent.map(({ tenant }) => tenant)).toEqual(['a', 'b', 'b'])
    expect(itemsIn(bench.sent[2]!.request.body)).toEqual(['m@1'])
  }
  await check(undefined)
  await check(Buffer.from('what came'))
})

test('the status of the whole decides what is remembered, though all parts were taken here', async () => {
  const check = async (status: number, want: number) => {
    const bench = startBench()
    for (const _ of [1, 2]) {
      const { answered, tell } = later()
      await bench.pipeline.pushBatch(given(bytesOf('a'), { answered }))
      tell(status)
      await answered
    }
    expect(bench.sent.length).toBe(want)
  }
  await check(503, 1)
  await check(429, 1)
  await check(400, 2)
  await check(200, 2)
})

test('another identity, header or source is another batch; what nobody repeats is never known again', async () => {
  const check = async (first: Partial<GivenBatch>, second: Partial<GivenBatch>, want: number) => {
    const bench = startBench()
    for (const more of [first, second]) await bench.pipeline.pushBatch(given(bytesOf('a'), more))
    expect(bench.sent.length).toBe(want)
  }
  const answered = Promise.resolve(503)
  const source = Buffer.from('one')
  await check({ answered }, { answered }, 1)
  await check({ answered }, { answered, identity: 'x' }, 2)
  await check({ answered }, { answered, headers: { 'x-scope-orgid': 'x' } }, 2)
  await check({ answered, source }, { answered, source: Buffer.from('two') }, 2)
  await check({ answered, source }, { answered }, 2)
  await check({}, {}, 2)
})

test('one that is empty is settled; one for too many tenants is refused whole', async () => {
  const bench = startBench({ tenancy: { maxTenantsPerRequest: 1 } })
  expect(await bench.pipeline.pushBatch(given(bytesOf()))).toEqual({ parts: [], rejected: [] })
  await expect(
    bench.pipeline.pushBatch(given(bytesOf('a', 'b'), { answered: Promise.resolve(400) })),
  ).rejects.toMatchObject({
    code: 'TOO_MANY_TENANTS',
  })
  expect(bench.sent).toEqual([])
})

test('one that was scanned for other labels is scanned anew', async () => {
  const bench = startBench()
  const batch = remoteWrite1.scan(bytesOf('a', 'b'), watchLabels(['other']))
  await bench.pipeline.pushBatch({ ...given(bytesOf()), batch })
  expect(bench.sent.map(({ tenant }) => tenant)).toEqual(['a', 'b'])
})
