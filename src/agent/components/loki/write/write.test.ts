import { expect, test } from 'vitest'
import { checked } from '../../../../../test/support/check-agent.ts'
import { lokiWriteKind } from './write.ts'

const body = (text: string, ...want: readonly string[]) =>
  expect(checked(`loki.write "x" {\n${text}\n}\nloki.write "back" { }`, [lokiWriteKind])).toEqual(want)
const inside = (text: string, ...want: readonly string[]) =>
  body(`endpoint {\nurl = "http://loki/loki/api/v1/push"\n${text}\n}`, ...want)

test('what Alloy takes', () => {
  body('')
  body('external_labels = { cluster = "eu" }\nendpoint {\nforward_to = [loki.write.back.receiver]\n}')
  inside(`
name               = "n"
remote_timeout     = "5s"
batch_wait         = "2s"
min_backoff_period = "1s"
max_backoff_period = "1m"
retry_on_http_429  = false
tenant_id          = "a"
enable_http2       = false
bearer_token       = "token"
queue_config {
  min_shards = 2
}`)
  inside('headers = { "X-Scope-OrgID" = "static" }')
  inside('tenancy {\ndefault = "a"\n}')
})

test('tenant_id, headers and tenancy', () => {
  const bad = `→ this is no valid tenant id: it contains "|"; allowed are A-Z a-z 0-9 ! - _ . * ' ( ) | allowed are 1 to 150 of A-Z a-z 0-9 ! - _ . * ' ( )`
  inside('tenant_id = "a|b"', `"a|b" ${bad}`)
  inside('headers = { "X-Scope-OrgID" = "b|" }', `{ "X-Scope-OrgID" = "b|" } ${bad}`)
  inside('http_headers = { "X-Scope-OrgID" = ["b|"] }', `{ "X-Scope-OrgID" = ["b|"] } ${bad}`)
  inside(
    'tenant_id = "a"\nheaders = { "X-Scope-OrgID" = "b" }',
    '{ "X-Scope-OrgID" = "b" } → the header "X-Scope-OrgID" carries the tenant and cannot be set | `tenant_id` says it; take one of them out',
  )
  inside(
    'tenant_id = "a"\ntenancy { }',
    '"a" → tenant_id and tenancy exclude each other | write it as `default` of `tenancy`',
  )
})

test('what has no effect, what there is not, what is wrong', () => {
  const stored = 'what can’t be sent is in the store (--storage.path), which has bounds of its own'
  inside(
    'batch_size = "1MiB"\nmax_backoff_retries = 3\nqueue_config {\ncapacity = "10MiB"\ndrain_timeout = "1s"\nblock_on_overflow = false\n}',
    '~batch_size → attribute "batch_size" has no effect here | a batch is full by its number of entries',
    `~max_backoff_retries → attribute "max_backoff_retries" has no effect here | ${stored}`,
    `~capacity → attribute "capacity" has no effect here | ${stored}`,
    `~drain_timeout → attribute "drain_timeout" has no effect here | ${stored}`,
    `~block_on_overflow → attribute "block_on_overflow" has no effect here | ${stored}`,
  )
  body(
    'max_streams = 3\nwal {\nmin_read_frequency = "2s"\n}',
    '~max_streams → attribute "max_streams" has no effect here | a batch may have any number of streams',
    '~wal → block "wal" has no effect here | there is no such log: what can’t be delivered is in the store (--storage.path)',
    '"2s" → WAL min read frequency should be lower than max read frequency',
  )
  inside(
    'min_backoff_period = "10m"',
    '"10m" → max_backoff_period must not be less than min_backoff_period | they are 5m and 10m',
  )
  inside(
    'sigv4 { }',
    'sigv4 { } → unrecognized block name "sigv4" | known here are authorization, basic_auth, oauth2, queue_config, tenancy, tls_config',
  )
  const same = 'endpoint {\nurl = "http://loki"\n}'
  body(
    `${same}\n${same}`,
    'endpoint { → duplicate endpoint configs are not allowed, found duplicate for name: 1 | take one of them out',
  )
})
