import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Label } from '../../wire/codec.ts'
import { kinds } from '../components/kinds.ts'
import type { Delivery } from './delivery.ts'
import { type AgentReport, entriesOf, explainAgent } from './explain-agent.ts'
import { settleComponents } from './settle-components.ts'

interface Question {
  readonly labels: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly from?: string
}

async function explained(text: string, ...questions: readonly Question[]): Promise<AgentReport> {
  const { components, diagnostics } = await settleComponents([{ name: 'a.alloy', text }], {
    kinds,
    stability: 'experimental',
  })
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  const [{ from } = {}] = questions
  const entries = entriesOf(components ?? []).filter((each) =>
    from === undefined ? each.isOutermost : each.id === from,
  )
  return explainAgent(
    entries,
    questions.map(({ labels, headers = {} }) => {
      const signal = from?.startsWith('loki.') ? 'logs' : 'metrics'
      return { signal, headers, labels: Object.entries(labels) as Label[] }
    }),
  )
}

/** Each end as `path: verdict`, components without their kinds. */
const endsOf = (deliveries: readonly Delivery[]): readonly string[] =>
  deliveries.map(({ path, verdict, tenant, rule, reason }) => {
    const way = path.map(({ at }) => at.replace(/^\w+\.\w+\./, '')).join(' > ')
    return `${way}: ${verdict} ${tenant ?? reason ?? ''} (${rule})`
  })

async function check(text: string, question: Question, ...want: readonly string[]): Promise<void> {
  const { series } = await explained(text, question)
  expect(endsOf(series[0]!.deliveries)).toEqual(want)
}

const steps = async (text: string, question: Question): Promise<readonly string[]> =>
  (await explained(text, question)).series[0]!.deliveries[0]!.path.flatMap((hop) => hop.steps)

const file = `
prometheus.receive_http "in" {
  tenant_from_header = "X-Tenant"
  forward_to = [prometheus.relabel.ns.receiver, prometheus.remote_write.all.receiver]
}
prometheus.relabel "ns" {
  rule {
    source_labels = ["ns"]
    regex = "([a-z]+)-.*"
    target_label = "__tenant_id__"
  }
  rule {
    action = "drop"
    source_labels = ["job"]
    regex = "noise"
  }
  forward_to = [prometheus.remote_write.mimir.receiver]
}
prometheus.remote_write "mimir" {
  external_labels = { cluster = "eu" }
  endpoint {
    url = "http://u:pw@mimir/push"
    tenancy {
      override {
        tenants = ["big"]
        url = "http://big/push"
      }
    }
  }
  endpoint {
    name = "again"
    forward_to = [prometheus.remote_write.all.receiver, prometheus.remote_write.strict.receiver]
    tenancy { labels = ["team"] }
  }
}
prometheus.remote_write "all" {
  endpoint { url = "http://all/push" }
}
prometheus.remote_write "strict" {
  endpoint {
    url = "http://strict/push"
    tenancy { deny = ["bad"] }
  }
}
`

test('every way to every end', async () => {
  const at = 'in > ns'
  await check(
    file,
    { labels: { __name__: 'up', ns: 'big-1', team: 'a' } },
    `${at} > mimir/0: tenant big (label __tenant_id__)`,
    `${at} > mimir/again > all/0: untenanted  (no tenancy)`,
    `${at} > mimir/again > strict/0: tenant a (label __tenant_id__)`,
    'in > all/0: untenanted  (no tenancy)',
  )
  await check(
    file,
    { labels: { __name__: 'up', job: 'noise' } },
    `${at}: dropped relabelling (rule 2)`,
    'in > all/0: untenanted  (no tenancy)',
  )
  await check(
    file,
    { labels: { __name__: 'up', team: 'bad' } },
    `${at} > mimir/0: rejected missing_tenant (on_missing)`,
    `${at} > mimir/again > all/0: untenanted  (no tenancy)`,
    // Nobody waits behind an endpoint that forwards.
    `${at} > mimir/again > strict/0: dropped bad (on_invalid)`,
    'in > all/0: untenanted  (no tenancy)',
  )
})

test('what the sender says of tenants counts only where it is trusted', async () => {
  const question = { labels: { __name__: 'up', __tenant_id__: 'evil' } }
  const ends = async (text: string, headers = {}) =>
    (await explained(text, { ...question, headers })).series[0]!.deliveries[0]
  expect(await ends(file)).toMatchObject({ verdict: 'rejected', reason: 'missing_tenant' })
  expect(await ends(file, { 'x-tenant': 'h' })).toMatchObject({ verdict: 'tenant', tenant: 'h' })
  const trusting = file.replace('tenant_from_header = "X-Tenant"', 'trust_tenant_label = true')
  expect(await ends(trusting)).toMatchObject({ verdict: 'tenant', tenant: 'evil' })
})

test('labels that the metadata of remote write 2.0 makes are not known', async () => {
  const text = file.replace('tenant_from_header = "X-Tenant"', 'enable_type_and_unit_labels = true')
  expect(await steps(text, { labels: { __name__: 'm' } })).toContain(
    '__type__ and __unit__ are not shown: what the series’ metadata says is not known here',
  )
})

test('what has no label but the sender’s tenant goes by on_missing', async () => {
  const text = `
prometheus.receive_http "in" {
  forward_to = [prometheus.remote_write.mimir.receiver]
}
prometheus.remote_write "mimir" {
  endpoint {
    url = "http://mimir/push"
    tenancy {
      default = "d"
    }
  }
}`
  await check(text, { labels: { __tenant_id__: 'a' } }, 'in > mimir/0: rejected no_labels_left (on_missing)')
  await check(text, { labels: { __tenant_id__: 'a', b: 'c' } }, 'in > mimir/0: tenant d (default)')
})

