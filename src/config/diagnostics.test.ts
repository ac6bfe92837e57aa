// Golden texts of what people are shown.
import { expect, test } from 'vitest'
import { printDiagnostics, unreadableFile } from './diagnostics.ts'
import { loadConfiguration, type Sources } from './load.ts'

const printed = (sources: Sources) => printDiagnostics(loadConfiguration(sources).diagnostics)
const check = (text: string, want: string) => expect(printed({ file: { name: 'c.yml', text } })).toBe(want)

test('unknown keys, with what may have been meant', () => {
  check('lisen: ":80"\n', 'c.yml:1:1: unknown key "lisen"\n  lisen: ":80"\n  ^^^^^\n  hint: did you mean `listen`?')
  check(
    'tenant:\n  lable_remove: true\n',
    'c.yml:2:3: unknown key "lable_remove"\n    lable_remove: true\n    ^^^^^^^^^^^^\n  hint: did you mean `label_remove`?',
  )
  check(
    'label_remove: true\n',
    'c.yml:1:1: unknown key "label_remove"\n  label_remove: true\n  ^^^^^^^^^^^^\n  hint: did you mean `tenant.label_remove`?',
  )
  check(
    'tenancy: { strict: true }\n',
    'c.yml:1:1: unknown key "tenancy"\n  tenancy: { strict: true }\n  ^^^^^^^\n' +
      '  hint: Sluice’s own settings stand under `sluice:`, as sluice: { tenancy: … }',
  )
  check(
    'sluice:\n  strict: true\n',
    'c.yml:2:3: unknown key "strict"\n    strict: true\n    ^^^^^^\n  hint: did you mean `sluice.tenancy.strict`?',
  )
  check(
    'auth: { zebra: 1 }\n',
    'c.yml:1:9: unknown key "zebra"\n  auth: { zebra: 1 }\n          ^^^^^\n  hint: known here are egress, ingress',
  )
  check(
    'queue: { enabled: true }',
    'c.yml:1:1: unknown key "queue"\n  queue: { enabled: true }\n  ^^^^^\n' +
      '  hint: Sluice’s own settings stand under `sluice:`, as sluice: { queue: … }',
  )
})

test('all problems at once, from top to bottom, then variables and flags', () => {
  expect(
    printed({
      file: {
        name: 'c.yml',
        text: 'concurrency: "5"\nsluice:\n  tenancy:\n    max_tenants: 0\n    on_invalid: default\nlisten: here\nlisten: :1\n',
      },
      env: { SLUICE_TENANCY_STRICT: 'si', SLUICE_TENANCY_KEEP_LABLE: 'hunter2', CT_NONSENSE: 'x' },
    }),
  ).toBe(`\
c.yml:1:14: "5" is not a whole number
  concurrency: "5"
               ^^^
  hint: leave the quotes out
c.yml:4:18: 0 is too little; at least 1
      max_tenants: 0
                   ^
  hint: write 1 to 1000000
c.yml:5:17: there is no default tenant that invalid ones could go to
      on_invalid: default
                  ^^^^^^^
  hint: set \`tenancy.default\`
c.yml:6:9: "here" is not an address
  listen: here
          ^^^^
  hint: write host:port, such as 127.0.0.1:8080 or :8080 or [::1]:8080
c.yml:7:1: "listen" is set twice
  listen: :1
  ^^^^^^
  hint: the first is on line 6
SLUICE_TENANCY_KEEP_LABLE: warning: no setting has this variable; it is ignored
  hint: did you mean SLUICE_TENANCY_KEEP_LABEL?
SLUICE_TENANCY_STRICT: "si" is not a boolean
  hint: write true or false`)
})

test('broken YAML', () => {
  const aMapping = '  hint: write `name: value`, one per line and indented'
  check('tenant:\n\tlabel: a\n', 'c.yml:2:1: tabs cannot indent\n  \tlabel: a\n  ^\n  hint: use spaces')
  check(
    'listen: [":1"\n',
    'c.yml:2:1: the indentation does not fit the lines above\n  \n  ^\n  hint: or a [ or { above is not closed',
  )
  check(
    'listen: *here\n',
    'c.yml:1:9: no anchor of this name comes before it\n  listen: *here\n          ^^^^^\n  hint: write & and the name at a value above',
  )
  check(
    'listen: ":1"\n---\nlisten: ":2"\n',
    'c.yml:2:1: warning: only the first document of the file counts; the rest is ignored\n  ---\n  ^',
  )
  check('- a\n', `c.yml:1:1: a mapping belongs here, not a list\n  - a\n  ^^^\n${aMapping}`)
  check('5\n', `c.yml:1:1: a mapping belongs here\n  5\n  ^\n${aMapping}`)
})

test('carets count characters, keep tabs, and stay inside a long line', () => {
  check(
    'listen: "é😀" # x\n',
    'c.yml:1:9: "é😀" is not an address\n  listen: "é😀" # x\n          ^^^^\n' +
      '  hint: write host:port, such as 127.0.0.1:8080 or :8080 or [::1]:8080',
  )
  const long = `{ ${'tenant: { label: a }, '.padStart(300, ' ')}listem: ":1", ${' '.repeat(300)} }`
  const [, line, carets] = printed({ file: { name: 'c.yml', text: long } }).split('\n') as [string, string, string]
  expect(line.length).toBeLessThan(170)
  expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('listem')
})

test('control characters do not reach a terminal', () => {
  const text = printed({ file: { name: 'c.yml', text: 'li\u001b[31msten: 1 # \u009b\n' } })
  expect(text).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f]/)
})

test('a file that cannot be read', () => {
  expect(printDiagnostics([unreadableFile('/no.yml', 'no such file')])).toBe(
    '/no.yml: the file cannot be read: no such file\n  hint: check the path and the permissions of the file',
  )
})

test('every problem comes with what to do about it', () => {
  const text = `listen: 1
zebra: x
log_level: loud
concurrency: 1.5x
max_conns_per_host: -1
tenant: { label: [a], label_list: { a: b }, header: "a b", zebra: 1 }
auth: 5
sluice:
  tenancy:
    default: "a b"
    max_tenants: -1
    allow: ["", 'a\\']
    header: Host
    override:
      - { tenants: [], rate_limit: 5, headers: { Authorization: x, a: "\\n", A: b } }
      - { tenants: [a], url: "ftp://x", basic_auth: { username: u }, tls_config: {} }
      - 7
  receive: { max_body_size: 5 apples }
  queue: { enabled: 1, min_shards: 0, max_backoff: 1ms, merge_window: 1 }
  storage: { path: 5, max_bytes: 1, size: 3 }
  send: [1]
`
  const blocks = printed({ file: { name: 'c.yml', text } }).split(/\n(?=c\.yml:)/)
  expect(blocks.length).toBeGreaterThan(20)
  expect(blocks.filter((block) => !block.includes('\n  hint: '))).toEqual([])
})
