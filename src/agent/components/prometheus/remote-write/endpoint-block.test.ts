import { expect, test } from 'vitest'
import { printDiagnostics } from '../../../../config/diagnostics.ts'
import { loadHttpClientFile } from '../../../../config/http-client/load-http-client.ts'
import { revealed } from '../../../../config/http-client/revealed.ts'
import { defaultQueueConfig } from '../../../../config/resolve-queue.ts'
import { defaultTenancy, noTenancy } from '../../../../config/tenancy-settings.ts'
import type { UpstreamSpec } from '../../../flow/endpoint-spec.ts'
import type { BlockSpec, Decoded } from '../../../graph/component.ts'
import { decodeBlock } from '../../../graph/decode-block.ts'
import type { Block } from '../../../syntax/ast.ts'
import { parseFile } from '../../../syntax/parse.ts'
import { flatRows } from '../../endpoint/block-of-rows.ts'
import { clientRows, cloudRows, roundRobinRow } from '../../endpoint/client-block.ts'
import type { EndpointPlan } from '../../endpoint/endpoint-plan.ts'
import { dropInternalLabels } from '../../internal-labels.ts'
import { endpointBlock as logsBlock, settleEndpoint as settleLogs } from '../../loki/write/endpoint-block.ts'
import { endpointBlock, settleEndpoint } from './endpoint-block.ts'

const stability = 'experimental'

function settled(
  body: string,
  { schema }: BlockSpec = endpointBlock,
  settle: typeof settleEndpoint = settleEndpoint,
): { plan: EndpointPlan; decoded: Decoded } {
  const block = parseFile('a', `endpoint {\nurl = "http://u:p@h/push"\n${body}\n}`).file.body[0] as Block
  const problems: string[] = []
  const report = (severity: string, _at: unknown, message: string) => {
    if (severity === 'error') problems.push(message)
  }
  const { decoded } = decodeBlock(block, schema, { scope: { lookup: () => undefined }, report })
  const plan = settle(decoded, 3, report, { stability })
  expect(problems).toEqual([])
  return { plan: plan!, decoded }
}
const planOf = (body: string) => settled(body).plan

const uuid = 'f47ac10b-58cc-0372-8567-0e02b2c3d479'

/** The same in both languages; `yaml` with user and password of the URL where nothing else signs in. */
const pairs: readonly (readonly [alloy: string, yaml: string])[] = [
  ['', 'basic_auth: { username: u, password: p }'],
  [
    'basic_auth {\nusername = "a"\npassword = "b"\n}\nproxy_url = "http://proxy"\nno_proxy = "x"\nproxy_connect_header = { A = ["b", "c"] }',
    'basic_auth: { username: a, password: b }\nproxy_url: http://proxy\nno_proxy: x\nproxy_connect_header: { A: [b, c] }',
  ],
  ['basic_auth {\npassword_file = "f"\n}', 'basic_auth: { password_file: f }'],
  ['authorization {\ntype = "T"\ncredentials = "c"\n}', 'authorization: { type: T, credentials: c }'],
  ['authorization {\ncredentials_file = "c"\n}', 'authorization: { credentials_file: c }'],
  ['bearer_token = "t"\nproxy_from_environment = true', 'bearer_token: t\nproxy_from_environment: true'],
  [
    'bearer_token_file = "t"\nenable_http2 = true\nfollow_redirects = false\nround_robin_dns = true',
    'bearer_token_file: t\nenable_http2: true\nfollow_redirects: false\nround_robin_dns: true',
  ],
  [
    `oauth2 {
client_id = "c"
client_secret = "s"
token_url = "http://t"
scopes = ["a", "b"]
endpoint_params = { a = "b" }
proxy_url = "http://proxy"
no_proxy = "x"
proxy_connect_header = { A = ["b"] }
tls_config {
ca_pem = "CA"
cert_pem = "C"
key_pem = "K"
server_name = "n"
insecure_skip_verify = true
min_version = "TLS13"
}
}`,
    'oauth2: { client_id: c, client_secret: s, token_url: "http://t", scopes: [a, b], endpoint_params: { a: b }, proxy_url: "http://proxy", no_proxy: x, proxy_connect_header: { A: [b] }, tls_config: { ca: CA, cert: C, key: K, server_name: n, insecure_skip_verify: true, min_version: TLS13 } }',
  ],
  [
    'oauth2 {\nclient_id = "c"\nclient_secret_file = "s"\ntoken_url = "http://t"\nproxy_from_environment = true\ntls_config {\nca_file = "CA"\ncert_file = "C"\nkey_file = "K"\n}\n}',
    'oauth2: { client_id: c, client_secret_file: s, token_url: "http://t", proxy_from_environment: true, tls_config: { ca_file: CA, cert_file: C, key_file: K } }',
  ],
  [
    'sigv4 {\nregion = "r"\naccess_key = "a"\nsecret_key = "s"\nprofile = "p"\nrole_arn = "x"\nexternal_id = "e"\nuse_fips_sts_endpoint = true\nservice_name = "n"\n}',
    'sigv4: { region: r, access_key: a, secret_key: s, profile: p, role_arn: x, external_id: e, use_fips_sts_endpoint: true, service_name: n }',
  ],
  ['sigv4 { }', 'sigv4: {}'],
  [
    `azuread {\ncloud = "AzureChina"\nscope = "s"\nmanaged_identity {\nclient_id = "${uuid}"\n}\n}`,
    `azuread: { cloud: AzureChina, scope: s, managed_identity: { client_id: ${uuid} } }`,
  ],
  [
    `azuread {\noauth {\nclient_id = "${uuid}"\nclient_secret = "s"\ntenant_id = "t"\n}\n}`,
    `azuread: { oauth: { client_id: ${uuid}, client_secret: s, tenant_id: t } }`,
  ],
  ['azuread {\nsdk {\ntenant_id = "t"\n}\n}', 'azuread: { sdk: { tenant_id: t } }'],
  [
    `azuread {\nworkload_identity {\nclient_id = "${uuid}"\ntenant_id = "${uuid}"\ntoken_file_path = "/f"\n}\n}`,
    `azuread: { workload_identity: { client_id: ${uuid}, tenant_id: ${uuid}, token_file_path: /f } }`,
  ],
  ['google_iam {\ncredentials_file = "f"\n}', 'google_iam: { credentials_file: f }'],
  ['google_iam { }', 'google_iam: {}'],
  [
    'bearer_token = "t"\ntls_config {\nca_pem = "CA"\ncert_pem = "C"\nkey_pem = "K"\nserver_name = "n"\ninsecure_skip_verify = true\nmin_version = "TLS11"\n}\nheaders = { A = "b" }\nhttp_headers = { B = ["c", "d"] }',
    'bearer_token: t\ntls_config: { ca: CA, cert: C, key: K, server_name: n, insecure_skip_verify: true, min_version: TLS11 }\nheaders: { A: b }\nhttp_headers: { B: { secrets: [c, d] } }',
  ],
  [
    'bearer_token = "t"\ntls_config {\nca_file = "CA"\ncert_file = "C"\nkey_file = "K"\n}',
    'bearer_token: t\ntls_config: { ca_file: CA, cert_file: C, key_file: K }',
  ],
]

