import { expect, test } from 'vitest'
import { printDiagnostics } from './diagnostics.ts'
import { parseFlags, readFlags, unknownFlag } from './flags.ts'

const parse = (...argv: string[]) => {
  const { values, rest, diagnostics } = parseFlags(argv)
  return {
    values: Object.fromEntries([...values].map(([path, { text }]) => [path, text])),
    rest,
    said: printDiagnostics(diagnostics),
  }
}

test('values, booleans, and what is left', () => {
  expect(
    parse(
      '--config',
      'c.yml',
      '--tenancy.keep_label',
      '--tenancy.default',
      'a',
      '--dry_run=false',
      'x',
      '-config',
      '--nope=1',
    ),
  ).toEqual({
    values: { 'tenancy.keep_label': 'true', 'tenancy.default': 'a', dry_run: 'false' },
    rest: ['--config', 'c.yml', 'x', '-config', '--nope=1'],
    said: '',
  })
  expect(parse('--dry_run', 'false', '--tenancy.strict', 'truth')).toMatchObject({
    values: { dry_run: 'false', 'tenancy.strict': 'true' },
    rest: ['truth'],
  })
  expect(parse('--dry_run', '--', '--dry_run=false')).toMatchObject({
    values: { dry_run: 'true' },
    rest: ['--', '--dry_run=false'],
  })
  expect(parse('--tenancy.default=a=b', '--tenancy.prefix=').values).toEqual({
    'tenancy.default': 'a=b',
    'tenancy.prefix': '',
  })
})

test('the alias of the admin listener', () => {
  expect(parse('--server.http.listen-addr=:1').values).toEqual({ 'server.http.listen_addr': ':1' })
})

test('a missing value, and one given twice', () => {
  expect(parse('--listen').said).toBe('--listen: the flag needs a value\n  hint: write --listen=VALUE')
  expect(parse('--listen', '--dry_run')).toMatchObject({ values: { dry_run: 'true' }, rest: [] })
  expect(parse('--listen=:1', '--listen=:2')).toEqual({
    values: { listen: ':2' },
    rest: [],
    said: '--listen: warning: given twice; the last one counts',
  })
})

test('texts are read with the flag’s name in what is wrong with them', () => {
  const read = (...argv: string[]) => printDiagnostics(readFlags(parseFlags(argv).values).diagnostics)
  expect(read('--send.max_in_flight=0')).toBe(
    '--send.max_in_flight: 0 is too little; at least 1\n  hint: write 1 to 65535',
  )
  expect(read('--tenancy.labels=')).toBe(
    '--tenancy.labels: the list needs at least 1 item\n  hint: write the name of a label, such as team',
  )
  expect(read('--tenancy.override=x')).toBe(
    '--tenancy.override: it can be set in a file only\n  hint: write it under `sluice:` in the file of --config',
  )
  expect(read('--tenancy.header=Content-Type')).toBe(
    '--tenancy.header: the header `Content-Type` is reserved\n  hint: write a name such as X-Scope-OrgID',
  )
  expect(read('--tenancy.deny=a\\')).toBe(
    '--tenancy.deny: "a\\\\": the pattern ends in a single \\, which escapes nothing\n' +
      '  hint: write an id, or a part of one with *, such as team-*',
  )
})

test('an unknown flag', () => {
  expect(printDiagnostics([unknownFlag('--tenancy.keep-lable=secret')])).toBe(
    'unknown flag "--tenancy.keep-lable"\n  hint: did you mean --tenancy.keep_label?',
  )
  expect(printDiagnostics([unknownFlag('--zebra')])).toBe(
    'unknown flag "--zebra"\n  hint: docs/configuration.md lists all that are settings',
  )
})
