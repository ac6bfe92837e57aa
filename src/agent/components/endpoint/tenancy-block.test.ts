import { expect, test } from 'vitest'
import { checked } from '../../../../test/support/check-agent.ts'
import { lokiWriteKind } from '../loki/write/write.ts'
import { remoteWriteKind } from '../prometheus/remote-write/remote-write.ts'

const kinds = [remoteWriteKind, lokiWriteKind]

/** The same for metrics and logs. */
function inside(text: string, ...want: readonly string[]) {
  for (const name of ['prometheus.remote_write', 'loki.write']) {
    expect(checked(`${name} "x" {\nendpoint {\nurl = "http://mimir/push"\n${text}\n}\n}`, kinds)).toEqual(want)
  }
}
const tenancy = (text: string, ...want: readonly string[]) => inside(`tenancy {\n${text}\n}`, ...want)

test('all that a tenancy and its overrides may say', () => {
  tenancy('')
  tenancy(`
labels                   = ["__tenant_id__", "team"]
default                  = "rest"
on_missing               = "drop"
on_invalid               = "default"
keep_label               = true
prefix                   = "p-"
prefix_from_header       = "X-Source"
header                   = "X-Tenant"
allow                    = ["p-*"]
deny                     = ["p-evil"]
strict                   = true
metadata                 = "broadcast"
max_tenants              = 10
max_tenants_per_request  = 5
idle_timeout             = "1m"
max_in_flight_per_tenant = 2
rate_limit {
  samples_per_second = 10
  burst              = 100
}
override {
  tenants                = ["p-a*"]
  url                    = "https://other/push"
  remote_timeout         = "5s"
  headers                = { "X-Team" = "someone" }
  http_headers           = { "X-Many" = ["one"] }
  protobuf_message       = "prometheus.WriteRequest"
  send_exemplars         = false
  send_native_histograms = true
  proxy_url              = "http://proxy"
  bearer_token           = "token"
  tls_config {
    ca_pem = "x"
  }
  rate_limit {
    samples_per_second = 10
  }
  queue_config {
    max_shards = 3
  }
}
override {
  tenants = ["*"]
  basic_auth {
    username = "u"
  }
}`)
})

test('the rules are the proxy’s', () => {
  const allowed = "allowed are 1 to 150 of A-Z a-z 0-9 ! - _ . * ' ( ), prefix included"
  tenancy('labels = []', '[] → the list needs at least 1 item | write the name of a label, such as team')
  tenancy('allow = ["a["]\non_missing = "x"', '"x" → "x" is not one of the values | the values are reject, drop')
  tenancy(
    'default = "a|b"',
    `"a|b" → the default tenant "a|b" is no valid tenant id: it contains "|"; allowed are A-Z a-z 0-9 ! - _ . * ' ( ) | ${allowed}`,
  )
  tenancy(
    'on_invalid = "default"\nmetadata = "default"',
    '"default" → there is no default tenant that invalid ones could go to | set `default`',
    '~"default" → there is no default tenant, so that all metadata is dropped | set `default`',
  )
  tenancy(
    'default = "a"\nallow = ["b"]\ndeny = ["c", "a*"]',
    '"a" → the default tenant "a" is not among those that `allow` allows | add it to `allow`, or choose another default',
    '["c", "a*"] → this denies the default tenant "a" | narrow the pattern, or choose another default',
  )
})

test('the tenant’s header is the tenancy’s alone', () => {
  const says = (name: string) =>
    `→ the header "${name}" carries the tenant and cannot be set | it is the one that \`header\` of \`tenancy\` names`
  inside(
    'headers = { "x-scope-orgid" = "a" }\nhttp_headers = { "X-Scope-OrgID" = ["a"] }\ntenancy { }',
    `{ "x-scope-orgid" = "a" } ${says('x-scope-orgid')}`,
    `{ "X-Scope-OrgID" = ["a"] } ${says('X-Scope-OrgID')}`,
  )
  inside('headers = { "x-scope-orgid" = "a" }\ntenancy {\nheader = "T"\n}')
  tenancy(
    'header = "T"\noverride {\ntenants = ["a"]\nheaders = { T = "x" }\n}\noverride {\ntenants = ["b"]\nhttp_headers = { t = ["x"] }\n}',
    `{ T = "x" } ${says('T')}`,
    `{ t = ["x"] } ${says('t')}`,
  )
})

