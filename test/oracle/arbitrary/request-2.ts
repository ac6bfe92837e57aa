// Generates remote write 2 bodies that every codec must accept: what Prometheus sends, and whatever else is legal; now
// and then with references that lead nowhere, for which a series is malformed.

import fc from 'fast-check'
import { concat, fixed64Field, lengthField, tag, varint, varintField } from '../encode.ts'
import {
  type Bytes,
  doubleBits,
  doubleFieldOf,
  lengthFieldOf,
  maybeUnknown,
  rarely,
  timestamp,
  varintFieldOf,
} from './wire.ts'
import { histogramOf, labelName, labelValue } from './write-request.ts'

const text = new TextEncoder()

/** How references are written: how many bytes too long each is, and where the pieces end; 0 is a field of its own. */
interface Style {
  readonly padding: number
  readonly pieces: readonly number[]
}

const style: fc.Arbitrary<Style> = rarely(
  fc.constant<Style>({ padding: 0, pieces: [] }),
  fc.record({ padding: fc.constantFrom(0, 0, 1, 4), pieces: fc.array(fc.nat(3), { maxLength: 6 }) }),
  6,
)

function writeRefs(refs: readonly number[], { padding, pieces }: Style): Uint8Array[] {
  const one = (ref: number): Uint8Array => varint(ref, padding)
  const fields: Uint8Array[] = []
  let at = 0
  for (const size of pieces) {
    if (at >= refs.length) break
    if (size === 0) fields.push(concat(tag(1, 0), one(refs[at]!)))
    else fields.push(lengthField(1, concat(...refs.slice(at, at + size).map(one))))
    at += Math.max(size, 1)
  }
  if (at < refs.length) fields.push(lengthField(1, concat(...refs.slice(at).map(one))))
  return fields
}

type Pairs = readonly (readonly [Uint8Array, Uint8Array])[]

/** Turns texts into references. */
type RefOf = (symbol: Uint8Array) => number

/** A message whose references are not known before the table is. */
type Pending = (refOf: RefOf) => Uint8Array

const pairsOf = (most: number): fc.Arbitrary<Pairs> => fc.array(fc.tuple(labelName, labelValue), { maxLength: most })

const refsOf = (pairs: Pairs, refOf: RefOf): number[] => pairs.flatMap(([name, value]) => [refOf(name), refOf(value)])

const sample: Bytes = fc.tuple(doubleBits, timestamp).chain(([bits, time]) =>
  rarely(
    fc.constant([fixed64Field(1, bits), varintField(2, time)]),
    fc.oneof(
      timestamp.map((start) => [fixed64Field(1, bits), varintField(2, time), varintField(3, start)]),
      fc.constantFrom(
        [varintField(2, time)],
        [fixed64Field(1, bits)],
        [],
        [varintField(2, time), fixed64Field(1, bits)],
      ),
      fc.tuple(doubleFieldOf(1), varintFieldOf(2, timestamp), varintFieldOf(3, timestamp)),
      maybeUnknown([1, 2, 3]).map((unknown) => [fixed64Field(1, bits), varintField(2, time), ...unknown]),
    ),
    4,
  ).map((fields) => concat(...fields)),
)

const exemplar: fc.Arbitrary<Pending> = fc
  .tuple(pairsOf(2), style, doubleFieldOf(2), varintFieldOf(3, timestamp), maybeUnknown([1, 2, 3]), fc.nat(39))
  .map(([pairs, way, value, time, unknown, shape]) => (refOf) => {
    const refs = writeRefs([...refsOf(pairs, refOf), ...(shape === 0 ? [0] : [])], way)
    return concat(...(shape % 2 === 1 ? [value, ...unknown, ...refs, time] : [...refs, value, time, ...unknown]))
  })

const words = fc.constantFrom('', 'How many.', 'seconds', 'é').map((word) => text.encode(word))

const metadata: fc.Arbitrary<Pending> = fc
  .tuple(fc.nat(9), words, words, maybeUnknown([1, 3, 4]), fc.nat(6))
  .map(([type, help, unit, unknown, shape]) => (refOf) => {
    const helpField = varintField(3, refOf(help), shape === 1 ? 2 : 0)
    const unitField = varintField(4, refOf(unit))
    if (shape === 0) return concat(...unknown)
    if (shape === 2) return concat(unitField, helpField, helpField, varintField(1, type))
    return concat(varintField(1, type), helpField, unitField, ...unknown)
  })

const someOf = (number: number, content: Bytes, maxLength: number): fc.Arbitrary<Uint8Array[]> =>
  fc.array(lengthFieldOf(number, content), { maxLength })

const few = <T>(one: fc.Arbitrary<T>, maxLength: number, rarity: number): fc.Arbitrary<T[]> =>
  rarely(fc.constant<T[]>([]), fc.array(one, { maxLength }), rarity)

const series: fc.Arbitrary<Pending> = fc
  .tuple(
    pairsOf(6),
    style,
    someOf(2, sample, 2),
    rarely(fc.constant<Uint8Array[]>([]), someOf(3, histogramOf(true), 2), 4),
    few(exemplar, 2, 4),
    few(metadata, 2, 2),
    maybeUnknown([1, 2, 3, 4, 5]),
    fc.tuple(fc.nat(12), fc.nat(40)),
  )
  .map(([pairs, way, samples, histograms, exemplars, about, unknown, [order, odd]]) => (refOf) => {
    const refs = refsOf(pairs, refOf)
    if (odd === 0) refs.push(0)
    const labels = writeRefs(refs, way)
    const rest = [
      ...samples,
      ...histograms,
      ...exemplars.map((one) => lengthField(4, one(refOf))),
      ...about.map((one) => lengthField(5, one(refOf))),
      ...unknown,
    ]
    if (order === 0) return concat(...rest, ...labels)
    if (order === 1) return concat(...labels.slice(0, 1), ...rest, ...labels.slice(1))
    return concat(...labels, ...rest)
  })

/** Whole bodies of at most `maxSeries` series. */
export const request2 = (maxSeries = 8): Bytes =>
  fc
    .tuple(
      fc.array(series, { maxLength: maxSeries }),
      rarely(fc.constant<Uint8Array[]>([]), maybeUnknown([4, 5]), 3),
      // Symbols before the first use, and whether one may be there twice.
      fc.array(fc.oneof(labelName, labelValue), { maxLength: 4 }),
      rarely(fc.constant(false), fc.constant(true), 5),
      // The first symbol, which reference leads nowhere, and the order of the top-level fields.
      rarely(fc.constant(''), fc.constant('x'), 40),
      rarely(fc.constant(-1), fc.nat(30), 3),
      fc.nat(9),
    )
    .map(([all, unknown, early, repeats, first, spoilt, order]) => {
      const symbols = [text.encode(first), ...early]
      const known = new Map<string, number>([['', 0]])
      let uses = 0
      const refOf: RefOf = (symbol) => {
        if (uses++ === spoilt) return spoilt % 2 === 0 ? 0xffff_ffff : symbols.length + 300
        const key = Buffer.from(symbol).toString('latin1')
        const ref = (repeats && uses % 3 === 0 ? undefined : known.get(key)) ?? symbols.push(symbol) - 1
        known.set(key, ref)
        return ref
      }
      const fields = all.map((one) => lengthField(5, one(refOf)))
      const table = symbols.map((symbol, k) => lengthField(4, symbol, 0, order === 0 ? k % 3 : 0))
      if (order === 1) return concat(...fields, ...table, ...unknown)
      if (order === 2) return concat(...unknown, ...table.slice(0, 2), ...fields, ...table.slice(2))
      return concat(...table, ...fields, ...unknown)
    })
