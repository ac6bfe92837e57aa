// A real Prometheus writes to the agent, which finds the tenant in a namespace and sends on: to the test receiver, each
// tenant's apart, and to a second Prometheus, with the tenant's label kept. A rule is changed meanwhile. What arrives is
// compared with what the sender's own storage holds. Once as 1.0, and once made 2.0: the second Prometheus, which takes
// 204 for an answer to what it can't read, gets 1.0 then.

import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { sampleTenants } from '../../src/dev/sender/sample-metrics.ts'
import { startSampleTarget } from '../../src/dev/sender/sample-target.ts'
import { startAgent } from '../support/agent.ts'
import { between, countOf, delivered, lacking, type Samples, without } from '../support/compare.ts'
import { freePort } from '../support/free-port.ts'
import { testWith } from '../support/peers.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { testSink } from '../support/test-sink.ts'
import { until } from '../support/until.ts'

const fallback = 'shared'
const everyone = [fallback, ...sampleTenants]
const comparedMs = 6000

const configOf = (port: number, sink: string, other: string, message: string, dropped: string): string => `
prometheus.receive_http "in" {
  http {
    listen_port = ${port}
  }
  forward_to = [prometheus.relabel.team.receiver]
}

prometheus.relabel "team" {
  rule {
    source_labels = ["namespace"]
    regex         = "apps-(.*)-prod"
    target_label  = "team"
  }
  rule {
    source_labels = ["__name__"]
    regex         = "${dropped}"
    action        = "drop"
  }
  forward_to = [
    prometheus.remote_write.tenants.receiver,
    prometheus.remote_write.one.receiver,
  ]
}

prometheus.remote_write "tenants" {
  endpoint {
    url              = "${sink}"
    protobuf_message = "${message}"

    tenancy {
      labels  = ["team"]
      default = "${fallback}"
    }
  }
}

prometheus.remote_write "one" {
  endpoint {
    url              = "${other}/api/v1/write"
    protobuf_message = "${message}"

    tenancy {
      labels     = ["team"]
      default    = "${fallback}"
      keep_label = true
    }
  }
}
`

const namespaceOf = (tenant: string): string => `apps-${tenant}-prod`
const selectorOf = (tenant: string): string =>
  tenant === fallback ? '{namespace="", __name__=~".+"}' : `{namespace="${namespaceOf(tenant)}"}`

for (const [form, version, message] of [
  ['1.0', '0.1.0', 'prometheus.WriteRequest'],
  ['2.0', '2.0.0', 'io.prometheus.write.v2.Request'],
] as const)
  testWith(['prometheus'], `${form}: tenants from a namespace; one Prometheus gets all with the label`, async () => {
    const sink = await testSink()
    const shop = await startSampleTarget()
    onTestFinished(() => shop.close())
    const receiver = await startPrometheus({ isReceiver: true })
    const port = await freePort()
    const config = (dropped: string): string => configOf(port, sink.pushUrl, receiver.url, message, dropped)
    const agent = await startAgent({ config: config('nothing'), flags: ['--stability.level=experimental'] })
    const sender = await startPrometheus({
      jobs: { self: '', shop: new URL(shop.metricsUrl).host },
      relabel: [
        { source_labels: ['tenant'], regex: '(.+)', target_label: 'namespace', replacement: 'apps-$1-prod' },
        { regex: 'tenant', action: 'labeldrop' },
      ],
      remoteWrite: `http://127.0.0.1:${port}/api/v1/metrics/write`,
    })
    await sink.until(({ store }) => everyone.every((tenant) => store.counts(tenant).samples > 0), 30_000)
    const fromMs = Date.now()
    for (let n = 1; n <= 4; n++) {
      await wait(comparedMs / 4)
      agent.configure(config(`nothing-${n}`))
      expect((await agent.reload()).status).toBe(200)
    }
    const toMs = Date.now()
    // A scrape that began before then may still be being written down.
    await wait(1500)
    for (const tenant of everyone) {
      const sent = await sender.samples(selectorOf(tenant), fromMs, toMs)
      expect(countOf(sent)).toBeGreaterThan(tenant === fallback ? 500 : 60)
      await until(() => lacking(sent, delivered(sink.store, tenant)).length === 0, {
        what: `every sample of ${tenant} arrives`,
        seen: () => lacking(sent, delivered(sink.store, tenant)),
      })
      const all = await sender.samples(selectorOf(tenant), fromMs - 60_000, toMs)
      expect(lacking(between(delivered(sink.store, tenant), 0, toMs), all)).toEqual([])
      expect(sink.store.counts(tenant)).toMatchObject({ duplicates: 0, outOfOrder: 0 })

      const kept = tenant === fallback ? selectorOf(tenant) : `{team="${tenant}"}`
      let got: Samples = new Map()
      await until(
        async () => {
          got = without(await receiver.samples(kept, fromMs, toMs), `team="${tenant}"`)
          return lacking(sent, got).length === 0
        },
        { what: `every sample of ${tenant} reaches the other`, everyMs: 200, seen: () => lacking(sent, got) },
      )
      expect(lacking(got, sent)).toEqual([])
    }
    expect(sink.store.tenants).toEqual(everyone)
    expect(sink.store.violations).toEqual([])
    expect(await agent.metric('sluice_tenant_samples_failed_total')).toBe(0)
    expect(await agent.metric('sluice_queue_dropped_samples_total')).toBe(0)
    const versions = sink.requests.map(({ headers }) => headers['x-prometheus-remote-write-version'])
    expect(versions.filter((each) => each !== version)).toEqual([])
    // What is found out of the second one is remembered: only what was under way by then was tried in vain, too.
    const fallbacks = await agent.metric('sluice_remote_write_fallbacks_total')
    expect(fallbacks > 0).toBe(form === '2.0')
    expect(fallbacks).toBeLessThanOrEqual(everyone.length * 4)
  })
