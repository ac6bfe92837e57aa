// Points 6 to 8 of multi-tenancy: which labels name the tenant, in which order things happen to them, and which of
// them leave.

import { expect, test } from 'vitest'
import type { Sink } from '../../src/dev/sink/sink.ts'
import { series, write } from '../support/bodies.ts'
import { type PointAgent, type PointOptions, startPointAgent } from '../support/point-agent.ts'
import { testSink } from '../support/test-sink.ts'

interface Bench extends PointAgent {
  readonly sink: Sink
}

async function startBench(options: Omit<PointOptions, 'upstream'>): Promise<Bench> {
  const sink = await testSink()
  return { ...(await startPointAgent({ upstream: sink.pushUrl, ...options })), sink }
}

/** Pushes series, labels as `name=value name=value`; what each tenant gets, and in bodies that break no rule. */
async function check(
  { sink, push }: Bench,
  pushed: readonly string[],
  want: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  sink.reset()
  const { status, text } = await push(write(pushed.map((labels) => series(...labels.split(' ')))))
  expect([status, text]).toEqual([204, ''])
  const got = sink.store.tenants.map((tenant) => [tenant, [...sink.store.series(tenant).keys()]])
  expect(Object.fromEntries(got)).toEqual(want)
  expect(sink.store.violations).toEqual([])
}

const eitherLabel = { receive: 'trust_tenant_label = true', tenancy: 'labels = ["team", "__tenant_id__"]' }

test('point 6: the label of the tenant stays behind; series that are equal without it stay apart', async () => {
  const bench = await startBench(eitherLabel)
  await check(bench, ['__name__=m team=a x=1', '__name__=m team=b x=1', '__name__=m __tenant_id__=c x=1'], {
    a: ['m{x="1"}'],
    b: ['m{x="1"}'],
    c: ['m{x="1"}'],
  })
  // Only the label that matched goes; `__tenant_id__` always.
  await check(bench, ['__name__=m __tenant_id__=c org=o team=a'], { a: ['m{org="o"}'] })
})

test('point 6: with keep_label it stays, and __tenant_id__ goes all the same', async () => {
  const bench = await startBench({ ...eitherLabel, tenancy: `${eitherLabel.tenancy}\nkeep_label = true` })
  await check(bench, ['__name__=m team=a x=1', '__name__=m __tenant_id__=b x=1', '__name__=n __tenant_id__=c team=a'], {
    a: ['m{team="a", x="1"}', 'n{team="a"}'],
    b: ['m{x="1"}'],
  })
})

test('point 7: an external label names the tenant too; a series’ own wins', async () => {
  const bench = await startBench({
    writer: 'external_labels = { team = "all", region = "r" }',
    tenancy: 'labels = ["team"]',
  })
  await check(bench, ['__name__=m', '__name__=m team=own', '__name__=m region=other'], {
    all: ['m{region="r"}', 'm{region="other"}'],
    own: ['m{region="r"}'],
  })
  const reserved = await startBench({ writer: 'external_labels = { __tenant_id__ = "all" }' })
  await check(reserved, ['__name__=m', '__name__=m __tenant_id__=spoofed x=1'], { all: ['m', 'm{x="1"}'] })
})

test('point 8: external labels, then write_relabel_config, then the tenant', async () => {
  const rule = (lines: string): string => `write_relabel_config {\n${lines}\n}\n`
  const fromBoth = 'source_labels = ["cluster", "namespace"]\nseparator = "-"\ntarget_label = "__tenant_id__"'
  const bench = await startBench({
    receive: 'trust_tenant_label = true',
    writer: 'external_labels = { cluster = "c1" }',
    endpoint:
      rule(`${fromBoth}\nregex = "(.+-.+)"`) +
      rule('source_labels = ["namespace"]\nregex = "secret"\naction = "drop"') +
      rule('regex = "cluster|namespace"\naction = "labeldrop"'),
    tenancy: 'default = "shared"',
  })
  await check(
    bench,
    [
      '__name__=m namespace=web',
      '__name__=m cluster=own namespace=web',
      // What a rule says replaces what came.
      '__name__=m __tenant_id__=came namespace=db',
      '__name__=m __tenant_id__=came x=1',
      '__name__=m namespace=secret',
      '__name__=m x=1',
    ],
    { 'c1-web': ['m'], 'own-web': ['m'], 'c1-db': ['m'], came: ['m{x="1"}'], shared: ['m{x="1"}'] },
  )
})
