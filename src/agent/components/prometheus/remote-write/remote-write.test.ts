import { expect, test } from 'vitest'
import { checked } from '../../../../../test/support/check-agent.ts'
import { printDiagnostic } from '../../../../config/diagnostics.ts'
import { checkSources } from '../../../graph/check.ts'
import type { Stability } from '../../../graph/component.ts'
import { lokiWriteKind } from '../../loki/write/write.ts'
import { remoteWriteKind } from './remote-write.ts'

const kinds = [remoteWriteKind, lokiWriteKind]
const problems = (text: string, stability?: Stability) => checked(text, kinds, stability)
const check = (text: string, ...want: readonly string[]) => expect(problems(text)).toEqual(want)
/** The problems of a component with this body. */
const body = (text: string, ...want: readonly string[]) =>
  check(`prometheus.remote_write "x" {\n${text}\n}\nprometheus.remote_write "back" { }`, ...want)
/** The problems of an endpoint to a URL. */
const inside = (text: string, ...want: readonly string[]) =>
  body(`endpoint {\nurl = "http://mimir/push"\n${text}\n}`, ...want)

test('what Alloy takes', () => {
  body('')
  inside('')
  inside(`
name                   = "n"
remote_timeout         = "100ms"
send_exemplars         = false
send_native_histograms = true
protobuf_message       = "prometheus.WriteRequest"
round_robin_dns        = true
enable_http2           = true
follow_redirects       = false
headers                = { "X-Team" = "someone" }
http_headers           = { "X-Many" = ["one", "two"] }
proxy_url              = "http://user:pass@proxy:3128"
no_proxy               = "localhost"
proxy_connect_header   = { "X-Proxy" = ["one"] }
oauth2 {
  client_id       = "c"
  client_secret   = "s"
  token_url       = "https://auth/token"
  scopes          = ["a"]
  endpoint_params = { audience = "b" }
  proxy_from_environment = true
  tls_config {
    ca_pem = "x"
  }
}
tls_config {
  ca_file              = "ca"
  cert_pem             = "c"
  key_pem              = "k"
  server_name          = "n"
  insecure_skip_verify = true
  min_version          = "TLS13"
}
queue_config {
  sample_age_limit = "1h"
}
write_relabel_config {
  source_labels = ["instance"]
  target_label  = "instance"
  action        = "lowercase"
}
metadata_config {
  send = false
}`)
  inside('sigv4 { }')
  inside('google_iam {\ncredentials_file = "f"\n}')
  inside(
    'azuread {\nworkload_identity {\nclient_id = "f47ac10b-58cc-0372-8567-0e02b2c3d479"\ntenant_id = "9f4ac10b-58cc-0372-8567-0e02b2c3d480"\n}\n}',
  )
  inside('headers = { "X-Scope-OrgID" = "static" }')
})

const signIn = 'at most one of basic_auth, authorization, oauth2, bearer_token & bearer_token_file must be configured'
const oneAuth =
  'at most one of sigv4, azuread, google_iam, basic_auth, oauth2, bearer_token & bearer_token_file must be configured'

test('ways to sign in: Alloy’s texts, each at its place', () => {
  inside('sigv4 { }\nbearer_token = "token"', `sigv4 { } → ${oneAuth} | keep one of \`authorization\`, \`sigv4\``)
  inside(
    'bearer_token = "token"\nbearer_token_file = "file"',
    `"file" → ${signIn} | keep one of \`bearer_token\`, \`bearer_token_file\``,
  )
  inside('basic_auth { }\nbearer_token = "token"', `"token" → ${signIn} | keep one way to sign in`)
  inside(
    'authorization { }\nbearer_token = "token"',
    `"token" → ${signIn} | write the token as \`authorization.credentials\``,
  )
  inside(
    'basic_auth { }\nauthorization { }',
    `authorization { } → ${signIn} | keep one of \`basic_auth\`, \`authorization\``,
  )
  inside(
    'basic_auth {\npassword = "p"\npassword_file = "file"\n}',
    '"file" → at most one of basic_auth password & password_file must be configured | keep one of `basic_auth.password`, `basic_auth.password_file`',
  )
  inside(
    'authorization {\ntype = "Basic"\n}',
    '"Basic" → authorization type cannot be set to "basic", use "basic_auth" block instead | write basic_auth { … }',
  )
  inside(
    'authorization {\ncredentials = "c"\ncredentials_file = "file"\n}',
    '"file" → at most one of authorization credentials & credentials_file must be configured | keep one of `authorization.credentials`, `authorization.credentials_file`',
  )
  inside(
    'oauth2 { }',
    'oauth2 { } → oauth2 client_id must be configured | add `oauth2.client_id`',
    'oauth2 { } → oauth2 token_url must be configured | add `oauth2.token_url`',
    'oauth2 { } → either oauth2 client_secret or client_secret_file must be configured | add one of them',
  )
  inside(
    'oauth2 {\nclient_id = "c"\nclient_secret = "s"\nclient_secret_file = "file"\ntoken_url = "t"\n}',
    '"file" → at most one of oauth2 client_secret & client_secret_file must be configured | keep one of `oauth2.client_secret`, `oauth2.client_secret_file`',
    '"t" → this is no http or https URL | write a URL such as https://auth.example/token',
  )
})

