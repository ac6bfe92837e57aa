// Everything that must hold for one uncompressed remote write 1 body, whatever its bytes: who accepts it, and that its
// parts together are the request. Throws LawBroken (acceptance.ts); the property tests and the mutation run call the same function.

import { defaultTenancy, type TenancySettings } from '../../src/config/tenancy-settings.ts'
import { OutcomeCache } from '../../src/tenancy/outcome-cache.ts'
import { compileRouter, type Router } from '../../src/tenancy/route.ts'
import { type Split, split } from '../../src/tenancy/split.ts'
import { type Batch, flag, NONE } from '../../src/wire/batch.ts'
import { toRemoteWrite2 } from '../../src/wire/convert/to-v2.ts'
import { remoteWrite1 } from '../../src/wire/v1/codec.ts'
import { law, type Schemas, scanAsTheCodecDoes, tableCoversBody } from './acceptance.ts'
import { decode, encode, schemas } from './codec.ts'
import { type ExpectedPart, type ExpectedSplit, expectedSplit, latin1 } from './split.ts'
import { type Node, readStrictly } from './strict.ts'
import { readPlainly, tableIsSound } from './symbols.ts'

/** Settings under which a body is split, with a cache that lives as long as a settings generation does. */
export interface Subject {
  readonly router: Router
  readonly prefix: string
  readonly cache: OutcomeCache
}

export function subjectOf(settings: Partial<TenancySettings>): Subject {
  const router = compileRouter({ ...defaultTenancy, ...settings })
  return { router, prefix: router.settings.prefix, cache: new OutcomeCache() }
}

const writeRequestSchemas: Schemas = { strict: schemas.writeRequest, raw: schemas.writeRequestRaw }

/** `accepted`, `refused`, or the name of the exception (see exceptions.ts) that covers the body. */
export type Outcome = string

/**
 * Proves all laws for one body. `thorough`: also compares what the generated codec reads in each part with the
 * generated codec's own split of the request, which costs about as much as all the rest.
 */
export function checkBody(body: Uint8Array, subject: Subject, thorough = true): Outcome {
  const { batch, verdict, outcome } = scanAsTheCodecDoes(body, remoteWrite1, subject.router.watch, writeRequestSchemas)
  if (batch === undefined) return outcome
  tableCoversBody(batch, verdict, body)
  law(batch.metadata.length === verdict.fields.filter((field) => field.number === 3).length, 'metadata fields')
  law(batch.faults.size === 0, 'a series of remote write 1 is never malformed by itself')
  const expected = expectedSplit(body, verdict.fields, subject.router.settings, subject.prefix)
  const parts = split(batch, subject.router, subject.prefix, subject.cache)
  partsAreTheRequest(batch, parts, expected, subject)
  if (thorough) {
    codecAgrees(body, expected)
    converts(body, verdict.fields)
  }
  return outcome
}

/** Remote write 2 made of a body is well formed, with a sound table: a series of samples, one of histograms, for each that has some. */
function converts(body: Uint8Array, given: readonly Node[]): void {
  const wanted = given
    .filter(({ number }) => number === 1)
    .flatMap(({ children }) => [2, 4].filter((data) => children.some(({ number }) => number === data))).length
  const two = toRemoteWrite2(body).body
  if (wanted === 0) {
    law(two.length === 0, 'remote write 2 is made of nothing')
    return
  }
  const { fault, fields } = readStrictly(schemas.request2Raw, two)
  law(fault === undefined, `remote write 2 made of it is ${fault}`)
  const plain = readPlainly(two, fields)
  tableIsSound(plain, fields)
  law(plain.series.length === wanted, `remote write 2 made of it has ${plain.series.length} series, not ${wanted}`)
}

function partsAreTheRequest(batch: Batch, got: Split, expected: ExpectedSplit, subject: Subject): void {
  const { router } = subject
  law(
    got.parts.map((part) => part.tenant).join('|') === [...expected.parts.keys()].join('|'),
    `tenants ${got.parts.map((part) => part.tenant)}, not ${[...expected.parts.keys()]}`,
  )
  const sum = (refusals: Split['rejected']): number => refusals.reduce((total, refusal) => total + refusal.count, 0)
  law(sum(got.rejected) === expected.rejected, `${sum(got.rejected)} rejected, not ${expected.rejected}`)
  law(sum(got.dropped) === expected.dropped, `${sum(got.dropped)} dropped, not ${expected.dropped}`)
  let delivered = 0
  for (const [number, part] of got.parts.entries()) {
    const want = expected.parts.get(part.tenant)!
    const indexes = part.indexes.subarray(0, part.count)
    law(
      indexes.join() === want.indexes.join(),
      `${part.tenant} gets series ${indexes.join()}, not ${want.indexes.join()}`,
    )
    law(
      indexes.every((i) => got.partOf[i] === number),
      `partOf and indexes disagree about ${part.tenant}`,
    )
    law(part.samples === want.samples, `${part.tenant} has ${part.samples} samples, not ${want.samples}`)
    const body = remoteWrite1.gather(batch, part.indexes, part.count, !router.settings.keepLabel)
    law(Buffer.compare(body, want.body) === 0, `${part.tenant} gets other bytes than its series’`)
    const rewrites = indexes.some((i) => wasRewritten(batch, i, router))
    law(part.rewrites === rewrites, `${part.tenant}: rewrites is ${part.rewrites}`)
    delivered += part.count
  }
  law(delivered + expected.rejected + expected.dropped === batch.count, 'a series is lost or doubled')
}

function wasRewritten(batch: Batch, i: number, router: Router): boolean {
  const removes = !router.settings.keepLabel
  const removesReserved = removes || !router.settings.labels.includes('__tenant_id__')
  return (removes && batch.which[i] !== NONE) || (removesReserved && (batch.flags[i]! & flag.reserved) !== 0)
}

/** The generated codec decodes each part to what its own split of the decoded request gives. */
function codecAgrees(body: Uint8Array, expected: ExpectedSplit): void {
  const schema = schemas.writeRequestRaw
  for (const [tenant, part] of expected.parts) {
    const request = decode(schema, body)
    const received = decode(schema, part.body)
    if (request === undefined) return
    law(received !== undefined, `the codec refuses ${tenant}’s part`)
    request.metadata = []
    request.timeseries = part.indexes.map((index, k) => withoutLabels(request.timeseries[index]!, part, k))
    law(
      Buffer.compare(encode(schema, request), encode(schema, received)) === 0,
      `the codec reads something else in ${tenant}’s part than in the request`,
    )
  }
}

function withoutLabels<S extends { labels: { name: Uint8Array }[] }>(series: S, part: ExpectedPart, k: number): S {
  series.labels = series.labels.filter((label) => !part.removed[k]!.includes(latin1(label.name)))
  return series
}
