import { create } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { writeRequest } from '../../test/oracle/arbitrary/write-request.ts'
import { decode, encode, schemas } from '../../test/oracle/codec.ts'
import { concat, lengthField } from '../../test/oracle/encode.ts'
import { LabelSchema } from '../../test/oracle/gen/prometheus_raw_pb.ts'
import { type Bench, startBench } from '../../test/support/pipeline.ts'
import { noTenancy, type TenancySettings } from '../config/tenancy-settings.ts'
import { encodeWriteRequest } from '../dev/encode.ts'
import { compileRules, type RelabelOptions } from '../relabel/relabel.ts'
import { relabelSeries } from '../relabel/relabel-series.ts'
import { RelabelStage } from '../relabel/relabel-stage.ts'
import type { RelabelRule } from '../relabel/rule.ts'
import { completeRule, type WrittenRule } from '../relabel/written-rule.ts'
import type { Batch } from '../wire/batch.ts'
import { type Label, RESERVED_LABEL, type Withheld, watchLabels } from '../wire/codec.ts'
import { uncompress } from '../wire/snappy.ts'
import { remoteWrite1 } from '../wire/v1/codec.ts'
import { LeanBatch } from '../wire/v1/lean-batch.ts'

// The law of stages before pipelines: who gets what, and what is told, is as if each stage had decoded the whole body,
// judged its series and encoded them again, whatever is remembered, kept apart, or used again for the next body, and
// though nobody waits for the one body before the next one comes.

const schema = schemas.writeRequestRaw
const text = new TextEncoder()
const flowWatch = watchLabels([RESERVED_LABEL])

interface Shaping {
  readonly rules: readonly RelabelRule[]
  readonly options: RelabelOptions
}

const names = ['team', 'job', 'zone', '__tenant__', '__name__', RESERVED_LABEL, RESERVED_LABEL]
const rule: fc.Arbitrary<RelabelRule> = fc
  .oneof(
    fc.record({
      action: fc.constantFrom('replace', 'replace', 'replace', 'lowercase', 'uppercase'),
      sourceLabels: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 2 }),
      targetLabel: fc.constantFrom(...names, 'owner'),
    }),
    fc.record({
      action: fc.constant('replace'),
      targetLabel: fc.constantFrom(RESERVED_LABEL, 'team'),
      replacement: fc.constantFrom('a', 'b', '', 'x'.repeat(140), 'é'),
    }),
    fc.record({
      action: fc.constant('replace'),
      sourceLabels: fc.constantFrom(['team'], ['job']),
      regex: fc.constantFrom('(.+)', 'a'),
      targetLabel: fc.constant(RESERVED_LABEL),
      replacement: fc.constantFrom('of-$1', '$1'),
    }),
    fc.record({ action: fc.constant('labeldrop'), regex: fc.constantFrom(RESERVED_LABEL, 'job', 'team|le', '__.*') }),
    fc.record({ action: fc.constant('labelmap'), regex: fc.constantFrom('__ten(.*)', '(team)', '(job)') }),
    fc.record({
      action: fc.constantFrom('keep', 'drop'),
      sourceLabels: fc.constantFrom([RESERVED_LABEL], ['job']),
      regex: fc.constantFrom('a|', '.*b'),
    }),
  )
  .map((written) => completeRule(written as WrittenRule))

const shaping = (most: number): fc.Arbitrary<Shaping> =>
  fc.record({
    rules: fc.array(rule, { maxLength: most }),
    options: fc
      .constantFrom<readonly Label[]>([], [], [['cluster', 'eu']], [[RESERVED_LABEL, 'ext']])
      .map((externalLabels) => ({ externalLabels })),
  })
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(one, { nil: undefined })