test('ways to sign in to clouds', () => {
  const uuid = '00000000-0000-0000-0000-000000000000'
  inside(
    `sigv4 {}\nazuread {\nmanaged_identity {\nclient_id = "${uuid}"\n}\n}`,
    `azuread { → ${oneAuth} | keep one of \`sigv4\`, \`azuread\``,
  )
  inside(
    'azuread {\nmanaged_identity {\nclient_id = "bad"\n}\n}',
    '"bad" → the provided Azure Managed Identity client_id is invalid | write a UUID',
  )
  inside(
    'azuread {\nmanaged_identity { }\n}',
    'managed_identity { } → missing required attribute "client_id" | Client id (UUID) of a managed identity.',
  )
  inside(
    'azuread { }',
    'azuread { } → must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth or Azure SDK in the Azure AD config | add one of managed_identity, workload_identity, oauth, sdk',
  )
  inside(
    'azuread {\ncloud = "x"\nsdk {\ntenant_id = "a b"\n}\n}',
    '"x" → must provide a cloud in the Azure AD config | the clouds are AzurePublic, AzureChina, AzureGovernment',
    '"a b" → the provided Azure SDK tenant_id is invalid | write a UUID or a domain name',
  )
  inside(
    'sigv4 {\naccess_key = "key"\n}',
    '"key" → must provide an AWS SigV4 access key and secret key if credentials are specified in the SigV4 config | set both or neither',
  )
  inside(
    'sigv4 {\nexternal_id = "id"\n}',
    '"id" → external_id can only be used with role_arn | add `sigv4.role_arn`, or take this out',
  )
})

test('TLS, proxies, headers', () => {
  inside(
    'tls_config {\nca_pem = "a"\nca_file = "b"\ncert_pem = "c"\n}',
    '"b" → at most one of ca_pem and ca_file must be configured | keep one of `tls_config.ca_pem`, `tls_config.ca_file`',
    '"c" → exactly one of key_pem or key_file must be configured when a client certificate is configured | add the key of the certificate',
  )
  inside(
    'tls_config {\nkey_file = "key"\n}',
    '"key" → exactly one of cert_pem or cert_file must be configured when a client key is configured | add the certificate of the key',
  )
  inside(
    'tls_config {\nmin_version = "TLS9"\nmax_version = "TLS12"\n}',
    '"TLS9" → unknown TLS version: TLS9 | the values are TLS10, TLS11, TLS12, TLS13',
    'max_version = "TLS12" → unrecognized attribute name "max_version" | did you mean `min_version`?',
  )
  inside(
    'proxy_from_environment = true\nproxy_url = "http://p"\nno_proxy = "x"',
    '"http://p" → if proxy_from_environment is configured, proxy_url must not be configured | choose one of them',
    '"x" → if proxy_from_environment is configured, no_proxy must not be configured | the variable NO_PROXY says it there',
  )
  inside(
    'no_proxy = "x"',
    '"x" → if no_proxy is configured, proxy_url must also be configured | add `proxy_url`, or take this out',
  )
  inside(
    'headers = { Authorization = "xyzzy", Host = "xyzzy" }',
    '{ Authorization = "xyzzy", Host = "xyzzy" } → authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter | take it out',
    '{ Authorization = "xyzzy", Host = "xyzzy" } → Host is a reserved header. It must not be changed | take it out',
  )
  inside(
    'http_headers = { authorization = ["xyzzy"] }',
    '{ authorization = ["xyzzy"] } → setting header "Authorization" is not allowed | take it out',
  )
})