test('every setting of the HTTP client means what it means in a file of Prometheus', () => {
  const tried = new Set<string>()
  for (const [alloy, yaml] of pairs) {
    const { plan, decoded } = settled(alloy)
    const loaded = loadHttpClientFile({ name: 'c', text: yaml })
    if (!loaded.ok) throw new Error(printDiagnostics(loaded.diagnostics))
    const { url, client } = plan.to as UpstreamSpec
    expect([url, revealed(client)]).toEqual(['http://h/push', revealed(loaded.settings)])
    for (const path of flatRows(decoded).spans.keys()) tried.add(path)
  }
  const rows = Object.keys({ ...clientRows, ...cloudRows, ...roundRobinRow })
  expect(rows.filter((path) => !tried.has(path))).toEqual([])
  expect(rows).toHaveLength(64)
})

test('an endpoint is as Alloy has it by default', () => {
  const plan = planOf('')
  expect({ ...plan, to: undefined }).toEqual({
    name: '3',
    to: undefined,
    tenancy: noTenancy,
    timeoutMs: 30_000,
    protobufMessage: 'prometheus.WriteRequest',
    queue: defaultQueueConfig,
    withheld: { exemplars: false, histograms: true },
    rules: [],
  })
})

test('what else an endpoint says', () => {
  const plan = planOf(`
name = "n"
remote_timeout = "1m30s"
send_exemplars = false
send_native_histograms = true
queue_config {
  capacity             = 1
  max_shards           = 2
  min_shards           = 2
  max_samples_per_send = 3
  batch_send_deadline  = "1s"
  min_backoff          = "2s"
  max_backoff          = "3s"
  retry_on_http_429    = false
  sample_age_limit     = "4s"
}
metadata_config {
  send = false
}
write_relabel_config {
  target_label = "a"
  replacement  = "b"
}`)
  expect(plan).toMatchObject({
    name: 'n',
    tenancy: { ...noTenancy, metadata: 'drop' },
    timeoutMs: 90_000,
    withheld: { exemplars: true, histograms: false },
    rules: [{ action: 'replace', targetLabel: 'a', replacement: 'b' }],
    queue: {
      ...{ capacity: 1, maxShards: 2, minShards: 2, maxSamplesPerSend: 3, batchSendDeadlineMs: 1000 },
      ...{ minBackoffMs: 2000, maxBackoffMs: 3000, retryOnHttp429: false, sampleAgeLimitMs: 4000 },
    },
  })
  expect(planOf('send_native_histograms = true').withheld).toBeUndefined()
})

