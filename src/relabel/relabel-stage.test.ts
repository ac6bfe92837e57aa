import { create } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeFuzzer, type Protocol } from '../../test/fuzz/run.ts'
import { pushRequest } from '../../test/oracle/arbitrary/push-request.ts'
import { writeRequest } from '../../test/oracle/arbitrary/write-request.ts'
import { decode, encode, schemas } from '../../test/oracle/codec.ts'
import { concat, lengthField } from '../../test/oracle/encode.ts'
import { LabelSchema } from '../../test/oracle/gen/prometheus_raw_pb.ts'
import { checkTable } from '../../test/oracle/table.ts'
import { SluiceError } from '../errors.ts'
import { type Batch, flag } from '../wire/batch.ts'
import { type Codec, type Label, RESERVED_LABEL, watchLabels } from '../wire/codec.ts'
import { lokiPush } from '../wire/loki/codec.ts'
import { uncompress } from '../wire/snappy.ts'
import { remoteWrite1 } from '../wire/v1/codec.ts'
import { compileRules } from './relabel.ts'
import type { DropReason } from './relabel-series.ts'
import { RelabelStage } from './relabel-stage.ts'
import { completeRule, type WrittenRule } from './written-rule.ts'

const watch = watchLabels(['team'])
const text = new TextEncoder()
const rulesOf = (...rules: Partial<WrittenRule>[]) => rules.map((rule) => completeRule({ action: 'replace', ...rule }))

const rules = rulesOf(
  { action: 'drop', sourceLabels: ['job', 'zone'], regex: 'a;.*|.*;b' },
  { sourceLabels: ['team'], regex: '(.+)', targetLabel: '__tenant_id__', replacement: 'of-$1' },
  { action: 'labeldrop', regex: 'instance|le' },
  { sourceLabels: ['job'], regex: 'up', targetLabel: '__name__', replacement: 'down' },
  { action: 'labelmap', regex: '__ten(.*)', replacement: 'ten_$1' },
)

const series = (labels: readonly Label[], samples = 1): Uint8Array => {
  const sample = Uint8Array.of(0x12, 11, 0x09, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x10, 5)
  const fields = Array.from({ length: samples }, () => sample)
  return lengthField(1, concat(remoteWrite1.encodeLabels(labels), ...fields))
}
const scanned = (...all: Uint8Array[]): Batch => remoteWrite1.scan(concat(...all), watch)
const labelsOf = (batch: Batch) => Array.from({ length: batch.count }, (_, i) => batch.codec.labels(batch, i))
const bytesOf = (batch: Batch) => Buffer.from(batch.bytes)

test('series become what the rules say, with or without the cache, and the rest of the request is as it was', () => {
  let compared = 0
  let lean = 0
  const { relabel } = compileRules(rules)
  const cached = new RelabelStage(rules)
  const forgetful = new RelabelStage(rules, { cacheBytes: 0 })
  const schema = schemas.writeRequestRaw
  fc.assert(
    fc.property(writeRequest(), fc.constantFrom(watch, watchLabels([RESERVED_LABEL])), (body, watch) => {
      const batch = remoteWrite1.scan(body, watch)
      const result = forgetful.apply(batch)
      if (result.lean !== undefined) lean++
      checkTable(result)
      for (let times = 0; times < 2; times++) {
        const remembered = cached.apply(batch)
        expect(Buffer.compare(bytesOf(remembered), result.bytes)).toBe(0)
        checkTable(remembered)
      }
      const before = labelsOf(batch)
      const after = before.map((labels) => relabel(labels))
      if (after.every((labels, i) => labels === before[i] && labels?.length !== 0)) {
        expect(result).toBe(batch)
        return
      }
      const want = decode(schema, body)
      const got = decode(schema, result.bytes)
      if (want === undefined || got === undefined) return
      want.timeseries = want.timeseries.flatMap((one, i) => {
        const labels = after[i]
        if (labels === undefined || labels.length === 0) return []
        const encoded = ([name, value]: Label) => ({ name: text.encode(name), value: text.encode(value) })
        if (labels !== before[i]) one.labels = labels.map((label) => create(LabelSchema, encoded(label)))
        return [one]
      })
      compared++
      expect(Buffer.compare(encode(schema, got), encode(schema, want))).toBe(0)
    }),
    { numRuns: 300 },
  )
  expect(compared).toBeGreaterThan(75)
  expect(lean).toBeGreaterThan(20)
  expect(forgetful.cache.hits).toBe(0)
  expect(cached.cache.hits).toBeGreaterThan(cached.cache.misses)
})

