// The well-formed bodies that mutations start from: generated ones of one to eight series, and some as Prometheus
// makes them. Everything follows from the seed.

import fc from 'fast-check'
import { encodeRequest2 } from '../../src/dev/encode-v2.ts'
import { pushRequest } from '../oracle/arbitrary/push-request.ts'
import { request2 } from '../oracle/arbitrary/request-2.ts'
import { writeRequest } from '../oracle/arbitrary/write-request.ts'
import { schemas } from '../oracle/codec.ts'
import { concat, fixed64Field, lengthField, varintField } from '../oracle/encode.ts'
import { readStrictly } from '../oracle/strict.ts'
import { type Seed, seedOf } from './mutate.ts'
import type { Random } from './random.ts'

const text = new TextEncoder()

/** Makes `count` seeds; everything follows from `seed` and `random`. */
export type SeedMaker = (seed: number, count: number, random: Random) => Seed[]

/** A body as Prometheus sends it: sorted labels, one sample a series, a tenant label in most. */
function usual(random: Random): Uint8Array {
  const series = Array.from({ length: 1 + random.below(8) }, (_, k) => {
    const labels = [
      ['__name__', 'http_requests_total'],
      ...(random.below(8) === 0 ? [] : [['__tenant__', random.pick(['team-a', 'team-b', 'team-c'])]]),
      ['instance', `10.0.0.${k}:9090`],
      ['job', 'api'],
    ]
    return lengthField(
      1,
      concat(
        ...labels.map(([name, value]) =>
          lengthField(1, concat(lengthField(1, text.encode(name)), lengthField(2, text.encode(value)))),
        ),
        lengthField(
          2,
          concat(
            fixed64Field(1, random.pick([0x7ff0000000000002n, 0x3ff0000000000000n])),
            varintField(2, 1_700_000_000_000),
          ),
        ),
      ),
    )
  })
  return concat(...series)
}

/** `count` Loki pushes; none longer than 3 KiB. */
export function makePushSeeds(seed: number, count: number): Seed[] {
  const bodies = fc.sample(pushRequest(), { seed, numRuns: count }).filter((body) => body.length <= 3072)
  return bodies.map((bytes) => seedOf(bytes, readStrictly(schemas.pushRequest, bytes).fields))
}

/** A remote write 2 body as Prometheus sends it. */
function usual2(random: Random): Uint8Array {
  const series = Array.from({ length: 1 + random.below(8) }, (_, k) => ({
    labels: [
      ['__name__', 'http_requests_total'],
      ...(random.below(8) === 0 ? [] : [['__tenant__', random.pick(['team-a', 'team-b', 'team-c'])]]),
      ['instance', `10.0.0.${k}:9090`],
      ['job', 'api'],
    ] as [string, string][],
    samples: [[0x7ff0000000000002n, 1_700_000_000_000]] as const,
    exemplars: random.below(4) === 0 ? [{ labels: [['trace_id', `x${k}`]] as const, value: 1, tsMs: 2 }] : [],
    metadata: { type: 1, help: 'How many.' },
  }))
  return encodeRequest2({ series })
}

/** `count` remote write 2 requests, a third of them usual bodies; none longer than 3 KiB. */
export function makeRequest2Seeds(seed: number, count: number, random: Random): Seed[] {
  const generated = fc
    .sample(request2(), { seed, numRuns: Math.ceil(count / 3) * 2 })
    .filter((body) => body.length <= 3072)
  const bodies = [...generated, ...Array.from({ length: Math.ceil(count / 3) }, () => usual2(random))]
  return bodies.map((bytes) => seedOf(bytes, readStrictly(schemas.request2, bytes).fields))
}

/** `count` write requests, a third of them usual bodies; none longer than 3 KiB. */
export function makeWriteSeeds(seed: number, count: number, random: Random): Seed[] {
  const generated = fc
    .sample(writeRequest(), { seed, numRuns: Math.ceil(count / 3) * 2 })
    .filter((body) => body.length <= 3072)
  const bodies = [...generated, ...Array.from({ length: Math.ceil(count / 3) }, () => usual(random))]
  return bodies.map((bytes) => seedOf(bytes, readStrictly(schemas.writeRequest, bytes).fields))
}