test('a tenancy says what it says elsewhere', () => {
  expect(planOf('tenancy { }').tenancy).toEqual(defaultTenancy)
  const { tenancy } = planOf(`tenancy {
labels = ["a"]
default = "d"
on_missing = "drop"
on_invalid = "drop"
keep_label = true
prefix = "p"
prefix_from_header = "X-P"
header = "X-H"
allow = ["p*"]
deny = ["px"]
strict = true
metadata = "broadcast"
max_tenants = 5
max_tenants_per_request = 4
idle_timeout = "1m"
max_in_flight_per_tenant = 3
rate_limit {
  samples_per_second = 2
  burst = 1
}
override {
  tenants = ["pa", "pb*"]
  url = "http://u:p@other/push"
  remote_timeout = "1s"
  headers = { A = "b" }
  enable_http2 = true
  protobuf_message = "prometheus.WriteRequest"
  send_exemplars = false
  send_native_histograms = false
  rate_limit {
    burst = 7
  }
  queue_config {
    max_shards = 3
  }
}
override {
  tenants = ["pc"]
  url = "http://u:p@other/push"
  sigv4 { }
}
}`)
  expect(revealed(tenancy)).toEqual({
    ...{ labels: ['a'], default: 'd', onMissing: 'drop', onInvalid: 'drop', keepLabel: true, prefix: 'p' },
    ...{ prefixFromHeader: 'X-P', header: 'X-H', allow: ['p*'], deny: ['px'], strict: true, metadata: 'broadcast' },
    ...{ maxTenants: 5, maxTenantsPerRequest: 4, idleTimeoutMs: 60_000, maxInFlightPerTenant: 3 },
    rateLimit: { samplesPerSecond: 2, burst: 1 },
    override: [
      {
        ...{ tenants: ['pa', 'pb*'], url: 'http://other/push', remoteTimeoutMs: 1000 },
        client: {
          basicAuth: { username: { inline: 'u' }, password: { inline: 'p' } },
          headers: { A: 'b' },
          enableHttp2: true,
        },
        ...{ protobufMessage: 'prometheus.WriteRequest', sendExemplars: false, sendNativeHistograms: false },
        rateLimit: { samplesPerSecond: 0, burst: 7 },
        queueConfig: { ...defaultQueueConfig, maxShards: 3 },
      },
      {
        ...{ tenants: ['pc'], url: 'http://other/push' },
        client: { sigv4: { serviceName: 'aps', useFipsStsEndpoint: false } },
      },
    ],
  })
})

test('an endpoint of loki.write is as Alloy has it', () => {
  const logs = (body: string) => settled(body, logsBlock, settleLogs).plan
  const { to, ...plan } = logs('')
  expect(plan).toEqual({
    name: '3',
    rules: [dropInternalLabels(['__tenant_id__'])],
    tenancy: { ...defaultTenancy, default: '__none__', isDefaultUnsaid: true },
    timeoutMs: 10_000,
    queue: { ...defaultQueueConfig, batchSendDeadlineMs: 1000, minBackoffMs: 500, maxBackoffMs: 300_000 },
  })
  expect((to as UpstreamSpec).client).toMatchObject({ enableHttp2: true, followRedirects: true })
  expect(
    logs(
      'batch_wait = "2s"\nmin_backoff_period = "1s"\nmax_backoff_period = "1m"\nretry_on_http_429 = false\nqueue_config {\nmin_shards = 60\n}',
    ).queue,
  ).toMatchObject({
    ...{ batchSendDeadlineMs: 2000, minBackoffMs: 1000, maxBackoffMs: 60_000, retryOnHttp429: false },
    ...{ minShards: 60, maxShards: 60 },
  })
  const tenancyOf = (body: string) => logs(body).tenancy
  expect(tenancyOf('tenant_id = "t"')).toEqual({ ...defaultTenancy, default: 't' })
  expect(tenancyOf('tenancy {\ndefault = "d"\n}')).toEqual({ ...defaultTenancy, default: 'd' })
  for (const row of ['headers = { "x-scope-orgid" = "h", A = "b" }', 'http_headers = { "X-Scope-OrgID" = ["h"] }']) {
    const plan = logs(row)
    expect(plan.tenancy).toEqual({ ...defaultTenancy, default: 'h' })
    const { headers, httpHeaders } = (plan.to as UpstreamSpec).client
    expect([...Object.keys(headers), ...Object.keys(httpHeaders)].filter((name) => name !== 'A')).toEqual([])
  }
})