test('streams of a push become what the rules say; malformed ones stay', () => {
  const { relabel } = compileRules(rules)
  const cached = new RelabelStage(rules)
  const forgetful = new RelabelStage(rules, { cacheBytes: 0 })
  let changed = 0
  fc.assert(
    fc.property(pushRequest(), (body) => {
      const batch = lokiPush.scan(body, watch)
      const result = forgetful.apply(batch)
      expect(Buffer.compare(bytesOf(cached.apply(batch)), result.bytes)).toBe(0)
      expect(Buffer.compare(bytesOf(cached.apply(batch)), result.bytes)).toBe(0)
      const want = labelsOf(batch).flatMap((labels, i) => {
        const after = batch.flags[i]! & flag.faulty ? labels : relabel(labels)
        return after === undefined || (after.length === 0 && !(batch.flags[i]! & flag.faulty)) ? [] : [after]
      })
      if (result !== batch) changed++
      expect(labelsOf(result)).toEqual(want)
      expect(result.faults.size).toBe(batch.faults.size)
    }),
    { numRuns: 200 },
  )
  expect(changed).toBeGreaterThan(40)
})

test('mutated bodies: whatever a scan accepts, the cached result is the uncached one and well formed', () => {
  const check = (protocol: Protocol, codec: Codec, count: number) => {
    const fuzzer = makeFuzzer(20_261_123, protocol, 300)
    const cached = new RelabelStage(rules, { cacheBytes: 100_000 })
    const forgetful = new RelabelStage(rules, { cacheBytes: 0 })
    let accepted = 0
    for (let n = 0; n < count; n++) {
      const batch = acceptedBatch(fuzzer.inputOf(n), codec)
      if (batch === undefined) continue
      accepted++
      const uncached = forgetful.apply(batch)
      const result = cached.apply(batch)
      expect(Buffer.compare(result.bytes, uncached.bytes), `input ${n}`).toBe(0)
      expect(result.metadata.length, `input ${n}`).toBe(batch.metadata.length)
      if (codec === remoteWrite1) checkTable(result)
    }
    expect(accepted).toBeGreaterThan(count / 10)
  }
  check('remote-write-1', remoteWrite1, 2000)
  check('loki', lokiPush, 1000)
})

const acceptedBatch = (block: Uint8Array, codec: Codec): Batch | undefined => {
  try {
    return codec.scan(uncompress(block, 1 << 20), watch)
  } catch (thrown) {
    if (thrown instanceof SluiceError) return undefined
    throw thrown
  }
}

test('a batch in which nothing changes goes on as it is', () => {
  const stage = new RelabelStage(rules)
  const batch = scanned(series([['__name__', 'up']]), series([['__name__', 'x']]))
  expect(stage.apply(batch)).toBe(batch)
  expect(stage.apply(batch)).toBe(batch)
  expect(stage.cache).toMatchObject({ hits: 2, misses: 2, count: 2 })
})

test('what is dropped is told by reason, with its samples', () => {
  const told: [DropReason, number, number][] = []
  const stage = new RelabelStage(rules, { onDropped: (...all) => told.push(all) })
  const batch = scanned(
    series([['job', 'a']], 2),
    series([['zone', 'b']], 3),
    series([['le', '1']], 4),
    series([['a', '']], 5),
    series(
      Array.from({ length: 1000 }, (_, k) => [`l${k}`, 'x'] as const),
      6,
    ),
    series([['__name__', 'up']], 7),
  )
  for (let times = 1; times <= 2; times++) {
    expect(labelsOf(stage.apply(batch))).toEqual([[['__name__', 'up']]])
    expect(told.splice(0)).toEqual([
      ['rule', 2, 5],
      ['no_labels', 2, 9],
      ['too_many_labels', 1, 6],
    ])
  }
  stage.apply(scanned(series([['__name__', 'up']])))
  expect(told).toEqual([])
})

