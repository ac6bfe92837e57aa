// Prometheus scrapes a thousand series through thirty rules, of every action: what it keeps of them is what our own
// rules make of the same series.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished } from 'vitest'
import { compileRules } from '../src/relabel/relabel.ts'
import { ruleProblems } from '../src/relabel/rule-problems.ts'
import type { Trace } from '../src/relabel/trace.ts'
import { completeRule, type WrittenRule } from '../src/relabel/written-rule.ts'
import type { Label } from '../src/wire/codec.ts'
import { testWith } from './support/peers.ts'
import { startPrometheus, textOf } from './support/prometheus.ts'
import { until } from './support/until.ts'

type Rule = Partial<WrittenRule>

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: Go’s templates, not JavaScript’s
const rules: readonly Rule[] = [
  { action: 'drop', sourceLabels: ['__name__'], regex: 'go_gc_.*|process_.+_seconds' },
  { action: 'keep', sourceLabels: ['__name__', 'zone'], separator: '/', regex: '[a-z_]+/(?:eu|us|)-?\\w*' },
  { sourceLabels: ['namespace'], regex: 'team-([^-]+)-(prod|dev)', targetLabel: 'team' },
  {
    sourceLabels: ['namespace'],
    regex: '(?P<all>team-(?P<who>\\pL+).*)',
    targetLabel: 'who',
    replacement: '${who}_$all',
  },
  {
    sourceLabels: ['namespace', 'pod'],
    separator: '',
    regex: '(.*)(web|db)(.*)',
    targetLabel: 'tier',
    replacement: '$2$$1$1x',
  },
  { sourceLabels: ['pod'], regex: '(?i)WEB-(\\d+)', targetLabel: 'web_$1', replacement: 'n${1}' },
  { sourceLabels: ['pod'], regex: '(.+)-(.+)', targetLabel: '$1', replacement: '$2' },
  { sourceLabels: ['text'], regex: '([[:alpha:]]+).*', targetLabel: 'alpha' },
  { sourceLabels: ['text'], regex: '.*\\s(\\S+)', targetLabel: 'last_word' },
  { sourceLabels: ['text'], regex: '(.)(.)(.+)', targetLabel: 'turned', replacement: '$3$2$1' },
  { sourceLabels: ['text'], regex: '(\\p{Greek}+|[^\\x00-\\x7f]+)', targetLabel: 'foreign' },
  { action: 'lowercase', sourceLabels: ['text'], targetLabel: 'lower' },
  { action: 'uppercase', sourceLabels: ['text'], targetLabel: 'upper' },
  { action: 'uppercase', sourceLabels: ['zone', 'pod'], separator: '::', targetLabel: 'shouted' },
  { action: 'hashmod', sourceLabels: ['pod', 'namespace'], targetLabel: 'shard', modulus: 7n },
  { action: 'hashmod', sourceLabels: ['text'], targetLabel: 'wide', modulus: BigInt(Number.MAX_SAFE_INTEGER) },
  { action: 'hashmod', sourceLabels: ['absent'], targetLabel: 'fixed', modulus: 1000n },
  { action: 'labelmap', regex: 'meta_(.+)' },
  { action: 'labelmap', regex: 'meta_(?:my_)?(.*)', replacement: 'mapped_${1}' },
  { action: 'labelmap', regex: '(tier|team)', replacement: 'same' },
  { action: 'labeldrop', regex: 'meta_.*|turned' },
  { action: 'dropequal', sourceLabels: ['zone'], targetLabel: 'region' },
  { action: 'keepequal', sourceLabels: ['instance'], targetLabel: 'instance' },
  { action: 'drop', sourceLabels: ['shard', 'zone'], regex: '3;us.*' },
  { sourceLabels: ['region'], regex: '(.+)', targetLabel: 'zone', replacement: '' },
  { sourceLabels: ['absent'], targetLabel: 'default_set', replacement: 'always' },
  { sourceLabels: ['absent'], regex: '.+', targetLabel: 'default_set', replacement: 'never' },
  { sourceLabels: ['__name__'], regex: '(.*)_total', targetLabel: '__name__', replacement: '${1}_count' },
  { sourceLabels: ['le'], regex: '(\\d+)\\.0+', targetLabel: 'le' },
  { action: 'labelkeep', regex: '__name__|id|job|instance|[a-z]{1,2}|[a-z].*[a-z0-9]' },
]
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above