test('queues, rules, what has no effect', () => {
  inside(
    'queue_config {\nmin_shards = 60\n}',
    '60 → remote write queue min_shards must not be greater than max_shards | max_shards is 50',
  )
  inside(
    'queue_config {\nmin_backoff = "10s"\n}',
    '"10s" → remote write queue max_backoff must not be less than min_backoff | min_backoff is 10s',
  )
  inside('queue_config {\ncapacity = 0\n}', '0 → 0 is too little; at least 1 | write 1 to 1000000000')
  inside(
    'write_relabel_config { }',
    "write_relabel_config { } → relabel configuration for replace action requires 'target_label' value | write the name of a label, such as team",
  )
  inside(
    'metadata_config {\nsend_interval = "1m"\n}',
    '~send_interval → attribute "send_interval" has no effect here | metadata goes with the data that it belongs to, as it comes',
  )
  const noLog = 'there is no such log: what can’t be delivered is in the store (--storage.path)'
  body('wal { }', `~wal → block "wal" has no effect here | ${noLog}`)
  body(
    'wal {\ntruncate_frequency = "0s"\n}',
    `~wal → block "wal" has no effect here | ${noLog}`,
    '"0s" → truncate_frequency must not be 0',
  )
  body(
    'wal {\nmin_keepalive_time = "9h"\n}',
    `~wal → block "wal" has no effect here | ${noLog}`,
    '"9h" → min_keepalive_time must be smaller than max_keepalive_time',
  )
  body(
    'external_labels = { "a-b" = "c", d = "e" }',
    '{ "a-b" = "c", d = "e" } → "a-b" is not a valid label name | allowed are letters, digits and _, and no digit at the start',
  )
})

test('remote write 2.0 waits for its stability level', () => {
  const version2 = 'io.prometheus.write.v2.Request'
  const needs = (endpoint: string) =>
    `"${version2}" → using remote write v2 (protobuf_message=${version2}) with endpoint ${endpoint} requires setting the stability.level flag to experimental | use --stability.level=experimental`
  const row = `protobuf_message = "${version2}"`
  inside(row, needs('http://mimir/push'))
  inside(`name = "n"\n${row}`, needs('n'))
  inside(`tenancy {\noverride {\ntenants = ["a"]\n${row}\n}\n}`, needs('http://mimir/push'))
  const text = `prometheus.remote_write "x" {\nendpoint {\nurl = "http://h"\n${row}\n}\n}`
  expect(problems(text, 'experimental')).toEqual([])
  inside(
    'protobuf_message = "x"',
    `"x" → unknown type for remote write protobuf message x | the values are prometheus.WriteRequest, ${version2}`,
  )
})

test('where an endpoint goes: a URL or receivers', () => {
  const back = 'forward_to = [prometheus.remote_write.back.receiver]'
  const list = '[prometheus.remote_write.back.receiver]'
  body(`endpoint {\n${back}\n}`)
  inside(
    back,
    `${list} → url and forward_to exclude each other | take one of them out; data that goes to both needs two endpoints`,
  )
  body(
    'endpoint { }',
    'endpoint { } → missing required attribute "url" | write where its data goes, or `forward_to` for components instead of a URL',
  )
  body(
    'endpoint {\nurl = "mimir:9009/push"\n}',
    '"mimir:9009/push" → the URL needs its scheme, http or https | write it in front, as in http://',
  )
  const inVain = 'has no effect with forward_to | it is about a URL; take it out'
  body(
    `endpoint {\n${back}\nbasic_auth { }\nheaders = { a = "b" }\nround_robin_dns = true\nprotobuf_message = "prometheus.WriteRequest"\n}`,
    `~basic_auth { } → basic_auth ${inVain}`,
    `~{ a = "b" } → headers ${inVain}`,
    `~true → round_robin_dns ${inVain}`,
    `~"prometheus.WriteRequest" → protobuf_message ${inVain}`,
  )
  check(
    'prometheus.remote_write "x" {\nendpoint {\nforward_to = [loki.write.y.receiver]\n}\n}\nloki.write "y" { }',
    'loki.write.y.receiver → loki.write.y.receiver expected capsule("storage.Appendable"), got capsule("loki.LogsReceiver") | write the receiver of a component that takes metrics, such as prometheus.remote_write.NAME.receiver',
  )
})

test('cycles are refused', () => {
  const to = (name: string) => `endpoint {\nforward_to = [prometheus.remote_write.${name}.receiver]\n}`
  const hint = 'one of them may not refer to the next'
  const cycle = 'cycle detected: prometheus.remote_write.x, prometheus.remote_write.y'
  check(
    `prometheus.remote_write "x" {\n${to('y')}\n}\nprometheus.remote_write "y" {\n${to('x')}\n}`,
    `prometheus.remote_write "x" { → ${cycle} | ${hint}`,
    `prometheus.remote_write "y" { → ${cycle} | ${hint}`,
  )
  body(to('x'), 'prometheus.remote_write "x" { → cannot reference self | refer to another component')
})

