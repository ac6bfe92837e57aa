// What laws.ts is for remote write 1, for remote write 2: who accepts a body, and that its parts together are the
// request: every series once, with equal labels less those that go, all else byte for byte, each part with a sound table.

import { split } from '../../src/tenancy/split.ts'
import { flag } from '../../src/wire/batch.ts'
import { toRemoteWrite1 } from '../../src/wire/convert/to-v1.ts'
import { remoteWrite2 } from '../../src/wire/v2/codec.ts'
import { contentsOf } from '../../src/wire/v2/written.ts'
import { law, type Schemas, scanAsTheCodecDoes, tableCoversBody } from './acceptance.ts'
import { decode, encode, schemas } from './codec.ts'
import type { Outcome, Subject } from './laws.ts'
import { judge } from './split.ts'
import { readStrictly } from './strict.ts'
import { type PlainContent, readPlainly, tableIsSound } from './symbols.ts'

const requestSchemas: Schemas = { strict: schemas.request2, raw: schemas.request2Raw }

/** Proves all laws for one body. `thorough`: also has the generated codec read the parts. */
export function checkRequest2(body: Uint8Array, subject: Subject, thorough = true): Outcome {
  const { watch, settings } = subject.router
  const { batch, verdict, outcome } = scanAsTheCodecDoes(body, remoteWrite2, watch, requestSchemas, ({ fields }) => {
    const first = fields.find(({ number }) => number === 4)
    return first !== undefined && first.end > first.inner
  })
  if (batch === undefined) return outcome
  tableCoversBody(
    batch,
    verdict,
    body,
    5,
    verdict.fields.filter(({ number }) => number === 4),
  )
  const request = readPlainly(body, verdict.fields)
  const judged = request.series.map(({ node, content }, i) => {
    law((content === undefined) === batch.faults.has(i), `series ${i} is ${batch.faults.get(i) ?? 'not malformed'}`)
    law(batch.faults.has(i) === ((batch.flags[i]! & flag.faulty) !== 0), 'flags and faults disagree')
    const count = (number: number): number => node.children.filter((child) => child.number === number).length
    const contents = contentsOf(batch, Uint32Array.of(i), 1)
    law(
      contents.samples === count(2) && contents.histograms === count(3) && contents.exemplars === count(4),
      `series ${i} is said to hold ${JSON.stringify(contents)}`,
    )
    return content && { content, ...judge(content.labels, settings, subject.prefix) }
  })
  const got = split(batch, subject.router, subject.prefix, subject.cache)
  const seen = new Uint8Array(batch.count)
  for (const part of got.parts) {
    const indexes = [...part.indexes.subarray(0, part.count)]
    law(
      indexes.every((i, k) => k === 0 || indexes[k - 1]! < i),
      `${part.tenant}: series out of order`,
    )
    const wanted = indexes.map((i): PlainContent => {
      law(seen[i]!++ === 0, `series ${i} goes twice`)
      const one = judged[i]
      law(one?.isDelivered === true && one.tenant === part.tenant, `series ${i} goes to ${part.tenant}`)
      return { ...one.content, labels: one.content.labels.filter(({ name }) => !one.removed.has(name)) }
    })
    const gathered = remoteWrite2.gather(batch, part.indexes, part.count, !settings.keepLabel)
    partIs(gathered, wanted, request.unknown, `${part.tenant}’s part`)
    if (thorough) codecReads(body, gathered, indexes)
  }
  for (const [i, one] of judged.entries())
    law(seen[i] === (one?.isDelivered ? 1 : 0), `series ${i} goes ${seen[i]} times`)
  const lost = [...got.rejected, ...got.dropped].reduce((sum, refusal) => sum + refusal.count, 0)
  law(lost === seen.filter((times) => times === 0).length, 'a series is lost')
  if (thorough && batch.faults.size === 0) converts(body, batch.count)
  return outcome
}

/** Remote write 1 made of a body is well formed, and holds its series. */
function converts(body: Uint8Array, count: number): void {
  const one = toRemoteWrite1(body)
  const { fault, fields } = readStrictly(schemas.writeRequestRaw, one.body)
  law(fault === undefined, `remote write 1 made of it is ${fault}`)
  const series = fields.filter(({ number }) => number === 1).length
  law(series + one.lost.series === count, `remote write 1 made of it has ${series} series, not ${count}`)
}

/** A body made here holds these series, in this order, and these unknown fields, under a sound table. */
export function partIs(body: Uint8Array, wanted: readonly PlainContent[], unknown: Uint8Array, whose: string): void {
  const verdict = readStrictly(schemas.request2, body)
  law(verdict.fault === undefined, `${whose} is ${verdict.fault}`)
  const part = readPlainly(body, verdict.fields)
  tableIsSound(part, verdict.fields)
  law(part.series.length === wanted.length, `${whose} has ${part.series.length} series, not ${wanted.length}`)
  for (const [k, { content }] of part.series.entries()) {
    law(content !== undefined, `${whose}: series ${k} is malformed`)
    law(JSON.stringify(content.labels) === JSON.stringify(wanted[k]!.labels), `${whose}: series ${k} has other labels`)
    law(JSON.stringify(content.rest) === JSON.stringify(wanted[k]!.rest), `${whose}: series ${k} holds something else`)
  }
  law(Buffer.compare(part.unknown, unknown) === 0, `${whose} has other unknown fields`)
}

/** The generated codec finds in a part what it finds in the request, but for numbers. */
function codecReads(body: Uint8Array, part: Uint8Array, indexes: readonly number[]): void {
  const schema = schemas.request2Raw
  const request = decode(schema, body)
  const received = decode(schema, part)
  if (request === undefined) return
  law(received !== undefined, 'the codec refuses a part')
  request.timeseries = indexes.map((index) => request.timeseries[index]!)
  const texts = [request, received].map((one) => {
    const symbolOf = (ref: number): string => Buffer.from(one.symbols[ref] ?? []).toString('latin1')
    const found = one.timeseries.map((series) => [
      series.exemplars.map(({ labelsRefs }) => labelsRefs.map(symbolOf)),
      symbolOf(series.metadata?.helpRef ?? 0),
      symbolOf(series.metadata?.unitRef ?? 0),
    ])
    one.symbols = []
    for (const series of one.timeseries) {
      series.labelsRefs = []
      for (const exemplar of series.exemplars) exemplar.labelsRefs = []
      if (series.metadata !== undefined) series.metadata.helpRef = series.metadata.unitRef = 0
    }
    return JSON.stringify(found)
  })
  law(texts[0] === texts[1], 'the codec reads other texts')
  law(Buffer.compare(encode(schema, request), encode(schema, received)) === 0, 'the codec reads other series')
}
