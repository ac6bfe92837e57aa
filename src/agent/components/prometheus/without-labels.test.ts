// Series that have nothing but their tenant's label, or whose labels rules take away: they go to nobody, not to the
// default tenant either, and are counted. What comes with them is delivered.

import { expect, test } from 'vitest'
import { series, write } from '../../../../test/support/bodies.ts'
import { startBench } from '../../../../test/support/components.ts'
import { startUpstream } from '../../../../test/support/flow.ts'
import { receiveHttp } from './receive-http/receive-http.ts'
import { relabel } from './relabel/relabel.ts'
import { remoteWriteKind } from './remote-write/remote-write.ts'

const id = 'prometheus.receive_http.in'
const pushed = write([series('__name__=m', 'a=b'), series('__tenant_id__=x')])

interface Given {
  /** Of the receiver, of `prometheus.remote_write`, of its endpoint, of its `tenancy`. */
  readonly receive?: string
  readonly writer?: string
  readonly endpoint?: string
  readonly tenancy?: string
  /** A `prometheus.relabel` in between, with these rules. */
  readonly rules?: string
}

interface Wanted {
  readonly status: number
  /** In the answer. */
  readonly text?: string
  /** What upstream gets. */
  readonly got: readonly string[]
  /** `rejected reason items` or `dropped reason items`, as metrics have it. */
  readonly counted: readonly string[]
}

async function check({ receive = '', writer = '', endpoint = '', tenancy, rules }: Given, want: Wanted) {
  const upstream = await startUpstream()
  const bench = startBench([receiveHttp, relabel, remoteWriteKind])
  const problems = await bench.load(`
prometheus.receive_http "in" {
  http { listen_port = 0 }
  forward_to = [prometheus.${rules === undefined ? 'remote_write' : 'relabel'}.next.receiver]
  ${receive}
}
${rules === undefined ? '' : `prometheus.relabel "next" {\n${rules}\nforward_to = [prometheus.remote_write.next.receiver]\n}`}
prometheus.remote_write "next" {
  ${writer}
  endpoint {
    url = "${upstream.url}"
    ${endpoint}
    ${tenancy === undefined ? '' : `tenancy {\n${tenancy}\n}`}
  }
}`)
  expect(problems).toEqual([])
  const { status, text } = await bench.push(id, '/api/v1/metrics/write', pushed, { 'x-tenant': 'h' })
  const counts = await Promise.all(
    ['rejected', 'dropped'].map(async (kind) =>
      (await bench.metric(`sluice_${kind}_total`)).map((line) => line.replace('metrics', kind)),
    ),
  )
  const { text: said = '', ...others } = want
  expect({ status, got: upstream.got, counted: counts.flat() }).toEqual(others)
  expect(text).toContain(said)
}

const refused = { status: 400, text: '1 series rejected\nrejected no_labels_left (1)' }
const rejected = ['rejected no_labels_left 1']
const droppedByRules = ['dropped no_labels 1']
const withDefault = 'default = "d"'
const dropsLabels = (block: string): string => `${block} {\nregex = "__tenant_id__"\naction = "labeldrop"\n}`

test('the receiver takes away the only label: by on_missing', async () => {
  await check({ tenancy: withDefault }, { ...refused, got: ['d: m{a="b"}'], counted: rejected })
  await check({ tenancy: `${withDefault}\nkeep_label = true` }, { ...refused, got: ['d: m{a="b"}'], counted: rejected })
  await check(
    { tenancy: `${withDefault}\non_missing = "drop"` },
    { status: 200, got: ['d: m{a="b"}'], counted: ['dropped no_labels_left 1'] },
  )
  await check({}, { ...refused, got: [': m{a="b"}'], counted: rejected })
})

test('the only label is trusted, or set from a header: by on_missing', async () => {
  const trusted = 'trust_tenant_label = true'
  await check({ receive: trusted, tenancy: withDefault }, { ...refused, got: ['d: m{a="b"}'], counted: rejected })
  const receive = 'tenant_from_header = "X-Tenant"'
  await check({ receive, tenancy: withDefault }, { ...refused, got: ['h: m{a="b"}'], counted: rejected })
})

test('external labels are labels', async () => {
  const writer = 'external_labels = { cluster = "c" }'
  await check(
    { writer, tenancy: withDefault },
    { status: 200, got: ['d: m{a="b", cluster="c"} {cluster="c"}'], counted: [] },
  )
  const wanted = { ...refused, got: ['o: m{a="b"}'], counted: rejected }
  await check({ writer: 'external_labels = { org = "o" }', tenancy: `${withDefault}\nlabels = ["org"]` }, wanted)
})

test('rules leave nothing: dropped and counted, as by Prometheus', async () => {
  const wanted = { status: 200, got: ['d: m{a="b"}'], counted: droppedByRules }
  const receive = 'trust_tenant_label = true'
  await check({ receive, rules: dropsLabels('rule'), tenancy: withDefault }, wanted)
  await check({ receive, endpoint: dropsLabels('write_relabel_config'), tenancy: withDefault }, wanted)
  // What the receiver has taken away is not there for rules.
  await check({ rules: dropsLabels('rule'), tenancy: withDefault }, wanted)
})