test('endpoints that are there twice', () => {
  const two = (a: string, b: string, ...want: readonly string[]) => {
    const url = 'url = "http://user:hunter2@a/"'
    body(`endpoint {\n${url}\n${a}\n}\nendpoint {\n${url}\n${b}\n}`, ...want)
  }
  const text = 'duplicate remote write configs are not allowed, found duplicate for URL: http://a/'
  two('', '', `endpoint { → ${text} | take one of them out`)
  two('name = "a"', 'name = "a"', `endpoint { → ${text} | take one of them out`)
  two('', 'remote_timeout = "1s"')
  two('name = "a"', '')
  two('name = "a"', 'name = "b"')
  const named = (name: string) => `there are two endpoints called "${name}" | give each a \`name\` of its own`
  two('name = "a"', 'name = "a"\nremote_timeout = "1s"', `"a" → ${named('a')}`)
  two('name = "1"', 'remote_timeout = "1s"', `endpoint { → ${named('1')}`)
  two('name = "a\\n"', '', '"a\\n" → the name contains a character that can’t be printed | write another')
})

test.each([
  'basic_auth {\npassword = "hunter2"\npassword_file = "f"\n}',
  'bearer_token = "hunter2"\nbearer_token_file = "f"',
  'oauth2 {\nclient_secret = "hunter2"\nendpoint_params = { a = "hunter2" }\n}',
  'sigv4 {\nsecret_key = "hunter2"\n}',
  'tls_config {\nkey_pem = "hunter2"\n}',
  'headers = { Authorization = "hunter2" }',
  'http_headers = { Authorization = ["hunter2"] }',
  'proxy_url = "ftp://u:hunter2@p"',
  'tenancy {\noverride {\ntenants = ["a"]\nheaders = { "X-Scope-OrgID" = "hunter2" }\nbearer_token = "hunter2"\nbasic_auth { }\n}\n}',
])('no diagnostic shows a secret: %s', (row) => {
  const text = `prometheus.remote_write "x" {\nendpoint {\nurl = "http://u:hunter2@h"\n${row}\n}\nendpoint {\nurl = "mimir:hunter2@h"\n}\n}`
  const { diagnostics, texts } = checkSources([{ name: 'a', text }], { kinds })
  expect(diagnostics.length).toBeGreaterThan(0)
  expect(diagnostics.map(printDiagnostic).join('\n')).not.toContain('hunter2')
  expect(texts.get('a')).not.toContain('hunter2')
})

test('what is wrong in one place hides nothing in another', () => {
  const signIns = 'basic_auth {\nusername = "u"\npassword = "p"\npassword_file = "/p"\n}\nbearer_token = "t"'
  body(
    `external_labels = { "a-b" = "c" }
endpoint {
url = "http://one"
remote_tmeout = "3s"
${signIns}
}
endpoint {
url = "http://two"
headers = { "X-Scope-OrgID" = "a" }
tenancy {
on_invalid = "default"
}
queue_config {
min_backoff = "10s"
max_backoff = "1s"
}
}
endpoint {
url = 3
forward_to = [prometheus.remote_write.back.receiver]
}
endpoint { }
wal {
truncate_frequency = "often"
}`,
    '{ "a-b" = "c" } → "a-b" is not a valid label name | allowed are letters, digits and _, and no digit at the start',
    'remote_tmeout = "3s" → unrecognized attribute name "remote_tmeout" | did you mean `remote_timeout`?',
    '"/p" → at most one of basic_auth password & password_file must be configured | keep one of `basic_auth.password`, `basic_auth.password_file`',
    '"t" → at most one of basic_auth, authorization, oauth2, bearer_token & bearer_token_file must be configured | keep one way to sign in',
    '{ "X-Scope-OrgID" = "a" } → the header "X-Scope-OrgID" carries the tenant and cannot be set | it is the one that `header` of `tenancy` names',
    '"default" → there is no default tenant that invalid ones could go to | set `default`',
    '"1s" → remote write queue max_backoff must not be less than min_backoff | min_backoff is 10s',
    '3 → the URL needs its scheme, http or https | write it in front, as in http://',
    '[prometheus.remote_write.back.receiver] → url and forward_to exclude each other | take one of them out; data that goes to both needs two endpoints',
    'endpoint { } → missing required attribute "url" | write where its data goes, or `forward_to` for components instead of a URL',
    '~wal → block "wal" has no effect here | there is no such log: what can’t be delivered is in the store (--storage.path)',
    '"often" → "often" is not a duration | write numbers with units, such as 10s, 1m30s or 1.5h',
  )
})