test('one stage behind another: labels that rules of the first have set are there for the second', () => {
  const first = new RelabelStage(rulesOf({ sourceLabels: ['team'], targetLabel: '__tenant_id__' }))
  const second = new RelabelStage(rulesOf({ sourceLabels: ['__tenant_id__', 'job'], targetLabel: 'owner' }))
  const check = (watched: readonly string[], want: readonly string[]) => {
    const bodies = [
      series([
        ['job', 'x'],
        ['team', 'a'],
      ]),
      series([['job', 'y']]),
      series([
        ['job', 'x'],
        ['team', 'b'],
      ]),
    ]
    const result = second.apply(first.apply(remoteWrite1.scan(concat(...bodies), watchLabels(watched))))
    checkTable(result)
    expect(labelsOf(result).map((labels) => labels.map((label) => label.join('=')).join())).toEqual(want)
  }
  for (let times = 0; times < 2; times++) {
    for (const watched of [['__tenant_id__'], ['team'], []]) {
      check(watched, [
        '__tenant_id__=a,job=x,owner=a;x,team=a',
        'job=y,owner=;y',
        '__tenant_id__=b,job=x,owner=b;x,team=b',
      ])
    }
  }
})

test('external labels come first, and the table of the result shows the tenant that rules made', () => {
  const stage = new RelabelStage(rulesOf({ sourceLabels: ['zone'], targetLabel: 'team' }), {
    externalLabels: [['zone', 'eu']],
  })
  const result = stage.apply(scanned(series([['__name__', 'up']])))
  expect(labelsOf(result)).toEqual([
    [
      ['__name__', 'up'],
      ['team', 'eu'],
      ['zone', 'eu'],
    ],
  ])
  expect(Buffer.from(result.values.subarray(result.valueStart[0], result.valueEnd[0])).toString()).toBe('eu')
})

test('what is remembered for some watched names is not taken for others', () => {
  const stage = new RelabelStage(rulesOf({ targetLabel: 'zone', replacement: 'eu' }))
  const body = series([
    ['__name__', 'up'],
    ['team', 'a'],
  ])
  const check = (names: readonly string[], want: string) => {
    const result = stage.apply(remoteWrite1.scan(body, watchLabels(names)))
    checkTable(result)
    expect(Buffer.from(result.values.subarray(result.valueStart[0], result.valueEnd[0])).toString()).toBe(want)
  }
  for (let times = 0; times < 2; times++) {
    check(['team'], 'a')
    check(['zone', 'team'], 'eu')
    check(['nothing'], '')
  }
  expect(stage.cache).toMatchObject({ hits: 3, misses: 3 })
})

test('metrics and logs through one stage keep apart what is remembered of them', () => {
  const stage = new RelabelStage(rulesOf({ targetLabel: 'zone', replacement: 'eu' }))
  const labelText = Buffer.from(lokiPush.encodeLabels([['a', 'b']]))
  const push = lokiPush.scan(lengthField(1, lengthField(1, labelText)), watch)
  for (let times = 0; times < 2; times++) {
    for (const batch of [scanned(series([['a', 'b']])), push]) {
      expect(labelsOf(stage.apply(batch))).toEqual([
        [
          ['a', 'b'],
          ['zone', 'eu'],
        ],
      ])
    }
  }
  expect(stage.cache).toMatchObject({ hits: 2, misses: 2 })
})

test('rules that blow a request up beyond measure end in a refusal', () => {
  const stage = new RelabelStage(rulesOf({ targetLabel: 'x', replacement: 'v'.repeat(10_000) }), { maxBytes: 50_000 })
  const one = series([['a', 'b']])
  expect(stage.apply(scanned(one, one, one, one)).bytes.length).toBeGreaterThan(40_000)
  expect(() => stage.apply(scanned(one, one, one, one, one))).toThrow(SluiceError)
  expect(stage.apply(scanned(one)).count).toBe(1)
})
