// What laws.ts is for remote write 1, for Loki: who accepts a push, and that its parts together are the push. Streams
// whose label text is plain (`{name="value", …}` without escapes) are judged here too; of others only the bytes are.

import { split } from '../../src/tenancy/split.ts'
import { type Batch, flag } from '../../src/wire/batch.ts'
import { lokiPush } from '../../src/wire/loki/codec.ts'
import { law, type Schemas, scanAsTheCodecDoes, tableCoversBody } from './acceptance.ts'
import { decode, encode, schemas } from './codec.ts'
import type { Outcome, Subject } from './laws.ts'
import { judge, latin1, type PlainLabel } from './split.ts'
import type { Node } from './strict.ts'

const pushSchemas: Schemas = { strict: schemas.pushRequest, raw: schemas.pushRequestRaw }

/** Proves all laws for one push. `thorough`: also has the generated codec read the parts. */
export function checkPush(body: Uint8Array, subject: Subject, thorough = true): Outcome {
  const { batch, verdict, outcome } = scanAsTheCodecDoes(body, lokiPush, subject.router.watch, pushSchemas)
  if (batch === undefined) return outcome
  tableCoversBody(batch, verdict, body)
  const streams = verdict.fields.filter((field) => field.number === 1)
  const judged = streams.map((stream, i) => expectedStream(plainLabels(stream, body, batch, i), subject))
  const got = split(batch, subject.router, subject.prefix, subject.cache)
  const seen = new Uint8Array(batch.count)
  for (const part of got.parts) {
    const indexes = [...part.indexes.subarray(0, part.count)]
    law(
      indexes.every((i, k) => k === 0 || indexes[k - 1]! < i),
      `${part.tenant}: streams out of order`,
    )
    for (const i of indexes) law(seen[i]!++ === 0, `stream ${i} goes twice`)
    const expected = indexes.map((i) => judged[i])
    for (const stream of expected) {
      law(stream === undefined || stream.tenant === part.tenant, `${stream?.tenant}’s stream goes to ${part.tenant}`)
    }
    const gathered = lokiPush.gather(batch, part.indexes, part.count, !subject.router.settings.keepLabel)
    if (!part.rewrites)
      law(Buffer.compare(gathered, untouched(batch, indexes)) === 0, 'an untouched part has other bytes')
    if (thorough) codecReads(body, gathered, indexes, expected)
  }
  const lost = [...got.rejected, ...got.dropped].reduce((sum, refusal) => sum + refusal.count, 0)
  for (const [i, stream] of judged.entries()) {
    law(
      stream === undefined || stream.isDelivered === (seen[i] === 1),
      `stream ${i} should have gone to ${stream?.tenant}`,
    )
  }
  law(lost === seen.filter((times) => times === 0).length, 'a stream is lost')
  return outcome
}

/** Pairs of a plain label text; undefined where it is not plain. */
function plainPairs(text: string): PlainLabel[] | undefined {
  if (!/^\{([a-zA-Z_]\w*="[ !#-[\]-~]*"(, [a-zA-Z_]\w*="[ !#-[\]-~]*")*)?\}$/.test(text)) return undefined
  return [...text.matchAll(/(\w+)="([^"]*)"/g)].map((found) => ({ name: found[1]!, value: found[2]! }))
}

/** The pairs of a stream that must not be faulty, having proved that it is not, and that one with an impossible time is. */
function plainLabels(stream: Node, body: Uint8Array, batch: Batch, i: number): PlainLabel[] | undefined {
  const isFaulty = (batch.flags[i]! & flag.faulty) !== 0
  law(isFaulty === batch.faults.has(i), 'a faulty stream without a reason, or a reason without one')
  const entries = stream.children.filter((child) => child.number === 2)
  const isTimely = entries.every((entry) =>
    entry.children.every((child) => child.number !== 1 || timestampExists(child, body)),
  )
  law(isTimely || isFaulty, `stream ${i} has a timestamp that does not exist and is taken`)
  law(isFaulty || batch.samples[i] === entries.length, `stream ${i} has ${entries.length} entries`)
  if (!isTimely || stream.children.some((child) => child.number === 19_000)) return undefined
  const field = stream.children.findLast((child) => child.number === 1)
  const text = field === undefined ? '' : latin1(body.subarray(field.inner, field.end))
  const pairs = plainPairs(text)
  if (pairs !== undefined) law(!isFaulty, `a stream with the plain labels ${text} is faulty: ${batch.faults.get(i)}`)
  return isFaulty ? undefined : pairs
}

function timestampExists(timestamp: Node, body: Uint8Array): boolean {
  const last = (number: number): bigint => {
    const field = timestamp.children.findLast((child) => child.number === number)
    let value = 0n
    if (field !== undefined) {
      for (let p = field.end - 1; p >= field.inner; p--) value = (value << 7n) | BigInt(body[p]! & 0x7f)
    }
    return value
  }
  const seconds = BigInt.asIntN(64, last(1))
  const nanos = BigInt.asIntN(32, last(2))
  return seconds >= -62_135_596_800n && seconds < 253_402_300_800n && nanos >= 0n && nanos < 1_000_000_000n
}

interface ExpectedStream {
  readonly tenant: string
  readonly isDelivered: boolean
  /** Labels without those that are removed. */
  readonly labels: readonly PlainLabel[]
}

function expectedStream(labels: PlainLabel[] | undefined, subject: Subject): ExpectedStream | undefined {
  if (labels === undefined) return undefined
  const { tenant, isDelivered, removed } = judge(labels, subject.router.settings, subject.prefix)
  return { tenant, isDelivered, labels: labels.filter(({ name }) => !removed.has(name)) }
}

function untouched(batch: Batch, indexes: readonly number[]): Uint8Array {
  return Buffer.concat([
    ...indexes.map((i) => batch.bytes.subarray(batch.start[i], batch.end[i])),
    ...batch.unknown.map(({ start, end }) => batch.bytes.subarray(start, end)),
  ])
}

/** The generated codec finds the streams of a part as they were, but for the labels that go and the hash of the old ones. */
function codecReads(
  body: Uint8Array,
  part: Uint8Array,
  indexes: readonly number[],
  expected: readonly (ExpectedStream | undefined)[],
): void {
  const schema = schemas.pushRequestRaw
  const request = decode(schema, body)
  const received = decode(schema, part)
  if (request === undefined) return
  law(received !== undefined, 'the codec refuses a part')
  law(received.streams.length === indexes.length, `the codec finds ${received.streams.length} streams`)
  request.streams = indexes.map((index) => request.streams[index]!)
  for (const [k, stream] of received.streams.entries()) {
    const original = request.streams[k]!
    const want = expected[k]
    if (want !== undefined) {
      const pairs = plainPairs(latin1(stream.labels))
      law(
        JSON.stringify(pairs) === JSON.stringify(want.labels),
        `labels ${latin1(stream.labels)} of ${latin1(original.labels)}`,
      )
    }
    if (latin1(original.labels) === latin1(stream.labels)) continue
    law(stream.hash === 0n, 'the hash of other labels travels')
    original.labels = stream.labels
    original.hash = 0n
  }
  law(Buffer.compare(encode(schema, request), encode(schema, received)) === 0, 'the codec reads other streams')
}
