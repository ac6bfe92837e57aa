import { expect, test } from 'vitest'
import { decode, schemas } from '../../../test/oracle/codec.ts'
import { lengthField, varintField } from '../../../test/oracle/encode.ts'
import { encodeHistogram, encodeWriteRequest, type LabelInput } from '../../dev/encode.ts'
import { encodeRequest2, type SeriesInput2 } from '../../dev/encode-v2.ts'
import { type Batch, flag, NONE } from '../batch.ts'
import { mostLabels, watchLabels } from '../codec.ts'
import { remoteWrite1 } from '../v1/codec.ts'
import { remoteWrite2 } from './codec.ts'
import { contentsOf } from './written.ts'

const all = (count: number) => Uint32Array.from({ length: count }, (_, i) => i)
const labels = (own: Record<string, string>): LabelInput[] => Object.entries(own)
const series = (own: Record<string, string>, more: Partial<SeriesInput2> = {}): SeriesInput2 => ({
  labels: labels(own),
  samples: [[1, 5]],
  ...more,
})
const encode = (...all: SeriesInput2[]) => encodeRequest2({ series: all })
const scan = (body: Uint8Array, ...names: string[]) => remoteWrite2.scan(body, watchLabels(names))
const text = (batch: Batch, start: number, end: number) => Buffer.from(batch.values.subarray(start, end)).toString()

/** Symbols, and the labels' references, of a body. */
const shown = (body: Uint8Array) => {
  const message = decode(schemas.request2, body)!
  return [message.symbols.join(), ...message.timeseries.map(({ labelsRefs }) => labelsRefs.join())].join(' | ')
}

test('finds each series, its tenant by preference, its name and its samples', () => {
  const body = encode(
    series({ __name__: 'up', a: '1', b: '2' }),
    series({ __name__: 'down', b: '3' }, { histograms: [encodeHistogram(3, 4, 5)] }),
    series({ c: '4' }, { samples: [] }),
  )
  const batch = scan(body, 'b', 'a')
  expect(batch.count).toBe(3)
  expect([...batch.which]).toEqual([0, 0, NONE])
  const values = [0, 1, 2].map((i) => text(batch, batch.valueStart[i]!, batch.valueEnd[i]!))
  expect(values).toEqual(['2', '3', ''])
  const names = [0, 1, 2].map((i) => text(batch, batch.nameStart[i]!, batch.nameEnd[i]!))
  expect(names).toEqual(['up', 'down', ''])
  expect([...batch.samples]).toEqual([1, 2, 0])
  expect(remoteWrite2.labels(batch, 0)).toEqual(labels({ __name__: 'up', a: '1', b: '2' }))
  expect(contentsOf(batch, all(3), 3)).toEqual({ samples: 2, histograms: 1, exemplars: 0 })
})

test('an empty value gives way to the next name in preference', () => {
  expect(scan(encode(series({ a: '', b: 'x' })), 'a', 'b').which[0]).toBe(1)
})

test('each part has a symbol table of its own, with what it uses', () => {
  const body = encode(
    series({ __name__: 'up', t: 'x', z: '1' }),
    series({ __name__: 'up', t: 'y', z: '2' }, { metadata: { type: 1, help: 'How.', unit: 's' } }),
  )
  const batch = scan(body, 't')
  const part = (i: number, removes: boolean) => shown(remoteWrite2.gather(batch, Uint32Array.of(i), 1, removes))
  expect(part(0, true)).toBe(',__name__,up,z,1 | 1,2,3,4')
  expect(part(1, true)).toBe(',__name__,up,z,2,How.,s | 1,2,3,4')
  expect(part(1, false)).toBe(',__name__,up,t,y,z,2,How.,s | 1,2,3,4,5,6')
  expect(Buffer.from(remoteWrite2.gather(batch, all(2), 2, false))).toEqual(Buffer.from(body))
})

