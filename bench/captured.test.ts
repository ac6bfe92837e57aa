import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { encodeWriteRequest, snappyBlock, type WriteRequestInput } from '../src/dev/encode.ts'
import { type Captured, captureServer } from './capture.ts'
import { readCaptured } from './captured.ts'

const body = (input: WriteRequestInput): Buffer => snappyBlock(encodeWriteRequest(input))
const series = (...tenant: string[]): WriteRequestInput => ({
  series: [{ labels: [['__name__', 'a'], ...tenant.map((value) => ['tenant', value] as const)], samples: [[1, 1]] }],
})

/** Sends bodies to a capture server; gives the directory, the statuses and what was captured. */
async function capture(bodies: Buffer[]) {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-capture-test-'))
  const captured: Captured[] = []
  const server = captureServer(directory, (file) => captured.push(file))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
    rmSync(directory, { recursive: true })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const statuses: number[] = []
  for (const bytes of bodies) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: new Uint8Array(bytes) })
    statuses.push(answer.status)
  }
  return { directory, captured, statuses }
}

test('bodies are kept as they came; metadata alone is not; only those are used whose series all have a tenant', async () => {
  const good = body(series('team-1'))
  const metadata = body({ metadata: [{ family: 'a' }] })
  const { directory, captured, statuses } = await capture([good, metadata, body(series()), Buffer.from('junk')])
  expect(statuses).toEqual([204, 204, 204, 400])
  expect(captured).toEqual([
    { name: '0001.snappy', samples: 1, without: 0 },
    { name: '0002.snappy', samples: 1, without: 1 },
  ])
  expect(readdirSync(directory).length).toBe(2)
  const bodies = readCaptured(directory)
  expect(bodies.map(({ compressed }) => compressed.equals(good))).toEqual([true])
})

test('nothing to use is an error that says what to do', async () => {
  const { directory } = await capture([body(series())])
  expect(() => readCaptured(directory)).toThrow(/none of the 1 \*\.snappy files .* see bench\/capture\.ts/)
})
