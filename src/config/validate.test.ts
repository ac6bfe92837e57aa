import { expect, test } from 'vitest'
import { printDiagnostics } from './diagnostics.ts'
import { parseFlags } from './flags.ts'
import { loadConfiguration } from './load.ts'

const run = (argv: readonly string[]) => loadConfiguration({ flags: parseFlags(argv).values })
const fine = (...argv: string[]) => expect(printDiagnostics(run(argv).diagnostics)).toBe('')
const refused = (message: string, ...argv: string[]) => {
  const loaded = run(argv)
  expect(loaded.ok).toBe(false)
  expect(printDiagnostics(loaded.diagnostics).split('\n')[0]).toBe(message)
}
const doubted = (message: string, ...argv: string[]) => {
  const loaded = run(argv)
  expect(loaded.ok).toBe(true)
  expect(printDiagnostics(loaded.diagnostics).split('\n')[0]).toBe(message)
}

test('the default tenant and the prefix', () => {
  fine('--tenancy.default=a', '--tenancy.prefix=p-')
  fine('--tenancy.prefix=.', '--tenant.default=a')
  refused(
    '--tenancy.default: the default tenant "a|b" is no valid tenant id: it contains "|"; allowed are A-Z a-z 0-9 ! - _ . * \' ( )',
    '--tenancy.default=a|b',
  )
  refused(
    '--tenant.default: the default tenant ".." is no valid tenant id: this name is reserved',
    '--tenant.default=.',
    '--tenant.prefix=.',
  )
  refused(
    `--tenant.default: the default tenant "${'a'.repeat(57)}..." is no valid tenant id: it has 151 bytes; at most 150 are allowed`,
    `--tenant.default=${'a'.repeat(151)}`,
  )
  refused(
    '--tenancy.prefix: with the prefix "a/" no tenant id is valid: it contains "/"; allowed are A-Z a-z 0-9 ! - _ . * \' ( )',
    '--tenancy.prefix=a/',
    '--tenancy.default=x',
  )
})

test('a default that is denied', () => {
  fine('--tenancy.default=a', '--tenancy.allow=a,b*', '--tenancy.deny=c')
  fine('--tenancy.default=a', '--tenancy.prefix=p-', '--tenancy.allow=p-*')
  refused(
    '--tenancy.default: the default tenant "a" is not among those that `tenancy.allow` allows',
    '--tenancy.default=a',
    '--tenancy.allow=b*',
  )
  refused(
    '--tenancy.deny: this denies the default tenant "p-a"',
    '--tenancy.default=a',
    '--tenancy.prefix=p-',
    '--tenancy.deny=x,p-*',
  )
  // The sender's prefix decides, and is not known yet.
  fine('--tenancy.default=a', '--tenancy.allow=prom-*', '--tenancy.prefix_from_header=X-My')
})

test('what needs a default', () => {
  refused(
    '--tenancy.on_invalid: there is no default tenant that invalid ones could go to',
    '--tenancy.on_invalid=default',
  )
  fine('--tenancy.on_invalid=default', '--tenant.default=a')
  doubted(
    '--tenancy.metadata: warning: there is no default tenant, so that all metadata is dropped',
    '--tenancy.metadata=default',
  )
})

test('halves', () => {
  refused('--auth.egress.username: there is a user name but no password', '--auth.egress.username=a')
  doubted(
    '--auth.egress.password: warning: there is a password but no user name, so that requests go without either',
    '--auth.egress.password=a',
  )
  doubted(
    '--auth.ingress.tls_config.cert_file: warning: `auth.ingress.tls_config.key_file` is not set, so that the push listener speaks plain HTTP, not HTTPS',
    '--auth.ingress.tls_config.cert_file=a',
  )
  fine('--auth.ingress.tls_config.cert_file=a', '--auth.ingress.tls_config.key_file=b')
})

test('room for at least one body', () => {
  doubted(
    '--receive.max_in_flight_bytes: warning: a body as long as `receive.max_body_size` allows never fits in this',
    '--receive.max_in_flight_bytes=1MiB',
  )
})

test('one mistake makes one diagnostic', () => {
  const loaded = loadConfiguration({ file: { name: 'c', text: 'auth: { egress: { username: a, password: [] } }' } })
  expect(loaded.diagnostics.map(({ message }) => message)).toEqual(['a text belongs here, not a list'])
})
