import { expect, onTestFinished, test } from 'vitest'
import { makeFuzzer } from '../../test/fuzz/run.ts'
import { concat, lengthField } from '../../test/oracle/encode.ts'
import { defaultTenancy } from '../config/tenancy-settings.ts'
import { tenantIdProblem } from '../config/tenant-id.ts'
import { SluiceError } from '../errors.ts'
import type { Answer, Push } from '../receive/push.ts'
import { noMeter } from '../telemetry/meter.ts'
import type { HttpRequest } from '../wire/message.ts'
import { compress, uncompress } from '../wire/snappy.ts'
import { Pipeline } from './pipeline.ts'

const maxDecompressedBytes = 1 << 20

/** A pipeline whose upstream takes everything, and what it took. */
function startPipeline(): { push: (body: Uint8Array) => Promise<Answer>; sent: HttpRequest[]; reserved: () => number } {
  const sent: HttpRequest[] = []
  const endpoint = {
    tenancy: { ...defaultTenancy, labels: ['t', '__tenant__', 'team'] },
    url: 'http://upstream.test/push',
    headers: {},
    send: async (request: HttpRequest) => {
      sent.push(request)
      return { status: 200, headers: {}, body: new Uint8Array(0) }
    },
  }
  const pipeline = new Pipeline(
    { userAgent: 'test', meter: noMeter, refusals: { add: () => undefined }, log: () => undefined },
    {
      metrics: endpoint,
      logs: endpoint,
      timeoutMs: 10_000,
      maxInFlight: 64,
      maxRetryAfter: 30,
      maxDecompressedBytes,
      acceptAll: false,
      dryRun: false,
      logResponseErrors: false,
    },
  )
  onTestFinished(() => pipeline.close())
  let bytes = 0
  const push = (body: Uint8Array): Promise<Answer> => {
    const wire: Push = {
      kind: 'remote-write',
      path: '/push',
      headers: {},
      body: Buffer.from(body),
      client: '127.0.0.1:1',
      encoding: 'snappy',
      format: 'protobuf',
      protocol: 'remote-write-1',
      reserve: (more) => {
        bytes += more
        return true
      },
    }
    return pipeline.push(wire)
  }
  return { push, sent, reserved: () => bytes }
}

const refusal = async (answer: Promise<Answer>): Promise<SluiceError> => {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof SluiceError)) throw new Error(`not refused: ${error}`)
  return error
}

const series = (tenant: string): Uint8Array => {
  const label = (name: string, value: string) =>
    lengthField(1, concat(lengthField(1, Buffer.from(name)), lengthField(2, Buffer.from(value))))
  return lengthField(1, concat(label('t', tenant), label('z', 'y')))
}

test('mutated bodies: each is answered or refused, and what goes upstream is sound and under a valid id', async () => {
  const { push, sent } = startPipeline()
  const fuzzer = makeFuzzer(7, 'remote-write-1', 200)
  const statuses = new Map<number, number>()
  for (let n = 0; n < 2000; n++) {
    const answer = await push(fuzzer.inputOf(n)).catch((error: unknown) => {
      if (!(error instanceof SluiceError)) throw error
      return { status: error.status }
    })
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
  }
  expect([...statuses.keys()].sort()).toEqual([200, 400, 413])
  expect(sent.length).toBeGreaterThan(200)
  for (const { headers, body } of sent) {
    expect(tenantIdProblem(headers['x-scope-orgid'] ?? headers['X-Scope-OrgID'] ?? '')).toBeUndefined()
    uncompress(body, maxDecompressedBytes)
  }
})

test('unknown fields that would leave once for each tenant are bounded', async () => {
  const { push, sent } = startPipeline()
  const unknown = lengthField(99, new Uint8Array(maxDecompressedBytes / 4))
  const tenants = (count: number) => Array.from({ length: count }, (_, k) => series(`team-${k}`))
  expect((await push(compress(concat(...tenants(4), unknown)))).status).toBe(200)
  expect(sent.length).toBe(4)
  const error = await refusal(push(compress(concat(...tenants(6), unknown))))
  expect([error.code, sent.length]).toEqual(['DECOMPRESSED_TOO_LARGE', 4])
  expect(error.message).toMatch(/unknown top-level fields, once for each of 6 tenants/)
})

test('the bookkeeping of many small fields counts against the budget', async () => {
  const { push, reserved } = startPipeline()
  const plain = compress(concat(series('a'), new Uint8Array(0)))
  await push(plain)
  const before = reserved()
  const metadata = Buffer.alloc(2000, Uint8Array.of(0x1a, 0))
  await push(compress(concat(series('a'), metadata)))
  expect(reserved() - before).toBeGreaterThan(1000 * 300)
})
