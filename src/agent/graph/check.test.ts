import { expect, test } from 'vitest'
import { steps } from '../../../test/support/agent-kinds.ts'
import { printDiagnostic } from '../../config/diagnostics.ts'
import { checkSources } from './check.ts'
import type { CheckOptions } from './graph-options.ts'

const { kinds } = steps()

/** `line:col message | hint` of each problem; warnings begin with `~`. */
function problems(text: string, options: Partial<CheckOptions> = {}): readonly string[] {
  const { diagnostics } = checkSources([{ name: 'a.alloy', text }], { kinds, ...options })
  return diagnostics.map(
    ({ severity, line, col, message, hint }) =>
      `${severity === 'warning' ? '~' : ''}${line}:${col} ${message}${hint === undefined ? '' : ` | ${hint}`}`,
  )
}
const check = (text: string, ...want: readonly string[]) => expect(problems(text)).toEqual(want)
const inside = (body: string, ...want: readonly string[]) => check(`test.step "a" { ${body} }`, ...want)

test('a valid file has no problems', () => {
  check(
    `
logging { level = "debug" }
http { auth { basic { username = "u", password = "p" } } }
`.replace(', password', '\npassword'),
  )
  check(`
test.step "sink" { input = sys.env("HOME") + "x" }
test.step "source" {
  forward_to = [test.step.sink.receiver]
  labels     = ["a", "b"]
  timeout    = "1m"
  size       = "1MiB"
  count      = "3"
  targets    = { a = "b", "c d" = 1 }
  rule { regex = "a" }
  rule { regex = "b" }
}`)
})

test('attributes: texts of Alloy, with what to do', () => {
  inside('inputt = "x"', '1:17 unrecognized attribute name "inputt" | did you mean `input`?')
  const again = 'input = "x"\ninput = "y"'
  inside(again, '2:1 attribute "input" may only be provided once | take one of them out')
  inside('rule = "x"', '1:17 "rule" must be a block, but is used as an attribute | write rule { … }, without =')
  inside('wal = 3', '1:17 attribute "wal" is not supported yet | take it out; the store has settings of its own')
  inside('old = "x"', '~1:17 attribute "old" has no effect here | it does what it did without it')
})

test('blocks: texts of Alloy, with what to do', () => {
  const known = 'known here are inner, limits, rule'
  inside('xyzzy { }', `1:17 unrecognized block name "xyzzy" | ${known.replace('inner, ', '')}`)
  inside('limit { }', '1:17 unrecognized block name "limit" | did you mean `limits`?')
  inside('input { }', '1:17 "input" must be an attribute, but is used as a block | write input = …')
  inside('limits { }\nlimits { }', '2:1 block "limits" may only be specified once | take one of them out')
  inside('limits "x" { }', '1:17 block "limits" does not support specifying labels | write limits {')
  inside('rule { }', '1:17 missing required attribute "regex" | A pattern.')
  inside('rule { regex = null }', '1:24 missing required attribute "regex" | null is no value')
  inside('wal { }', '1:17 block "wal" is not supported yet | take it out; the store has settings of its own')
})

test('types and bounds', () => {
  inside('input = true', '1:25 expected string, got bool')
  inside('on = "true"', '1:22 expected bool, got string')
  inside('input = [1]', '1:25 expected string, got array')
  inside('labels = "a"', '1:26 expected array, got string')
  inside('targets = ["a"]', '1:27 expected object, got array')
  inside('words = ["a", true, 1, {}]', '1:31 expected string, got bool', '1:40 expected string, got object')
  inside('labels = ["a", ""]', '1:32 a label name cannot be empty | write the name of a label, such as team')
  inside('labels = []', '1:26 the list needs at least 1 item | write the name of a label, such as team')
  inside('count = 11', '1:25 11 is too much; at most 10 | write 1 to 10')
  inside('count = 1.5', '1:25 1.5 is not a whole number')
  inside('count = "many"', '1:25 expected number, got string')
  inside(
    'timeout = "1d"',
    '1:27 "1d" is not a duration | write numbers with units, such as 10s, 1m30s or 1.5h; the largest unit is h',
  )
  inside('timeout = 5', '1:27 "5" is not a duration | write numbers with units, such as 10s, 1m30s or 1.5h')
  inside('timeout = "2m"', '1:27 2m is too much; at most 1m | write 0s to 1m')
  inside('mode = "medium"', '1:24 unknown mode medium | the values are fast, slow')
  inside(
    'url = "ftp://h"',
    '1:23 "ftp://h": only http and https URLs can be sent to | write a URL such as http://mimir:8080/api/v1/push',
  )
  inside('input = "a" + 1 + nope', '1:35 component "nope" does not exist or is out of scope | put a text in quotes')
  inside('input = null')
})

test('a component in place of what it exports', () => {
  const to = (what: string, ...want: readonly string[]) =>
    check(`test.step "b" { }\ntest.step "a" { ${what} }`, ...want)
  const hint = 'write the receiver of a component that takes metrics, such as prometheus.remote_write.NAME.receiver'
  to('forward_to = [test.step.b]', `2:31 test.step.b should be capsule, got object | ${hint}`)
  to('forward_to = test.step.b', '2:30 test.step.b should be array, got object')
  to('input = test.step.b', '2:25 test.step.b should be string, got object')
  to('anything = test.step.b')
  to('input = test.step.b["output"]')
  to('forward_to = [test.step.b.receiver]')
})

