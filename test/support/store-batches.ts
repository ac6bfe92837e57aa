// Batches for a store, as little as a test must say of them.

import type { LaneId } from '../../src/send/store/key.ts'
import type { ClosedBatch } from '../../src/send/store/record.ts'

export const laneOf = (tenant: string, lane = 0): LaneId => ({
  endpoint: 'proxy/metrics',
  signal: 'metrics',
  tenant,
  lane,
})

export function batchOf(text: string, more: Partial<ClosedBatch> = {}): ClosedBatch {
  return {
    protocol: 'remote-write-1',
    body: Buffer.from(text),
    series: 1,
    samples: 2,
    oldestMs: 1000,
    newestMs: 2000,
    arrivedMs: 3000,
    haKey: '',
    parts: [],
    ...more,
  }
}

export const textOf = ({ body }: ClosedBatch) => Buffer.from(body).toString()
