import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { kinds } from '../components/kinds.ts'
import { convertToPrometheus } from './to-prometheus.ts'

const convert = (text: string, options = {}) =>
  convertToPrometheus('a.alloy', text, { kinds, stability: 'experimental' }, options)

async function said(text: string): Promise<readonly string[]> {
  const { diagnostics } = await convert(text)
  return diagnostics.map(
    ({ severity, line, col, message, hint }) =>
      `${severity === 'warning' ? '~' : ''}${line}:${col} ${message}${hint === undefined ? '' : ` | ${hint}`}`,
  )
}

/** The YAML of a remote_write with this endpoint, as an object. */
async function endpoint(body: string, options = {}): Promise<Readonly<Record<string, unknown>>> {
  const text = `prometheus.remote_write "x" {\n  endpoint {\n    url = "http://mimir/push"\n${body}\n  }\n}\n`
  const { text: yaml = '' } = await convert(text, options)
  return parse(yaml).remote_write[0]
}

const usual = {
  url: 'http://mimir/push',
  remote_timeout: '30s',
  send_exemplars: true,
  enable_http2: false,
  queue_config: {
    ...{ capacity: 10_000, min_shards: 1, max_shards: 50, max_samples_per_send: 2000, batch_send_deadline: '5s' },
    ...{ min_backoff: '30ms', max_backoff: '5s', retry_on_http_429: true },
  },
}
const check = async (body: string, want: object, options = {}) =>
  expect(await endpoint(body, options)).toEqual({ ...usual, ...want })

test('a whole file', async () => {
  const { text, hasMasked, diagnostics } = await convert(`
prometheus.remote_write "mimir" {
  external_labels = { cluster = "eu", zone = "yes" }

  endpoint {
    name    = "first"
    url     = "http://mimir/push"
    headers = { "X-Scope-OrgID" = "team-a" }

    basic_auth {
      username = "u"
      password = "pass"
    }

    write_relabel_config {
      source_labels = ["a", "b"]
      separator     = "/"
      regex         = "x(.*)"
      target_label  = "c"
      replacement   = "$1"
    }

    write_relabel_config {
      action        = "hashmod"
      source_labels = ["a"]
      modulus       = 8
      target_label  = "shard"
    }
  }

  endpoint {
    url = "https://other/push"
    queue_config {
      max_backoff      = "1m30s"
      sample_age_limit = "1h"
    }
  }
}
`)
  expect(diagnostics).toEqual([])
  expect(hasMasked).toBe(true)
  expect(text).toBe(`global:
  external_labels:
    cluster: eu
    zone: "yes"
remote_write:
  # prometheus.remote_write.mimir/first
  - url: http://mimir/push
    name: first
    remote_timeout: 30s
    send_exemplars: true
    enable_http2: false
    headers:
      X-Scope-OrgID: team-a
    basic_auth:
      username: u
      password: <secret>
    write_relabel_configs:
      - source_labels:
          - a
          - b
        separator: /
        regex: x(.*)
        target_label: c
      - source_labels:
          - a
        modulus: 8
        target_label: shard
        action: hashmod
    queue_config:
      capacity: 10000
      min_shards: 1
      max_shards: 50
      max_samples_per_send: 2000
      batch_send_deadline: 5s
      min_backoff: 30ms
      max_backoff: 5s
      retry_on_http_429: true
  # prometheus.remote_write.mimir/1
  - url: https://other/push
    remote_timeout: 30s
    send_exemplars: true
    enable_http2: false
    queue_config:
      capacity: 10000
      min_shards: 1
      max_shards: 50
      max_samples_per_send: 2000
      batch_send_deadline: 5s
      min_backoff: 30ms
      max_backoff: 1m30s
      retry_on_http_429: true
      sample_age_limit: 1h
`)
})