test('all but references stays byte for byte, unknown fields in their place', () => {
  const odd = encodeRequest2({
    symbols: ['', 'unused', 'trace', 'unused'],
    series: [
      series(
        { __name__: 'up' },
        {
          samples: [[0x7ff0000000000002n, 1, 2]],
          exemplars: [{ labels: [['trace', 'x']], value: 0x7ff8000000000001n, tsMs: 3 }],
          extra: Buffer.concat([varintField(6, 77), lengthField(99, Uint8Array.of(1))]),
        },
      ),
    ],
    extra: lengthField(9, Uint8Array.of(1, 2, 3)),
  })
  const part = remoteWrite2.gather(scan(odd, 't'), all(1), 1, true)
  expect(Buffer.from(part)).toEqual(
    Buffer.from(
      encodeRequest2({
        series: [
          series(
            { __name__: 'up' },
            {
              samples: [[0x7ff0000000000002n, 1, 2]],
              exemplars: [{ labels: [['trace', 'x']], value: 0x7ff8000000000001n, tsMs: 3 }],
              extra: Buffer.concat([varintField(6, 77), lengthField(99, Uint8Array.of(1))]),
            },
          ),
        ],
        extra: lengthField(9, Uint8Array.of(1, 2, 3)),
      }),
    ),
  )
})

test('a symbol that is there twice is there once, and any empty one is the first', () => {
  const body = encodeRequest2({
    symbols: ['', 'a', 'b', '', 'a'],
    series: [{ labelRefs: [1, 2, 4, 3] }, { labelRefs: [4, 2] }],
  })
  expect(shown(remoteWrite2.gather(scan(body), all(2), 2, false))).toBe(',a,b | 1,2,1,0 | 1,2')
})

test('a label that occurs twice goes twice, and the reserved one always goes', () => {
  const body = encodeRequest2({
    series: [
      {
        labels: [
          ['a', '1'],
          ['t', 'x'],
          ['t', 'y'],
          ['__tenant_id__', 'z'],
        ],
      },
    ],
  })
  const batch = scan(body, 't')
  expect(batch.flags[0]! & flag.repeated).toBeTruthy()
  expect(shown(remoteWrite2.gather(batch, all(1), 1, true))).toBe(',a,1 | 1,2')
  expect(shown(remoteWrite2.gather(batch, all(1), 1, false))).toBe(',a,1,t,x,y | 1,2,3,4,3,5')
  const named = scan(body, 't', '__tenant_id__')
  expect(Buffer.from(remoteWrite2.gather(named, all(1), 1, false))).toEqual(Buffer.from(body))
})

test('says what removal would leave', () => {
  const check = (own: Record<string, string>, want: number) =>
    expect(scan(encode(series(own)), 't').flags[0]! & (flag.bare | flag.reservedOnly)).toBe(want)
  check({ t: 'x' }, flag.bare)
  check({ __tenant_id__: 'x' }, flag.bare | flag.reservedOnly)
  check({ t: 'x', __tenant_id__: 'x' }, flag.bare)
  check({ a: 'x', t: 'x' }, 0)
})

test('a bad reference costs its series, not the request', () => {
  const check = (bad: Partial<SeriesInput2>, fault: string) => {
    const batch = scan(
      encodeRequest2({ symbols: ['', 't', 'a'], series: [{ labelRefs: [1, 2], ...bad }, { labelRefs: [1, 2] }] }),
      't',
    )
    expect([...batch.faults]).toEqual([[0, fault]])
    expect([...batch.flags].map((bits) => bits & flag.faulty)).toEqual([flag.faulty, 0])
    expect([...batch.which]).toEqual([NONE, 0])
  }
  const raw = (number: number, ...bytes: number[]) => ({ extra: lengthField(number, Uint8Array.from(bytes)) })
  check({ labelRefs: [1, 3] }, 'label reference 3 is outside of the symbols table (size 3)')
  check({ labelRefs: [300, 1, 2] }, 'label reference 300 is outside of the symbols table (size 3)')
  check({ labelRefs: [1, 2, 1] }, 'an odd number of label references')
  check({ labelRefs: [1, 2 ** 32 + 2] }, 'label reference 4294967298 is outside of the symbols table (size 3)')
  check(raw(4, 0x0a, 2, 1, 9), 'exemplar label reference 9 is outside of the symbols table (size 3)')
  check(raw(4, 0x0a, 1, 1), 'an odd number of exemplar label references')
  check(raw(4, 0x08, 1), 'an odd number of exemplar label references')
  check(raw(5, 0x18, 3), 'help or unit reference 3 is outside of the symbols table (size 3)')
  check(raw(5, 0x20, 0x80, 1), 'help or unit reference 128 is outside of the symbols table (size 3)')
})