const tenancy: fc.Arbitrary<Partial<TenancySettings>> = fc.oneof(
  fc.constant(noTenancy),
  fc.record({
    labels: fc.constantFrom(
      [RESERVED_LABEL],
      [RESERVED_LABEL],
      ['team'],
      ['team', RESERVED_LABEL],
      [RESERVED_LABEL, 'team'],
    ),
    keepLabel: fc.boolean(),
    stripReserved: fc.constantFrom(true, true, false),
    default: fc.constantFrom('', 'rest'),
    onInvalid: fc.constantFrom('reject', 'drop', 'default'),
    metadata: fc.constantFrom('follow', 'broadcast', 'default'),
    maxTenants: fc.constantFrom(3, 100),
    deny: fc.constantFrom([], ['b']),
  }),
) as fc.Arbitrary<Partial<TenancySettings>>

interface Branch {
  /** A component of its own before the endpoint. */
  readonly second: Shaping | undefined
  readonly prepare: Shaping | undefined
  readonly tenancy: Partial<TenancySettings>
  readonly withheld: Withheld | undefined
}

const branch: fc.Arbitrary<Branch> = fc.record({
  second: maybe(shaping(3)),
  prepare: maybe(shaping(2)),
  tenancy,
  withheld: maybe(fc.record({ exemplars: fc.boolean(), histograms: fc.boolean() })),
})

/** The body after these rules, by way of the generated codec. */
function plainly(body: Uint8Array, { rules, options }: Shaping): Uint8Array {
  const relabeler = compileRules(rules, options)
  const batch = remoteWrite1.scan(body, watchLabels([]))
  const message = decode(schema, body)!
  message.timeseries = message.timeseries.flatMap((one, i) => {
    const before = remoteWrite1.labels(batch, i)
    const after = relabelSeries(relabeler, before)
    if (typeof after === 'string') return []
    const encoded = ([name, value]: Label) => ({ name: text.encode(name), value: text.encode(value) })
    if (after !== before) one.labels = after.map((label) => create(LabelSchema, encoded(label)))
    return [one]
  })
  return encode(schema, message)
}

const canonical = (bytes: Uint8Array): string => Buffer.from(encode(schema, decode(schema, bytes)!)).toString('hex')

/** What one push led to. */
type Told = Awaited<ReturnType<Bench['pipeline']['pushBatch']>>

function startBranch({ tenancy, withheld }: Branch, prepare: ((batch: Batch) => Batch) | undefined) {
  const bench = startBench({ tenancy })
  const settings = bench.settingsOf({ tenancy })
  const metrics = { ...settings.metrics, ...(withheld && { withheld }), ...(prepare && { prepare }) }
  bench.pipeline.reload({ ...settings, metrics }, () => undefined)
  let turns = 0
  bench.upstream = async ({ body }) => {
    const before = Buffer.from(body).toString('hex')
    for (let k = (turns = (turns + 3) % 5); k > 0; k--) await new Promise((resolve) => setImmediate(resolve))
    expect(Buffer.from(body).toString('hex')).toBe(before)
    return 200
  }
  return {
    bench,
    push: (batch: Batch, number: number): Promise<Told> =>
      bench.pipeline.pushBatch({
        ...{ batch, travelling: { 'user-agent': String(number) }, identity: String(number) },
        ...{ isAwaited: number % 3 > 0, client: '', source: Uint8Array.of(number) },
      }),
    /** What went upstream, the same whichever part went first. */
    sent: () =>
      bench.sent
        .map(({ tenant, request: { headers, body } }) => {
          return `${headers['user-agent']} ${tenant} ${canonical(uncompress(Buffer.from(body), 1 << 30))}`
        })
        .sort(),
  }
}