test('an override is held to the rules of an endpoint, each problem at its place', () => {
  tenancy(
    'override { }',
    'override { } → missing required attribute "tenants" | Globs over final ids (`*`, `?`, `\\` escapes), at least one.',
  )
  tenancy(
    `override {
tenants = ["a"]
}
override {
tenants = ["b"]
url = "mimir:80/x"
basic_auth { }
bearer_token = "token"
queue_config {
min_backoff = "1m"
}
tls_config {
ca_pem  = "a"
ca_file = "b"
}
}`,
    '"mimir:80/x" → the URL needs its scheme, http or https | write it in front, as in http://',
    '"token" → at most one of basic_auth, authorization, oauth2, bearer_token & bearer_token_file must be configured | keep one way to sign in',
    '"1m" → remote write queue max_backoff must not be less than min_backoff | min_backoff is 1m',
    '"b" → at most one of ca_pem and ca_file must be configured | keep one of `tls_config.ca_pem`, `tls_config.ca_file`',
  )
  tenancy('override {\ntenants = ["a"]\nround_robin_dns = true\n}', expect.stringContaining('unrecognized') as never)
})

test('where an endpoint forwards, what its overrides say of URLs has no effect', () => {
  const text = `loki.write "back" { }
loki.write "x" {
endpoint {
forward_to = [loki.write.back.receiver]
tenancy {
override {
tenants = ["a"]
url = "http://a"
bearer_token = "token"
remote_timeout = "1s"
}
}
}
}`
  const inVain = 'has no effect with forward_to | it is about a URL; take it out'
  expect(checked(text, kinds)).toEqual([`~"http://a" → url ${inVain}`, `~"token" → bearer_token ${inVain}`])
})

test('a tenancy behind a tenancy is warned of, however far behind', () => {
  const rw = (name: string, ...endpoints: readonly string[]) =>
    `prometheus.remote_write "${name}" {\n${endpoints.map((text) => `endpoint {\n${text}\n}\n`).join('')}}\n`
  const to = (name: string) => `forward_to = [prometheus.remote_write.${name}.receiver]`
  const check = (text: string, ...want: readonly string[]) => expect(checked(text, kinds)).toEqual(want)
  const warning = (name: string) =>
    `~tenancy → tenants are found here, and again in prometheus.remote_write.${name} | the later one sees the id found here in \`__tenant_id__\`; leave one of them out unless both are meant`
  const last = rw('last', 'url = "http://a"\ntenancy { }')
  const plain = rw('plain', 'url = "http://a"')
  check(last + rw('first', `${to('last')}\ntenancy { }`), warning('last'))
  check(last + rw('middle', to('last')) + rw('first', `${to('middle')}\ntenancy { }`), warning('last'))
  check(last + rw('first', to('last')))
  check(plain + rw('first', `${to('plain')}\ntenancy { }`))
  check(last + rw('first', to('last'), 'url = "http://b"\ntenancy { }'))
})

test('a name that nobody knows hides nothing, unless it may be what is missing', () => {
  const invalid =
    '"a/b" → the default tenant "a/b" is no valid tenant id: it contains "/"; allowed are A-Z a-z 0-9 ! - _ . * \' ( ) | allowed are 1 to 150 of A-Z a-z 0-9 ! - _ . * \' ( ), prefix included'
  inside(
    'name = "n"\nnamee = "m"\nheaders = { "X-Scope-OrgID" = "a" }\ntenancy {\ndefault = "a/b"\nnonsense { }\n}',
    'namee = "m" → unrecognized attribute name "namee" | did you mean `name`?',
    '{ "X-Scope-OrgID" = "a" } → the header "X-Scope-OrgID" carries the tenant and cannot be set | it is the one that `header` of `tenancy` names',
    invalid,
    'nonsense { } → unrecognized block name "nonsense" | known here are override, rate_limit',
  )
  const misspelt = 'defaultt = "a" → unrecognized attribute name "defaultt" | did you mean `default`?'
  tenancy('on_invalid = "default"\ndefaultt = "a"', misspelt)
  tenancy('on_invalid = "default"\ndefault = "a/b"\ndefaultt = "a"', invalid, misspelt)
})