test('each rule says what it did', async () => {
  const text = `
prometheus.relabel "x" {
  rule {
    target_label = "a"
    replacement = "1"
  }
  rule {
    action = "labelmap"
    regex = "meta_(.+)"
  }
  rule {
    action = "labeldrop"
    regex = "meta_.+"
  }
  rule {
    action = "labelkeep"
    regex = "[^q]+"
  }
  rule {
    action = "hashmod"
    source_labels = ["a"]
    modulus = 4
    target_label = "h"
  }
  rule {
    action = "uppercase"
    source_labels = ["job"]
    target_label = "job"
  }
  rule {
    action = "keepequal"
    source_labels = ["job"]
    target_label = "job"
  }
  rule {
    source_labels = ["job"]
    regex = "API"
    replacement = ""
    target_label = "a"
  }
  rule {
    action = "keep"
    source_labels = ["job"]
    regex = "no"
  }
  forward_to = []
}
`
  expect(
    await steps(text, { labels: { __name__: 'up', job: 'api', meta_k: 'v' }, from: 'prometheus.relabel.x' }),
  ).toEqual([
    'rule 1 (replace), a = "1"',
    'rule 2 (labelmap): meta_(.+) matches meta_k, k = "v"',
    'rule 3 (labeldrop): meta_.+ matches meta_k, meta_k removed',
    'rule 4 (labelkeep): [^q]+ matches __name__, job, a, k, nothing changes',
    'rule 5 (hashmod) of "1", h = "3"',
    'rule 6 (uppercase) of "api", job = "API", was "api"',
    'rule 7 (keepequal): "API" is job’s value, kept',
    'rule 8 (replace): "API" matches API, a removed',
    'rule 9 (keep): "API" does not match no, dropped',
  ])
})

test('external labels come before rules and tenancy; the series’ own win', async () => {
  const text = `
prometheus.remote_write "x" {
  external_labels = { cluster = "eu", team = "ext" }
  endpoint {
    url = "http://mimir/push"
    write_relabel_config {
      source_labels = ["cluster", "team"]
      target_label = "__tenant_id__"
      separator = "-"
    }
    tenancy { default = "none" }
  }
}
`
  const from = 'prometheus.remote_write.x'
  expect(await steps(text, { labels: { __name__: 'up', cluster: 'us' }, from })).toEqual([
    'external label team = "ext"',
    'write_relabel_config 1 (replace): "us-ext" matches (.*), __tenant_id__ = "us-ext"',
    'label __tenant_id__ = "us-ext": chosen',
    'tenant "us-ext" by label __tenant_id__',
  ])
  const { series } = await explained(text, { labels: { __name__: 'up', cluster: 'us' }, from })
  expect(series[0]!.deliveries[0]!.sent).toEqual({
    labels: [
      ['__name__', 'up'],
      ['cluster', 'us'],
      ['team', 'ext'],
    ],
    url: 'http://mimir/push',
    header: 'X-Scope-OrgID: us-ext',
  })
})

test('what leads nowhere, logs, series that become one', async () => {
  const none = 'prometheus.relabel "x" { forward_to = [] }\nprometheus.remote_write "y" { }'
  await check(none, { labels: { a: 'b' }, from: 'prometheus.relabel.x' }, 'x: dropped nowhere (nowhere)')
  await check(none, { labels: { a: 'b' }, from: 'prometheus.remote_write.y' }, 'y: dropped nowhere (nowhere)')
  const drop = 'prometheus.relabel "x" {\nforward_to = []\nrule {\naction = "labeldrop"\nregex = ".*"\n}\n}'
  await check(drop, { labels: { a: 'b' }, from: 'prometheus.relabel.x' }, 'x: dropped no_labels (no_labels)')
  const logs = 'loki.write "x" {\nendpoint {\nurl = "http://loki/push"\ntenant_id = "t"\n}\n}'
  await check(logs, { labels: { app: 'b' }, from: 'loki.write.x' }, 'x/0: tenant t (default)')
  const one =
    'prometheus.remote_write "x" {\nendpoint {\nurl = "http://mimir/push"\ntenancy {\nlabels = ["a", "b"]\n}\n}\n}'
  const from = 'prometheus.remote_write.x'
  const { warnings } = await explained(one, { labels: { c: 'd', a: 't' }, from }, { labels: { c: 'd', b: 't' }, from })
  expect(warnings).toEqual([
    '{c="d", a="t"} and {c="d", b="t"} are the same series of tenant t when they are sent by prometheus.remote_write.x/0',
  ])
})

test('a tenant may be called as one that is not said', async () => {
  const from = 'prometheus.remote_write.x'
  const question = { labels: { __name__: 'up', team: '__none__' }, from }
  const endpoint = (lines: string) => `${from.replace('.x', '')} "x" {\nendpoint {\nurl = "http://x"\n${lines}\n}\n}`
  await check(endpoint('tenancy { labels = ["team"] }'), question, 'x/0: tenant __none__ (label team)')
  await check(endpoint(''), question, 'x/0: untenanted  (no tenancy)')
})

test('files that are read count', async () => {
  const text = `
local.file "t" { filename = "package.json" }
prometheus.remote_write "x" {
  endpoint {
    url = "http://mimir/push"
    tenancy { default = encoding.from_json(local.file.t.content)["name"] }
  }
}
`
  const { series } = await explained(text, { labels: { a: 'b' }, from: 'prometheus.remote_write.x' })
  expect(series[0]!.deliveries[0]!.tenant).toBe(JSON.parse(readFileSync('package.json', 'utf8')).name)
})