test('arguments and blocks by their names in Prometheus', async () => {
  await check('', {})
  await check('send_exemplars = false\nsend_native_histograms = true\nremote_timeout = "1m"', {
    ...{ send_exemplars: false, send_native_histograms: true, remote_timeout: '1m' },
  })
  for (const [message, want] of [
    ['io.prometheus.write.v2.Request', { protobuf_message: 'io.prometheus.write.v2.Request' }],
    ['prometheus.WriteRequest', {}],
  ] as const)
    await check(`protobuf_message = "${message}"`, want)
  await check('bearer_token = "t"', { authorization: { type: 'Bearer', credentials: 't' } }, { showSecrets: true })
  await check('bearer_token_file = "f"', { authorization: { type: 'Bearer', credentials_file: 'f' } })
  await check('tls_config {\nca_pem = "CA"\ncert_file = "c"\nkey_file = "k"\nmin_version = "TLS12"\n}', {
    tls_config: { ca: 'CA', cert_file: 'c', key_file: 'k', min_version: 'TLS12' },
  })
  await check(
    'http_headers = { "X-A" = ["v", "w"] }',
    { http_headers: { 'X-A': { secrets: ['v', 'w'] } } },
    { showSecrets: true },
  )
  await check('headers = { "X-A" = "v" }', { headers: { 'X-A': '<secret>' } })
  await check('sigv4 { }', { sigv4: {} })
  await check('azuread {\nsdk {\ntenant_id = "t-1"\n}\n}', { azuread: { sdk: { tenant_id: 't-1' } } })
  await check('follow_redirects = false\nenable_http2 = true\nround_robin_dns = true', {
    ...{ follow_redirects: false, enable_http2: true, round_robin_dns: true },
  })
  await check('metadata_config {\nsend = false\nsend_interval = "2m"\n}', {
    metadata_config: { send: false, send_interval: '2m' },
  })
  expect(
    await said(
      'prometheus.remote_write "x" {\nendpoint {\nurl = "http://m"\nmetadata_config { send_interval = "2m" }\n}\n}',
    ),
  ).toEqual([])
  await check('proxy_url = "http://u:p@proxy:1"', { proxy_url: '<secret>' })
  const inUrl = await convert('prometheus.remote_write "x" {\nendpoint {\nurl = "http://u:p@mimir/push"\n}\n}', {
    showSecrets: true,
  })
  const inQuery = await convert('prometheus.remote_write "x" {\nendpoint {\nurl = "http://mimir/push?token=t"\n}\n}')
  expect(parse(inQuery.text ?? '').remote_write).toEqual([{ ...usual, url: 'http://mimir/push?token=<secret>' }])
  expect(parse(inUrl.text ?? '').remote_write).toEqual([{ ...usual, basic_auth: { username: 'u', password: 'p' } }])
})

test('external labels that differ become rules, and names are told apart', async () => {
  const { text = '' } = await convert(`
prometheus.remote_write "a" {
  external_labels = { cluster = "$eu" }
  endpoint {
    name = "m"
    url  = "http://mimir/push"
  }
}
prometheus.remote_write "b" {
  endpoint { url = "http://mimir/push" }
}
`)
  const rule = { source_labels: ['cluster'], regex: '', target_label: 'cluster', replacement: '$$eu' }
  expect(parse(text)).toEqual({
    remote_write: [
      { ...usual, name: 'a/m', write_relabel_configs: [rule] },
      { ...usual, name: 'b/0' },
    ],
  })
})

test('what Prometheus can’t do is said in place', async () => {
  expect(
    await said(`prometheus.receive_http "in" {
  forward_to = [prometheus.remote_write.x.receiver]
}
prometheus.remote_write "x" {
  endpoint {
    url = "http://mimir/push"
    tenancy {
      labels  = ["team"]
      default = "shared"
      override { tenants = ["big"] }
    }
  }
  endpoint {
    url = "http://mimir/push2"
    tenancy { }
  }
  endpoint {
    forward_to = [prometheus.remote_write.y.receiver]
  }
}
prometheus.remote_write "y" { }
`),
  ).toEqual([
    '~1:1 prometheus.receive_http.in is not carried: only prometheus.remote_write has a counterpart',
    '~7:5 Prometheus sends all series as one tenant, here the default shared; lost: labels, override { … } | Sluice’s proxy between Prometheus and the URL finds the tenants: sluice proxy',
    '~15:5 Prometheus sends all series as one tenant, and here none is named | Sluice’s proxy between Prometheus and the URL finds the tenants: sluice proxy',
    '18:18 forward_to is not carried | Prometheus sends to URLs only; take the endpoint out',
  ])
  expect(await said('')).toEqual([
    '1:1 there is no prometheus.remote_write | nothing else has a counterpart in `remote_write`',
  ])
  expect(await said('prometheus.remote_write "x" { a = 1 }')).toHaveLength(1)
  await check('tenancy {\ndefault = "shared"\nprefix = "eu-"\nheader = "X-Org"\n}', {
    headers: { 'X-Org': 'eu-shared' },
  })
})

test('the reserved label stays inside', async () => {
  const rule = 'write_relabel_config {\nsource_labels = ["ns"]\ntarget_label = "__tenant_id__"\n}'
  const { write_relabel_configs } = await endpoint(rule)
  expect(write_relabel_configs).toEqual([
    { source_labels: ['ns'], target_label: '__tenant_id__' },
    { regex: '__tenant_id__', action: 'labeldrop' },
  ])
})
