// The receiver suite of remote write 2 (prometheus/compliance, remotewrite/receiver), by its names: what Sluice makes of
// pushes of 2.0 before a backend of 2.0, and before each kind that knows 1.x alone. Stricter than the suite: how much was
// written is exact in failures too, and what came to the backend is what was pushed, bit for bit.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decodeRequest2 } from '../../src/dev/decode-v2.ts'
import { encodeRequest2 } from '../../src/dev/encode-v2.ts'
import type { Answer } from '../support/in-process.ts'
import { type CaseSeries, type Leaf, leavesOf, seriesOf } from '../support/receiver-case.ts'
import { request2 } from '../support/request-2.ts'
import { type SenderLeg, startLeg } from '../support/sender-leg.ts'
import { linesOf, type Speaks, type StrictReceiver, startStrictReceiver } from '../support/strict-receiver.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { combined } from './receiver-2/combined.ts'
import { exemplars } from './receiver-2/exemplars.ts'
import { histograms } from './receiver-2/histograms.ts'
import { metadata } from './receiver-2/metadata.ts'
import { metrics } from './receiver-2/metrics.ts'
import { requestCases } from './receiver-2/requests.ts'

const leaves = leavesOf([...metrics, ...exemplars, ...histograms, ...metadata, ...combined])

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

interface Setup {
  readonly speaks: Speaks
  /** One tenant for all, whose bodies go as they come; or series of two in turn, each with a label to be removed. */
  readonly tenants: 'one' | 'two'
  readonly lanes: 'answer' | 'store'
}

const backends: Speaks[] = ['2.0', '1.x by 415', '1.x by 400', '1.x by 204']
const setups = backends.flatMap((speaks): Setup[] => [
  { speaks, tenants: 'one', lanes: 'answer' },
  { speaks, tenants: 'two', lanes: 'answer' },
  { speaks, tenants: 'two', lanes: 'store' },
])

for (const setup of setups) {
  const { speaks, tenants, lanes } = setup
  test(`205 cases before ${speaks}, tenants: ${tenants}, lanes that ${lanes}`, async () => {
    const backend = await startStrictReceiver(speaks)
    const storage = JSON.stringify(join(temporaryFolder(), 'store'))
    const queue = `queue: { enabled: true, merge_window: 1ms }, storage: { path: ${storage} },`
    const tenancy = `tenancy: { labels: [tenant], keep_label: false, default: ${tenants === 'one' ? 'suite' : "''"} }`
    const leg = await startLeg({ target: backend.url, rows: `${lanes === 'store' ? queue : ''} ${tenancy}` })
    const failed: string[] = []
    const attempt = async (name: string, run: () => Promise<void>): Promise<void> => {
      try {
        await run()
        expect(backend.broken).toEqual([])
      } catch (error) {
        failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    for (const leaf of leaves) await attempt(leaf.name, () => prove(leaf, setup, backend, leg))
    for (const [name, run] of Object.entries(requestCases)) await attempt(name, () => run({ backend, leg }))
    expect(failed).toEqual([])
  })
}

let now = Date.now()

async function prove(leaf: Leaf, setup: Setup, backend: StrictReceiver, leg: SenderLeg): Promise<void> {
  const { series, refused = 0, orphan = false, only2 = 0 } = leaf.of
  const { strict } = leaf
  const tenantOf = (k: number) => `t${k % 2}`
  // Start times go in both ways in which there are such, labels in both orders.
  const options = { now: ++now, reversed: !strict, start: strict ? 'series' : 'point' } as const
  const labelsOf = (k: number) => (setup.tenants === 'one' ? {} : { tenant: tenantOf(k) })
  const body = request2(seriesOf(series, { ...options, labelsOf }))
  const answer = await leg.push(2, body)
  const writings = backend.take()

  const is1 = setup.speaks !== '2.0'
  const isRefused = refused > 0 || (orphan && !is1) || (is1 && only2 > 0)
  expect([answer.status, isRefused]).toEqual([isRefused ? 400 : 204, isRefused])
  // Why, for people.
  expect(answer.text !== '').toBe(isRefused)

  // What is right is written, whatever is wrong beside it.
  const right = series.map((one, k) => ({ ...one, k })).filter(({ k }) => k >= refused && !(orphan && !is1))
  const carried = is1 ? right.map(as1) : right
  const pushed = seriesOf(carried, { ...options, labelsOf: () => ({}) })
  const { series: decoded } = decodeRequest2(encodeRequest2({ series: pushed }))
  const want = linesOf(decoded)
  expect([...new Set(writings.flatMap(({ lines }) => lines))].sort()).toEqual(want)
  // And counted, but where a backend of 1.x refused some: it can't say how much of it it wrote.
  const bad = new Set(series.slice(0, refused).map((_, k) => (setup.tenants === 'one' ? 'suite' : tenantOf(k))))
  const counted = carried.filter(({ k }) => !(is1 && bad.has(setup.tenants === 'one' ? 'suite' : tenantOf(k))))
  expect(countsOf(answer)).toEqual([
    counted.filter(({ value }) => value !== undefined).length,
    counted.filter(({ histogram }) => histogram !== undefined).length,
    counted.reduce((sum, one) => sum + (one.exemplars?.length ?? 0), 0),
  ])
  // One tenant with nothing to remove: not a byte is touched.
  if (!is1 && setup.tenants === 'one') expect(writings.map((one) => Buffer.compare(one.body, body))).toEqual([0])
  expect(writings.every(({ form }) => form === (is1 ? 1 : 2))).toBe(true)
}

/** What 1.x has of it: no start times, no custom buckets. */
function as1<S extends CaseSeries>({ createdMs: _, histogram, ...rest }: S) {
  return { ...rest, ...(histogram !== undefined && histogram.custom !== true && { histogram }) }
}

function countsOf({ headers }: Answer): number[] {
  return ['samples', 'histograms', 'exemplars'].map((of) => Number(headers[`x-prometheus-remote-write-${of}-written`]))
}