const values: Readonly<Record<string, readonly string[]>> = {
  __name__: ['http_requests_total', 'go_gc_duration', 'process_cpu_seconds', 'process_open_fds', 'up_time', 'Camel'],
  zone: ['eu', 'eu-west_1', 'us', 'us-1', 'ap', ''],
  region: ['', 'eu', 'us', 'elsewhere'],
  namespace: ['team-a-prod', 'team-bé-dev', 'team-x', 'web', '', 'team-Ω-prod'],
  pod: ['web-1', 'WEB-22', 'db-0', 'web', 'a-b-c', ''],
  text: ['ß ŉ ﬁ', 'ΑΣ', 'ΟΔΟΣ x', 'İstanbul', 'ᾀ ᾳ', 'aB c', '😀𐐨', 'a', '', 'Kelvin K'],
  meta_my_bar: ['', 'bar', 'other'],
  meta_bar: ['', 'plain'],
  le: ['', '1.0', '10.00', '+Inf'],
  X: ['', 'gone'],
}

/** A thousand series: `id` tells them apart, whatever rules do. */
const series: readonly Readonly<Record<string, string>>[] = Array.from({ length: 1000 }, (_, n) => {
  const labels: Record<string, string> = { id: `n${n}` }
  let rest = Math.imul(n + 1, 0x9e3779b1) >>> 0
  for (const [name, choices] of Object.entries(values)) {
    labels[name] = choices[rest % choices.length]!
    rest = Math.imul(rest ^ (rest >>> 15), 0x85ebca6b) >>> 0
  }
  return labels
})

/** In the text format, sorted by name so that each family is in one place. */
function exposition(): string {
  const lines = series.map(({ __name__, ...labels }) => {
    const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    return `${__name__}{${pairs.join(',')}} 1\n`
  })
  return lines.sort().join('')
}

async function startTarget(): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/plain; version=0.0.4')
    response.end(exposition())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A rule in Prometheus’ own form. */
const forPrometheus = (rule: Rule): object => ({
  action: rule.action,
  source_labels: rule.sourceLabels,
  separator: rule.separator,
  regex: rule.regex,
  target_label: rule.targetLabel,
  replacement: rule.replacement,
  ...(rule.modulus !== undefined && { modulus: Number(rule.modulus) }),
})

testWith(['prometheus'], 'thirty rules of every action, over a real scrape', async () => {
  expect(rules.length).toBe(30)
  expect(rules.flatMap((rule) => ruleProblems({ action: 'replace', ...rule }))).toEqual([])
  const target = await startTarget()
  const prometheus = await startPrometheus({ jobs: { shop: target }, relabel: rules.map(forPrometheus) })
  const { relabel } = compileRules(rules.map((rule) => completeRule({ action: 'replace', ...rule })))
  const acted = new Set<number>()
  const want = series.flatMap((labels) => {
    const scraped = { ...labels, job: 'shop', instance: target }
    const sorted = Object.entries(scraped)
      .filter(([, value]) => value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1))
    const trace: Trace = []
    const result = relabel(sorted as Label[], trace)
    for (const entry of trace) if (entry.dropped || entry.changes.length > 0) acted.add(entry.rule)
    return result === undefined ? [] : [textOf(Object.fromEntries(result))]
  })
  // Some of them go, and every rule has something to do but those that are there to do nothing.
  expect(rules.flatMap((rule, number) => (acted.has(number) ? [] : [rule.replacement ?? rule.action]))).toEqual([
    'keepequal',
    'never',
  ])
  expect(want.length).toBeGreaterThan(200)
  expect(want.length).toBeLessThan(800)
  const held = async (): Promise<string[]> => {
    const query = new URLSearchParams({ 'match[]': '{id!=""}' })
    const response = await fetch(`${prometheus.url}/api/v1/series?${query}`)
    const { data } = (await response.json()) as { data: Record<string, string>[] }
    return data.map(textOf)
  }
  await until(async () => (await held()).length > 0, {
    what: 'the target is scraped',
    seen: () => prometheus.stderr.slice(-5),
  })
  expect((await held()).sort()).toEqual(want.sort())
})
