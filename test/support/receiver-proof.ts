// Proves that a case of the receiver suite ends as it should, whoever it was pushed through. Stricter than the suite: how
// much was written is exact in failures too, and what came to the backend is what was pushed, bit for bit.

import { expect } from 'vitest'
import { decodeRequest2 } from '../../src/dev/decode-v2.ts'
import { encodeRequest2 } from '../../src/dev/encode-v2.ts'
import { type CaseSeries, type Leaf, seriesOf } from './receiver-case.ts'
import { request2 } from './request-2.ts'
import { linesOf, type Speaks, type StrictReceiver } from './strict-receiver.ts'

export interface Course {
  readonly backend: StrictReceiver
  readonly speaks: Speaks
  /** One tenant for all, `suite`, whose bodies go as they come; or two in turn, by a label `tenant` that is removed. */
  readonly tenants: 'one' | 'two'
  readonly push: (body: Buffer) => Promise<Told>
}

interface Told {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** The cases that don't end as they should, each with why. */
export async function failuresOf(
  cases: Readonly<Record<string, () => Promise<unknown>>>,
  { broken }: Pick<StrictReceiver, 'broken'>,
  atOnce = false,
): Promise<string[]> {
  const failed: string[] = []
  const attempt = async ([name, run]: readonly [string, () => Promise<unknown>]): Promise<void> => {
    try {
      await run()
      expect(broken).toEqual([])
    } catch (error) {
      failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (atOnce) await Promise.all(Object.entries(cases).map(attempt))
  else for (const one of Object.entries(cases)) await attempt(one)
  return failed
}

let now = Date.now()

/** As all cases end, whatever else is pushed meanwhile. Returns the body that was pushed, and what should have arrived. */
export async function proveAnswer(leaf: Leaf, course: Omit<Course, 'backend'>) {
  const { speaks, tenants } = course
  const { series, refused = 0, orphan = false, only2 = 0 } = leaf.of
  const { strict } = leaf
  const tenantOf = (k: number) => (tenants === 'one' ? 'suite' : `t${k % 2}`)
  // Start times go in both ways in which there are such, labels in both orders.
  const options = { now: ++now, reversed: !strict, start: strict ? 'series' : 'point' } as const
  const labelsOf = (k: number) => (tenants === 'one' ? {} : { tenant: tenantOf(k) })
  const body = request2(seriesOf(series, { ...options, labelsOf }))
  const answer = await course.push(body)

  const is1 = speaks !== '2.0'
  const isRefused = refused > 0 || (orphan && !is1) || (is1 && only2 > 0)
  expect([answer.status, isRefused]).toEqual([isRefused ? 400 : 204, isRefused])
  // Why, for people.
  expect(answer.text !== '').toBe(isRefused)

  const right = series.map((one, k) => ({ ...one, k })).filter(({ k }) => k >= refused && !(orphan && !is1))
  const carried = is1 ? right.map(as1) : right
  // All is counted, but where a backend of 1.x refused some: it can't say how much of it it wrote.
  const bad = new Set(series.slice(0, refused).map((_, k) => tenantOf(k)))
  const counted = carried.filter(({ k }) => !(is1 && bad.has(tenantOf(k))))
  expect(countsOf(answer)).toEqual([
    counted.filter(({ value }) => value !== undefined).length,
    counted.filter(({ histogram }) => histogram !== undefined).length,
    counted.reduce((sum, one) => sum + (one.exemplars?.length ?? 0), 0),
  ])
  return { body, arrives: seriesOf(carried, { ...options, labelsOf: () => ({}) }) }
}

/** The same of one that is pushed alone, and what came to the backend. */
export async function prove(leaf: Leaf, course: Course): Promise<void> {
  const { speaks, tenants, backend } = course
  const { body, arrives } = await proveAnswer(leaf, course)
  const writings = backend.take()
  // What is right is written, whatever is wrong beside it.
  const arrived = new Set(writings.flatMap(({ lines }) => lines))
  const { series } = decodeRequest2(encodeRequest2({ series: arrives }))
  expect([...arrived].sort().join('\n')).toBe(linesOf(series).join('\n'))
  const form = speaks === '2.0' ? 2 : 1
  expect(writings.every((one) => one.form === form)).toBe(true)
  // One tenant with nothing to remove: not a byte is touched.
  if (form === 2 && tenants === 'one') expect(writings.map((one) => Buffer.compare(one.body, body))).toEqual([0])
}

/** What 1.x has of it: no start times, no custom buckets. */
function as1<S extends CaseSeries>({ createdMs: _, histogram, ...rest }: S) {
  return { ...rest, ...(histogram !== undefined && histogram.custom !== true && { histogram }) }
}

function countsOf({ headers }: Told): number[] {
  return ['samples', 'histograms', 'exemplars'].map((of) => Number(headers[`x-prometheus-remote-write-${of}-written`]))
}
