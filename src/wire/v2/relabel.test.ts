import fc from 'fast-check'
import { expect, test } from 'vitest'
import { request2 } from '../../../test/oracle/arbitrary/request-2.ts'
import { schemas } from '../../../test/oracle/codec.ts'
import { partIs } from '../../../test/oracle/request-2-laws.ts'
import { readStrictly } from '../../../test/oracle/strict.ts'
import { type PlainContent, readPlainly } from '../../../test/oracle/symbols.ts'
import { decision, relabelled } from '../../../test/support/relabelled.ts'
import { encodeRequest2, type Request2Input } from '../../dev/encode-v2.ts'
import { type Label, watchLabels } from '../codec.ts'
import { Output } from '../copy.ts'
import { remoteWrite2 } from './codec.ts'

const watch = watchLabels(['team'])

const bytesAsText = (text: string): string => Buffer.from(text).toString('latin1')

test('other labels, and everything else as it was, whatever the encoding', () => {
  let compared = 0
  fc.assert(
    fc.property(request2(), fc.array(decision, { minLength: 1, maxLength: 8 }), (body, chosen) => {
      const { fault, fields } = readStrictly(schemas.request2Raw, body)
      const first = fields.find(({ number }) => number === 4)
      if (fault !== undefined || (first !== undefined && first.end > first.inner)) return
      const { batch, decisions, result } = relabelled(remoteWrite2, body, (i) => chosen[i % chosen.length])
      const kept = [...decisions.keys()].filter((i) => decisions[i] !== undefined)
      if (decisions.every((one) => one === 'same')) {
        expect(result).toBe(batch)
        return
      }
      expect([...result.faults]).toEqual(
        kept.flatMap((i, k) => (batch.faults.has(i) ? [[k, batch.faults.get(i)]] : [])),
      )
      expect([...result.samples]).toEqual(kept.map((i) => batch.samples[i]))
      for (const [k, i] of kept.entries()) {
        const want = decisions[i] === 'same' ? remoteWrite2.labels(batch, i) : decisions[i]
        expect(remoteWrite2.labels(result, k)).toEqual(want)
      }
      if (batch.faults.size === 0) {
        const request = readPlainly(body, fields)
        const want = kept.map((i): PlainContent => {
          const content = request.series[i]!.content!
          const labels = decisions[i] as readonly Label[] | 'same'
          if (labels === 'same') return content
          const given = labels.map(([name, value]) => ({ name: bytesAsText(name), value: bytesAsText(value) }))
          return { ...content, labels: given }
        })
        partIs(result.bytes, want, request.unknown, 'what was relabelled')
        compared++
      }
      // What has found its place once is found there again.
      const again = remoteWrite2.scan(result.bytes.slice(), watch)
      expect([...again.which, ...again.valueStart, ...again.samples, ...again.flags]).toEqual([
        ...result.which,
        ...result.valueStart,
        ...result.samples,
        ...result.flags,
      ])
    }),
    { numRuns: 600 },
  )
  expect(compared).toBeGreaterThan(75)
})

test('labels are shown as they are encoded, whatever their numbers', () => {
  const labels: Label[] = [
    ['__name__', 'up'],
    ['team', 'v'.repeat(300)],
    ['', 'empty'],
  ]
  const shownIn = (input: Request2Input) => {
    const rewriter = remoteWrite2.rewriter(remoteWrite2.scan(encodeRequest2(input), watch), new Output())
    rewriter.locate(0)
    expect(rewriter.view.getUint8(rewriter.start)).toBe(8)
    return Buffer.from(rewriter.bytes.subarray(rewriter.start, rewriter.end))
  }
  const want = Buffer.from(remoteWrite2.encodeLabels(labels))
  expect(shownIn({ series: [{ labels }] }).equals(want)).toBe(true)
  expect(shownIn({ symbols: ['', 'x', 'team', 'up', 'up'], series: [{ labels }] }).equals(want)).toBe(true)
  const other = remoteWrite2.encodeLabels([...labels].reverse())
  expect(want.equals(other)).toBe(false)
})

test('what is dropped leaves no text behind; what is new comes once', () => {
  const body = encodeRequest2({
    series: [
      { labels: [['__name__', 'gone']], samples: [[1, 1]] },
      { labels: [['__name__', 'kept']], samples: [[2, 1]], metadata: { type: 1, help: 'kept', unit: 'seconds' } },
      { labels: [['__name__', 'other']], samples: [[3, 1]] },
    ],
  })
  const { result } = relabelled(remoteWrite2, body, (i) => {
    if (i === 0) return undefined
    return i === 1
      ? 'same'
      : [
          ['__name__', 'kept'],
          ['new', 'seconds'],
        ]
  })
  const want = encodeRequest2({
    symbols: ['', '__name__', 'kept', 'seconds', 'new'],
    series: [
      { labels: [['__name__', 'kept']], samples: [[2, 1]], metadata: { type: 1, help: 'kept', unit: 'seconds' } },
      {
        labels: [
          ['__name__', 'kept'],
          ['new', 'seconds'],
        ],
        samples: [[3, 1]],
      },
    ],
  })
  expect(Buffer.from(result.bytes).toString('latin1')).toBe(Buffer.from(want).toString('latin1'))
})

test('a malformed series stays malformed, for the reason it had', () => {
  const body = encodeRequest2({
    series: [
      { labels: [['__name__', 'a']], samples: [[1, 1]] },
      { labelRefs: [1, 2, 1, 900], samples: [[1, 1], [2, 2]] }, // biome-ignore format: one line a series
    ],
  })
  const { batch, result } = relabelled(remoteWrite2, body, () => undefined)
  expect([batch.faults.get(1), result.count, result.samples[0]]).toEqual([result.faults.get(0), 1, 2])
  expect(result.faults.get(0)).toBe('label reference 900 is outside of the symbols table (size 3)')
  expect(remoteWrite2.labels(result, 0)).toEqual([['__name__', 'a']])
})

test('one output serves one body after another, however much they grow', () => {
  const output = new Output()
  for (const count of [1, 50, 3]) {
    const series = Array.from({ length: count }, (_, i) => ({
      labels: [['a', `${i}`]] as const,
      samples: [[i, 1]] as const,
    }))
    const wide = (i: number): Label[] => [['a', `${i}`.repeat(50_000)]]
    const { result } = relabelled(remoteWrite2, encodeRequest2({ series }), wide, output)
    const want = encodeRequest2({ series: series.map((one, i) => ({ ...one, labels: wide(i) })) })
    expect(Buffer.compare(result.bytes, want)).toBe(0)
  }
})