test('a table that does not begin with the empty string is refused', () => {
  expect(() => scan(encodeRequest2({ symbols: ['a'] }))).toThrow(/the first symbol is not the empty string/)
  expect(scan(encodeRequest2({ symbols: [] })).count).toBe(0)
})

test('labels in several pieces, or one by one, are read, removed and written in one', () => {
  const packed = (...refs: number[]) => lengthField(1, Uint8Array.from(refs))
  const one = (ref: number) => varintField(1, ref)
  const check = (...pieces: Uint8Array[]) => {
    const body = encodeRequest2({
      symbols: ['', 't', 'a', 'z', 'y'],
      series: [{ extra: Buffer.concat(pieces), samples: [[1, 5]] }],
    })
    const batch = scan(body, 't')
    expect(text(batch, batch.valueStart[0]!, batch.valueEnd[0]!)).toBe('a')
    expect(remoteWrite2.labels(batch, 0)).toEqual(labels({ t: 'a', z: 'y' }))
    expect(shown(remoteWrite2.gather(batch, all(1), 1, true))).toBe(',z,y | 1,2')
    expect(remoteWrite2.labelValues(batch, 0, [Buffer.from('z')])).toBe('1:y')
  }
  check(packed(1, 2, 3, 4))
  check(packed(1, 2), packed(3, 4))
  check(packed(1), packed(2, 3), packed(), packed(4))
  check(one(1), one(2), one(3), one(4))
  check(packed(1, 2, 3), varintField(77, 5), one(4))
})

test('the hash of labels is that of the same labels in remote write 1, whatever their numbers', () => {
  const own = labels({ __name__: 'up', empty: '', long: 'v'.repeat(200), ü: 'ü' })
  const one = remoteWrite1.scan(
    encodeWriteRequest({ series: [{ labels: own.filter(([, v]) => v !== '') }] }),
    watchLabels([]),
  )
  const check = (symbols: string[]) => {
    const body = encodeRequest2({ symbols, series: [{ labels: own.filter(([, v]) => v !== ''), samples: [[1, 2]] }] })
    expect(remoteWrite2.labelHash(scan(body), 0)).toBe(remoteWrite1.labelHash(one, 0))
  }
  check([''])
  check(['', 'x', 'up', 'up', '__name__'])
})

test('times of samples and histograms', () => {
  const body = encode(
    series(
      { a: 'b' },
      {
        samples: [
          [1, 50],
          [1, -7, 3],
        ],
      },
    ),
    series({ a: 'b' }, { samples: [], histograms: [encodeHistogram(1, 1, 90)] }),
  )
  expect(remoteWrite2.times(body)).toEqual({ oldestMs: -7, newestMs: 90 })
  expect(remoteWrite2.times(encode())).toEqual({
    oldestMs: Number.POSITIVE_INFINITY,
    newestMs: Number.NEGATIVE_INFINITY,
  })
})

test('bodies become one, their symbols one table', () => {
  const one = encode(series({ __name__: 'up', t: 'x' }))
  const two = encodeRequest2({
    series: [series({ __name__: 'down', t: 'x' }, { metadata: { help: 'up' } })],
    extra: lengthField(9, Uint8Array.of(1)),
  })
  const joined = remoteWrite2.join!(Buffer.concat([one, two, one]), [one.length, two.length, one.length])
  expect(shown(joined)).toBe(',__name__,up,t,x,down | 1,2,3,4 | 1,5,3,4 | 1,2,3,4')
  expect(remoteWrite2.scan(joined, watchLabels([])).unknown).toHaveLength(1)
  expect(remoteWrite2.join!(one, [one.length])).toBe(one)
})

test('a series of very many labels is routed as any other, and not listed whole', () => {
  const refs = Array.from({ length: 200_000 }, () => 0)
  const body = encodeRequest2({ symbols: ['', 't', 'a'], series: [{ labelRefs: [...refs, 1, 2] }] })
  const batch = scan(body, 't')
  expect(batch.which[0]).toBe(0)
  const listed = remoteWrite2.labels(batch, 0)
  expect([listed.length, listed.at(-1)]).toEqual([mostLabels + 1, ['t', 'a']])
})
