// Generates remote write 1 bodies that every codec must accept: what Prometheus sends, and whatever else is legal.

import fc from 'fast-check'
import { fixed64Field, lengthField, varintField } from '../encode.ts'
import {
  type Bytes,
  doubleBits,
  doubleFieldOf,
  lengthFieldOf,
  maybeUnknown,
  message,
  rarely,
  repeatedOf,
  timestamp,
  uint64,
  varintFieldOf,
  varintOf,
} from './wire.ts'

const text = new TextEncoder()
const strings = (...values: readonly string[]): Bytes => fc.constantFrom(...values).map((value) => text.encode(value))

/** Label names the tests route by; the rest of the pool is near misses and neighbours. */
export const tenantLabels: readonly string[] = ['__tenant__', 'team', '__tenant_id__']

export const labelName: Bytes = rarely(
  strings('__name__', 'job', 'instance', 'le', 'zone', ...tenantLabels, ...tenantLabels),
  fc.oneof(
    strings(
      '',
      '__tenant',
      '__tenant_',
      '__tenant__x',
      '\ufeff__tenant__',
      '__tenant__\0',
      '__TENANT__',
      'ünï',
      'x'.repeat(130),
    ),
    fc.uint8Array({ maxLength: 12 }),
  ),
)

export const labelValue: Bytes = rarely(
  strings('a', 'b', 'team-1', "x!-_.*'()", 'up', 'localhost:9090', ''),
  fc.oneof(
    strings(
      '.',
      '..',
      '__mimir_cluster',
      'a|b',
      'a/b',
      'A\r\nX-Evil: 1',
      'té',
      '\ufeffa',
      'a\0',
      'v'.repeat(150),
      'v'.repeat(151),
    ),
    fc.uint8Array({ maxLength: 12 }),
    fc.constantFrom(127, 128, 16_383, 16_384, 20_000).map((length) => new Uint8Array(length).fill(0x76)),
  ),
  20,
)

/** One Label message: usually name then value, now and then reversed, incomplete, said twice, or with more in it. */
const label: Bytes = fc.tuple(labelName, labelValue).chain(([name, value]) => {
  const nameField = lengthField(1, name)
  const valueField = lengthField(2, value)
  return rarely(
    fc.constant([nameField, valueField]),
    fc.oneof(
      fc.constantFrom([valueField, nameField], [nameField], [valueField], []),
      fc.tuple(labelName, labelValue).map(([n, v]) => [lengthField(1, n), nameField, lengthField(2, v), valueField]),
      fc.tuple(lengthFieldOf(1, fc.constant(name)), lengthFieldOf(2, fc.constant(value))),
      maybeUnknown([1, 2]).map((unknown) => [nameField, ...unknown, valueField]),
    ),
  ).map((fields) => Uint8Array.from(fields.flatMap((field) => [...field])))
})

const sample: Bytes = fc.tuple(doubleBits, timestamp).chain(([bits, time]) =>
  rarely(
    fc.constant([fixed64Field(1, bits), varintField(2, time)]),
    fc.oneof(
      fc.constantFrom(
        [varintField(2, time), fixed64Field(1, bits)],
        [varintField(2, time)],
        [fixed64Field(1, bits)],
        [],
      ),
      fc.tuple(doubleFieldOf(1), varintFieldOf(2, timestamp), varintFieldOf(2, timestamp)),
      maybeUnknown([1, 2]).map((unknown) => [fixed64Field(1, bits), varintField(2, time), ...unknown]),
    ),
  ).map((fields) => Uint8Array.from(fields.flatMap((field) => [...field]))),
)

const exemplar: Bytes = message(
  fc
    .tuple(
      fc.array(lengthFieldOf(1, label), { maxLength: 2 }),
      doubleFieldOf(2),
      varintFieldOf(3, timestamp),
      maybeUnknown([1, 2, 3]),
    )
    .map(([labels, value, time, unknown]) => [...labels, value, time, ...unknown]),
)

const span: Bytes = message(fc.tuple(varintFieldOf(1, uint64), varintFieldOf(2, uint64)))
const doubleElement: Bytes = doubleBits.map((bits) => fixed64Field(1, bits).subarray(1))
const buckets = (spans: number, deltas: number, counts: number): fc.Arbitrary<Uint8Array[]> =>
  fc.tuple(
    lengthFieldOf(spans, span),
    repeatedOf(deltas, 0, varintOf(uint64)),
    rarely(fc.constant(new Uint8Array(0)), repeatedOf(counts, 1, doubleElement), 3),
  )

/** A Histogram; `start`: with the start timestamp of remote write 2. */
export const histogramOf = (start: boolean): Bytes =>
  message(
    fc
      .tuple(
        fc.oneof(varintFieldOf(1, uint64), doubleFieldOf(2)),
        doubleFieldOf(3),
        varintFieldOf(4, uint64),
        doubleFieldOf(5),
        fc.oneof(varintFieldOf(6, uint64), doubleFieldOf(7)),
        buckets(8, 9, 10),
        buckets(11, 12, 13),
        varintFieldOf(14, fc.bigInt({ min: 0n, max: 5n })),
        varintFieldOf(15, timestamp),
        repeatedOf(16, 1, doubleElement),
        start ? varintFieldOf(17, timestamp) : fc.constant(new Uint8Array(0)),
        maybeUnknown(Array.from({ length: start ? 17 : 16 }, (_, k) => k + 1)),
      )
      .map((fields) => fields.flat()),
  )
const histogram = histogramOf(false)

const metadata: Bytes = message(
  fc
    .tuple(
      varintFieldOf(1, fc.bigInt({ min: 0n, max: 9n })),
      lengthFieldOf(2, strings('up', 'http_requests', '')),
      lengthFieldOf(4, strings('How many.', '', 'é')),
      lengthFieldOf(5, strings('', 'seconds')),
      maybeUnknown([1, 2, 4, 5]),
    )
    .map(([type, family, help, unit, unknown]) => [type, family, help, unit, ...unknown]),
)

const someOf = (number: number, content: Bytes, maxLength: number): fc.Arbitrary<Uint8Array[]> =>
  fc.array(lengthFieldOf(number, content), { maxLength })

const series: Bytes = message(
  fc
    .tuple(
      someOf(1, label, 6),
      someOf(2, sample, 2),
      rarely(fc.constant<Uint8Array[]>([]), someOf(3, exemplar, 2), 4),
      rarely(fc.constant<Uint8Array[]>([]), someOf(4, histogram, 2), 4),
      maybeUnknown([1, 2, 3, 4]),
    )
    .map((fields) => fields.flat()),
)

/** Whole bodies of at most `maxSeries` series, with metadata and unknown fields anywhere between them. */
export const writeRequest = (maxSeries = 8): Bytes =>
  message(
    fc
      .tuple(
        someOf(1, series, maxSeries),
        rarely(fc.constant<Uint8Array[]>([]), someOf(3, metadata, 3), 3),
        rarely(fc.constant<Uint8Array[]>([]), maybeUnknown([1, 3]), 3),
      )
      .map((fields) => fields.flat()),
  )