test('who gets what, and what is told, is as if every stage had encoded the body anew', async () => {
  let lean = 0
  let requests = 0
  await fc.assert(
    fc.asyncProperty(
      shaping(4),
      fc.array(branch, { minLength: 1, maxLength: 3 }),
      fc.array(writeRequest(), { minLength: 1, maxLength: 4 }),
      async (first, branches, all) => {
        const bodies = [...all, ...all].filter((body) => decode(schema, body) !== undefined)
        const stageOf = ({ rules, options }: Shaping) => new RelabelStage(rules, options)
        const stage = stageOf(first)
        const ways = branches.map((one) => {
          const prepare = one.prepare && stageOf(one.prepare)
          return {
            one,
            second: one.second && stageOf(one.second),
            real: startBranch(one, prepare && ((batch) => prepare.apply(batch))),
            plain: startBranch(one, undefined),
          }
        })
        const told: Promise<readonly Told[]>[] = []
        for (const [number, body] of bodies.entries()) {
          const firstBatch = stage.apply(remoteWrite1.scan(body, flowWatch))
          if (firstBatch.lean !== undefined) lean++
          const firstBody = plainly(body, first)
          for (const { one, second, real, plain } of ways) {
            const batch = second === undefined ? firstBatch : second.apply(firstBatch)
            const really = real.push(batch, number)
            const secondBody = one.second === undefined ? firstBody : plainly(firstBody, one.second)
            const last = one.prepare === undefined ? secondBody : plainly(secondBody, one.prepare)
            told.push(Promise.all([really, plain.push(remoteWrite1.scan(last, flowWatch), number)]))
          }
        }
        for (const both of told) {
          const [really, plainly] = await both
          expect(really).toEqual(plainly)
        }
        for (const { real, plain } of ways) {
          for (let k = 0; k < 20; k++) await new Promise((resolve) => setImmediate(resolve))
          expect(real.sent()).toEqual(plain.sent())
          requests += real.sent().length
          const listed = ({ rejections }: Bench) =>
            rejections.list().map(({ firstMs: _first, lastMs: _last, ...said }) => said)
          expect(listed(real.bench)).toEqual(listed(plain.bench))
          real.bench.pipeline.close()
          plain.bench.pipeline.close()
        }
      },
    ),
    { numRuns: 120 },
  )
  expect(lean).toBeGreaterThan(50)
  expect(requests).toBeGreaterThan(500)
})

test('whose tenants rules have set goes upstream without a body that holds their label', async () => {
  const whole = vi.spyOn(LeanBatch.prototype, 'whole', 'get')
  onTestFinished(() => whole.mockRestore())
  const rules = [completeRule({ action: 'replace', sourceLabels: ['team'], targetLabel: RESERVED_LABEL })]
  const stages = [new RelabelStage(rules), new RelabelStage(rules)] as const
  const shape = { second: undefined, prepare: undefined, withheld: { exemplars: false, histograms: true } }
  const body = concat(
    encodeWriteRequest({
      series: ['a', 'b', ''].map((team) => ({
        labels: [...(team === '' ? [] : [['team', team] as const]), ['zone', 'z']],
        samples: [[1, 1]],
      })),
      metadata: [{ family: 'm', type: 1, help: 'h', unit: '' }],
    }),
    lengthField(9, Uint8Array.of(1)),
  )
  const check = async (tenancy: Partial<TenancySettings>, isPrepared: boolean, want: readonly string[]) => {
    const { bench } = startBranch({ ...shape, tenancy }, isPrepared ? (batch) => stages[1].apply(batch) : undefined)
    const given = remoteWrite1.scan(body, flowWatch)
    const batch = isPrepared ? given : stages[0].apply(given)
    const packed = { bytes: given.bytes, body: Buffer.from('as it came') }
    const more = { travelling: {}, identity: '', isAwaited: false, client: '', source: body, packed }
    await bench.pipeline.pushBatch({ batch, ...more })
    expect(bench.sent.map(({ tenant }) => tenant)).toEqual(want)
  }
  for (const isPrepared of [false, true]) {
    await check({ labels: [RESERVED_LABEL], stripReserved: true }, isPrepared, ['a', 'b'])
    await check({ labels: [RESERVED_LABEL], default: 'rest', metadata: 'default' }, isPrepared, [
      'a',
      'b',
      'rest',
      'rest',
    ])
  }
  expect(whole).not.toHaveBeenCalled()
})