test('texts come without secrets', () => {
  const text = 'test.step "a" {\n  password = "hunter2"\n  input = true\n}'
  const { diagnostics, texts } = checkSources([{ name: 'a', text }], { kinds })
  expect(diagnostics).toHaveLength(1)
  expect(texts.get('a')).toBe('test.step "a" {\n  password = "*******"\n  input = true\n}')
})

test.each([
  'test.step "a" { password = "hunter2" pasword = 1 }',
  'test.step "a" { password = ["hunter2"] }',
  'test.step "a" { passwrd = "hunter2" }',
  'test.step "a" { password = { a = "hunter2" } }',
  'test.step "a" { password = "hunter2" - 1 }',
  'test.step "a" { headers = { "bad name" = "hunter2" } }',
  'test.step "a" { headers = { X = "hunter2\\n" } }',
  'test.step "a" { headers = ["hunter2"] }',
  'test.step "a" { many_headers = { X = ["a", "hunter2\\n"] } }',
  'test.step "a" { basic_auth { password = "hunter2" } }',
  'test.stepp "a" { basic_auth { password = "hunter2" } }',
  'test.step "a" { url = "ftp://u:hunter2@h" }',
  'test.step "a" { url = "ftp://h/?token=hunter2" }',
  'test.step "a" {\n  headers = { "X" = "hunter2" }\n  input = "\n}',
  'test.step "a" {\n  many_headers = {\n    "X" = ["hunter2"],\n  }\n  input = "\n}',
  'password = "hunter2"',
  'test.step "a" {\n  password = "hunter2\n}',
  'test.step "a" {\n  password = "hunter2"\n  input = \n}',
])('no diagnostic shows a secret: %s', (text) => {
  const { diagnostics, texts } = checkSources([{ name: 'a', text }], { kinds })
  expect(diagnostics.length).toBeGreaterThan(0)
  expect(diagnostics.map(printDiagnostic).join('\n')).not.toContain('hunter2')
  expect(texts.get('a')).not.toContain('hunter2')
  expect(texts.get('a')).toHaveLength(text.length)
})

test('components and root blocks', () => {
  check(
    'test.stepp "a" { }',
    '1:1 cannot find the definition of component name "test.stepp" | did you mean `test.step`?',
  )
  const later = 'Alloy has it, Sluice not yet; `sluice validate --coverage` lists what there is'
  check('prometheus.scrape "a" { }', `1:1 cannot find the definition of component name "prometheus.scrape" | ${later}`)
  check('test.step { }', '1:1 component "test.step" must have a label | write test.step "NAME" {')
  check('logging "x" { }', '1:1 block "logging" does not support specifying labels | write logging {')
  check(
    'declare "x" { }',
    '1:1 block "declare" is not supported yet | there are no modules yet; write its components out',
  )
  check(
    'import.git "x" { }',
    '1:1 block "import.git" is not supported yet | there are no modules yet; write the components out',
  )
  check('input = "x"', '1:1 unrecognized attribute input | attributes stand within blocks only')
  const twice = 'test.step "a" { }\ntest.step "a" { count = 11 }'
  check(
    twice,
    '2:1 block test.step.a already declared at a.alloy:1:1 | give it another label, or take one of them out',
    '2:25 11 is too much; at most 10 | write 1 to 10',
  )
  const stable =
    'component "test.logs" is at stability level "experimental", which is below the minimum allowed stability level "generally-available"'
  check(
    'test.logs "a" { }',
    `1:1 ${stable} | Use --stability.level command-line flag to enable "experimental" features`,
  )
  expect(problems('test.logs "a" { }', { stability: 'experimental' })).toEqual([])
})

