// Law: the conversion of a proxy's file sends every series where the proxy sends it.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { loadConfiguration } from '../../config/load.ts'
import { resolveProxySettings } from '../../config/proxy-settings.ts'
import { createExplainer } from '../../proxy/explain.ts'
import { type Label, RESERVED_LABEL } from '../../wire/codec.ts'
import { kinds } from '../components/kinds.ts'
import { entriesOf, explainAgent } from '../explain/explain-agent.ts'
import { settleComponents } from '../explain/settle-components.ts'
import { convertCortexTenant } from './from-cortex-tenant.ts'

interface Series {
  readonly labels: readonly Label[]
  readonly headers: Readonly<Record<string, string>>
}

/** Resolves with whether the file could be converted and was compared. */
async function compare(
  yaml: string,
  series: readonly Series[],
  signal: 'metrics' | 'logs' = 'metrics',
): Promise<boolean> {
  const loaded = loadConfiguration({ file: { name: 'ct.yml', text: yaml } })
  const { text } = convertCortexTenant('ct.yml', yaml)
  expect(text === undefined).toBe(!loaded.ok)
  if (!loaded.ok || text === undefined) return false
  const proxy = createExplainer(resolveProxySettings(loaded.configuration.settings))
  const { components = [], diagnostics } = await settleComponents([{ name: 'a.alloy', text }], { kinds })
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  const entries = entriesOf(components).filter(({ isOutermost }) => isOutermost)
  const questions = series.map((each) => ({ ...each, signal }))
  const wanted = proxy(questions).outcomes
  const found = explainAgent(entries, questions).series
  for (const [index, { outcome, tenant, reason, rule, sent }] of wanted.entries()) {
    const [delivery, ...others] = found[index]!.deliveries
    expect(others).toEqual([])
    const { verdict, ...got } = delivery!
    expect({ outcome: verdict, tenant: got.tenant, reason: got.reason, rule: got.rule }).toEqual({
      outcome,
      tenant,
      reason,
      rule,
    })
    expect(got.sent && { ...got.sent, labels: kept(got.sent.labels) }).toEqual(
      sent && { ...sent, labels: kept(sent.labels) },
    )
  }
  return true
}

/** What is sent of them, in any order: agents sort labels, and say none that is empty. */
const kept = (labels: readonly Label[]): readonly Label[] =>
  labels.filter(([name, value]) => name !== RESERVED_LABEL && value !== '').sort(([a], [b]) => (a < b ? -1 : 1))

const names = ['team', 'namespace', RESERVED_LABEL, '__tenant__', 'job']
const values = ['', 'a', 'team-b', 'x!', 'bad/id', 'big']

const labels = (names: readonly string[], first: Label) =>
  fc
    .subarray([...names])
    .chain((some) => fc.tuple(...some.map((name) => fc.constantFrom(...values).map((value): Label => [name, value]))))
    .map((some): Label[] => [first, ...some])

const headers = fc.constantFrom({}, { 'x-scope-orgid': 'src' }, { 'x-org': 'other' })
const series = fc.record({ labels: labels(names, ['__name__', 'up']), headers })
/** Agents take no labels of streams that begin with __, but the reserved one. */
const streamNames = names.filter((name) => name !== '__tenant__')
const streams = fc.record({ labels: labels(streamNames, ['app', 'web']), headers })

const optional = <T extends object>(record: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(record, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>

const settings = (names: readonly string[], target: object) =>
  fc.record({
    ...target,
    tenant: optional({
      label: fc.constantFrom(...names),
      label_list: fc.subarray([...names]),
      label_remove: fc.boolean(),
      prefix: fc.constantFrom('', 'eu-'),
      prefix_prefer_source: fc.boolean(),
      header: fc.constantFrom('X-Scope-OrgID', 'X-Org'),
      default: fc.constantFrom('', 'shared'),
    }),
    sluice: fc.record({
      tenancy: optional({
        labels: fc.subarray([...names], { minLength: 1 }),
        keep_label: fc.boolean(),
        on_missing: fc.constantFrom('reject', 'drop'),
        on_invalid: fc.constantFrom('reject', 'drop', 'default'),
        allow: fc.subarray(['*a*', 'eu-*', 'shared', 'eu-shared']),
        deny: fc.subarray(['big', '*-b']),
        override: fc.constant([{ tenants: ['*b*'], url: 'http://other/push' }]),
      }),
    }),
  })

async function law(one: fc.Arbitrary<object>, many: fc.Arbitrary<Series>, signal: 'metrics' | 'logs'): Promise<void> {
  let compared = 0
  await fc.assert(
    fc.asyncProperty(one, fc.array(many, { minLength: 5, maxLength: 20 }), async (file, items) => {
      if (await compare(stringify(file), items, signal)) compared++
    }),
    { numRuns: 30 },
  )
  expect(compared).toBeGreaterThan(7)
}

test('law: the conversion means the same, for metrics', async () => {
  await law(settings(names, { target: fc.constant('http://mimir/push') }), series, 'metrics')
})

test('law: the conversion means the same, for logs', async () => {
  const file = settings(streamNames, { target_loki: fc.constant('http://loki/push') })
  const named = file.map(({ tenant, ...rest }) => ({ ...rest, tenant: { label: 'team', ...tenant } }))
  await law(named, streams, 'logs')
})

test('the examples mean the same', async () => {
  const many = fc.sample(series, 100)
  for (const name of ['cortex-tenant', 'sluice']) {
    expect(await compare(readFileSync(`examples/${name}.yml`, 'utf8'), many)).toBe(true)
  }
})
