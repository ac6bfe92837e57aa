// The receiver suite of remote write 2 (prometheus/compliance, remotewrite/receiver), by its names: what Sluice makes of
// pushes of 2.0 before a backend of 2.0, and before each kind that knows 1.x alone.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EVERY_TENANT } from '../../src/dev/sink/fault.ts'
import { type Course, failuresOf, prove, proveAnswer } from '../support/receiver-proof.ts'
import { startLeg } from '../support/sender-leg.ts'
import { type Speaks, startStrictReceiver } from '../support/strict-receiver.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { testSink } from '../support/test-sink.ts'
import { leaves } from './receiver-2/leaves.ts'
import { requestCases } from './receiver-2/requests.ts'

test('all 205 cases of the suite, by function', () => {
  const counts: Record<string, number> = {}
  const names = [...leaves.map(({ name }) => name), ...Object.keys(requestCases)]
  for (const name of names) {
    const [of = ''] = name.split(/[/ ]/)
    counts[of] = (counts[of] ?? 0) + 1
  }
  expect(counts).toEqual({
    TestSingleMetric: 60,
    TestCounterWithCreatedTimestamp: 2,
    TestMultipleMetrics: 20,
    TestBadContentTypes: 2,
    TestBadContentEncodings: 2,
    TestCorruptRequestBody: 1,
    TestRW1BasicCompatibility: 1,
    TestRW1ErrorHandling: 1,
    TestExemplars: 14,
    TestExemplarWithCreatedTimestamp: 2,
    TestMultipleExemplars: 2,
    TestExemplarTimestamps: 2,
    TestExemplarValidation: 3,
    TestExemplarSpecialValues: 14,
    TestHistograms: 11,
    TestHistogramWithCreatedTimestamp: 2,
    TestMultipleHistograms: 2,
    TestEmptyHistogram: 2,
    TestHistogramWithMetadata: 2,
    TestHistogramWithExemplar: 2,
    TestHistogramWithMetadataAndExemplar: 2,
    TestMultipleHistogramsWithMetadata: 2,
    TestMetadata: 20,
    TestCounterMetadataWithCreatedTimestamp: 2,
    TestMetadataWithSamples: 2,
    TestMultipleMetadata: 2,
    TestMetadataWithComplexLabels: 2,
    TestMetadataValidation: 3,
    TestSamplesWithMetadataAndExemplars: 2,
    TestHistogramsWithMetadataAndExemplars: 2,
    TestComplexSamplesRequest: 2,
    TestComplexHistogramsRequest: 2,
    TestMultipleMetricFamiliesSamples: 2,
    TestMultipleMetricFamiliesHistograms: 2,
    TestEdgeCaseCombinations: 3,
    TestManySamples: 2,
    TestManyHistograms: 2,
    TestSpecialCharactersCombined: 2,
    TestCustomBucketsHistogramWithExemplar: 2,
  })
  expect(Object.values(counts).reduce((sum, one) => sum + one)).toBe(205)
  expect(new Set(names).size).toBe(205)
})

interface Setup extends Pick<Course, 'speaks' | 'tenants'> {
  readonly lanes: 'answer' | 'store'
}

const backends: Speaks[] = ['2.0', '1.x by 415', '1.x by 400', '1.x by 204']
const setups = backends.flatMap((speaks): Setup[] => [
  { speaks, tenants: 'one', lanes: 'answer' },
  { speaks, tenants: 'two', lanes: 'answer' },
  { speaks, tenants: 'two', lanes: 'store' },
])

const queueWith = (row: string): string =>
  `queue: { enabled: true, ${row} }, storage: { path: ${JSON.stringify(join(temporaryFolder(), 'store'))} },`

for (const setup of setups) {
  const { speaks, tenants, lanes } = setup
  test(`205 cases before ${speaks}, tenants: ${tenants}, lanes that ${lanes}`, async () => {
    const backend = await startStrictReceiver(speaks)
    const queue = lanes === 'store' ? queueWith('merge_window: 1ms') : ''
    const tenancy = `tenancy: { labels: [tenant], keep_label: false, default: ${tenants === 'one' ? 'suite' : "''"} }`
    const leg = await startLeg({ target: backend.url, rows: `${queue} ${tenancy}` })
    const course: Course = { backend, speaks, tenants, push: (body) => leg.push(2, body) }
    const cases = leaves.map((leaf) => [leaf.name, () => prove(leaf, course)] as const)
    const ofRequests = Object.entries(requestCases).map(([name, run]) => [name, () => run({ backend, leg })] as const)
    expect(await failuresOf(Object.fromEntries([...cases, ...ofRequests]), backend)).toEqual([])
  })
}

test('many at once, merged on their way: each sender is told of its own push alone', async () => {
  for (const speaks of backends) {
    const backend = await startStrictReceiver(speaks)
    // Nothing is stored, whatever it takes: what is refused later is told to nobody.
    const leg = await startLeg({ target: backend.url, rows: queueWith('ack_grace: 60s') })
    const course: Course = { backend, speaks, tenants: 'two', push: (body) => leg.push(2, body) }
    for (let k = 0; k < leaves.length; k += 25) {
      const cases = leaves.slice(k, k + 25).map((leaf) => [leaf.name, () => proveAnswer(leaf, course)] as const)
      expect([speaks, await failuresOf(Object.fromEntries(cases), backend, true)]).toEqual([speaks, []])
    }
  }
})

test('what SHOULD be a 204 is one before the test receiver too, as one of 2.0 and of both kinds of 1.x', async () => {
  for (const fault of [{}, { refuse2: true }, { unread2: true }]) {
    const sink = await testSink({ strict: true })
    sink.setFault(EVERY_TENANT, fault)
    const { push } = await startLeg({ target: sink.pushUrl })
    const speaks = Object.keys(fault).length === 0 ? '2.0' : '1.x by 415'
    const course = { speaks, tenants: 'two', push: (body: Buffer) => push(2, body) } as const
    const cases = leaves
      .filter(({ strict }) => strict)
      .map((leaf) => [leaf.name, () => proveAnswer(leaf, course)] as const)
    expect([fault, await failuresOf(Object.fromEntries(cases), { broken: [] })]).toEqual([fault, []])
    expect(sink.store.violations).toEqual([])
    expect(sink.store.counts('t0')).toMatchObject({ duplicates: 0 })
  }
})