test('files are one configuration', () => {
  const sources = [
    { name: 'a.alloy', text: 'test.step "a" { input = test.step.b.output }' },
    { name: 'b.alloy', text: 'test.step "b" { }\n\ntest.step "a" { }' },
  ]
  const { diagnostics } = checkSources(sources, { kinds })
  expect(diagnostics.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([
    'b.alloy:3 block test.step.a already declared at a.alloy:1:1',
  ])
})

test('references', () => {
  const sink = 'test.step "sink" { }\n'
  const scope = 'does not exist or is out of scope'
  check(
    `${sink}test.step "a" { forward_to = [test.step.sik.receiver] }`,
    `2:31 component "test.step.sik.receiver" ${scope} | did you mean \`test.step.sink.receiver\`?`,
  )
  check(
    `${sink}test.step "a" { input = local.file.x.content }`,
    `2:25 component "local.file.x.content" ${scope} | declare it, or refer to a component that there is`,
  )
  check(
    `${sink}test.step "a" { input = test.step.sink.outptu }`,
    '2:25 field "outptu" does not exist | did you mean `output`?',
  )
  check(
    `${sink}test.step "a" { forward_to = test.step.sink.receiver }`,
    '2:30 test.step.sink.receiver should be array, got capsule | write [test.step.sink.receiver]',
  )
  check(
    'prometheus.scrape "x" { }\ntest.step "a" { input = prometheus.scrape.x.y }',
    expect.stringContaining('1:1') as unknown as string,
  )
  const logs = 'test.logs "l" { }\ntest.step "a" { forward_to = [test.logs.l.receiver] }'
  expect(problems(logs, { stability: 'experimental' })).toEqual([
    '2:31 test.logs.l.receiver expected capsule("storage.Appendable"), got capsule("loki.LogsReceiver") | write the receiver of a component that takes metrics, such as prometheus.remote_write.NAME.receiver',
  ])
})

test('cycles', () => {
  const hint = 'one of them may not refer to the next'
  check(
    'test.step "b" { input = test.step.a.output }\ntest.step "a" { input = test.step.b.output }\ntest.step "c" { input = test.step.a.output }',
    `1:1 cycle detected: test.step.a, test.step.b | ${hint}`,
    `2:1 cycle detected: test.step.a, test.step.b | ${hint}`,
  )
  check('test.step "a" { input = test.step.a.output }', '1:1 cannot reference self | refer to another component')
})

test('what is not known before it runs is not judged, the rest is', () => {
  const source = 'test.step "b" { }\n'
  check(`${source}test.step "a" {\n count = 7\n}`, '3:10 seven is not settled | take six')
  check(`${source}test.step "a" {\n count = 7\n input = test.step.b.output\n}`)
  check(
    `${source}test.step "a" {\n count = 11\n input = test.step.b.output\n}`,
    '3:10 11 is too much; at most 10 | write 1 to 10',
  )
  check(`${source}test.step "a" { words = [test.step.b.output, true] }`, '2:46 expected string, got bool')
  check(
    `${source}test.step "a" {\n count = 7\n forward_to = [test.step.b.receiver]\n}`,
    '3:10 seven is not settled | take six',
  )
  const machine = 'test.step "a" { url = sys.env("SLUICE_NO_SUCH_VARIABLE") }'
  expect(problems(machine)).toHaveLength(1)
  expect(problems(machine, { isElsewhere: true })).toEqual([])
})

test('syntax errors bring no others along, and hide none elsewhere', () => {
  const reader = '\ntest.step "b" { input = test.step.a.output }\ntest.step "c" { count = 11 }'
  const count = (line: number): string => `${line}:25 11 is too much; at most 10 | write 1 to 10`
  check(`test.step "a" {\n  input = \n  count = 12\n}${reader}`, '3:9 expected TERMINATOR, got =', count(6))
  check(
    `test.step "a" {\n  inputt = "x"\n  count = 12\n  on = )\n}${reader}`,
    '2:3 unrecognized attribute name "inputt" | did you mean `input`?',
    '3:11 12 is too much; at most 10 | write 1 to 10',
    '4:8 expected expression, got )',
    count(7),
  )
  check(
    `test.step "a" {\n  rule {\n    regex "x"\n  }\n}${reader}`,
    '3:14 expected block body, got TERMINATOR',
    '6:1 expected TERMINATOR, got IDENT',
    '7:29 expected }, got EOF',
  )
  check(`test.step "a" {\n  rule {\n    regex = "x"\n}${reader}`, '6:29 expected }, got EOF')
  check(
    `test.step "a-b" {\n  count = 12\n}${reader.replace('step.a.', 'step.nope.')}`,
    '1:11 expected block label to be a valid identifier, but got "a-b"',
    '2:11 12 is too much; at most 10 | write 1 to 10',
    '4:25 component "test.step.nope.output" does not exist or is out of scope | did you mean `test.step.c.output`?',
    count(5),
  )
})

test('ten mistakes, one run', () => {
  const text = `logging {
  level = "verbose"
}
prometheus.relable "x" { }
test.step "a" {
  inputt     = "x"
  count      = 0
  timeout    = "1 minute"
  labels     = "team"
  forward_to = [test.step.b.receiver]
  limits { rate = "fast" }
  rule { }
}
test.step "a" { }
test.step { }
foreach "x" { }
`
  expect(problems(text)).toEqual([
    '2:11 unrecognized log level verbose | the values are debug, info, warn, error',
    '4:1 cannot find the definition of component name "prometheus.relable" | known here are test.logs, test.step',
    '6:3 unrecognized attribute name "inputt" | did you mean `input`?',
    '7:16 0 is too little; at least 1 | write 1 to 10',
    '8:16 "1 minute" is not a duration | write numbers with units, such as 10s, 1m30s or 1.5h',
    '9:16 expected array, got string',
    '10:17 component "test.step.b.receiver" does not exist or is out of scope | declare it, or refer to a component that there is',
    '11:19 expected number, got string',
    '12:3 missing required attribute "regex" | A pattern.',
    '14:1 block test.step.a already declared at a.alloy:5:1 | give it another label, or take one of them out',
    '15:1 component "test.step" must have a label | write test.step "NAME" {',
    '16:1 block "foreach" is not supported yet | write a component for each item',
  ])
})
