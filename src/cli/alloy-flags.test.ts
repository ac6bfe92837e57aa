import { expect, test } from 'vitest'
import { alloyFlagsHelp, parseAlloyFlags, similarFlag } from './alloy-flags.ts'

const check = (line: string, values: Record<string, string>, rest: string, ...notes: readonly string[]) => {
  const parsed = parseAlloyFlags('run', line.split(' '))
  expect([Object.fromEntries(parsed.values), parsed.rest.join(' '), parsed.notes]).toEqual([values, rest, notes])
}
const refuse = (line: string, ...want: readonly string[]) => {
  let said = ''
  try {
    parseAlloyFlags('run', line.split(' '))
  } catch (error) {
    said = (error as Error).message
  }
  expect(said.split('\n')).toEqual(want)
}

test('what is taken, and what is left', () => {
  check('run a.alloy', {}, 'run a.alloy')
  check('run --stability.level=experimental a.alloy', { 'stability.level': 'experimental' }, 'run a.alloy')
  check('run --stability.level public-preview a.alloy', { 'stability.level': 'public-preview' }, 'run a.alloy')
  check(
    'run --config.format=alloy --server.http.ui-path-prefix=/x a.alloy',
    { 'config.format': 'alloy', 'server.http.ui-path-prefix': '/x' },
    'run a.alloy',
  )
  check('run --storage.path=x --unknown a.alloy', {}, 'run --storage.path=x --unknown a.alloy')
  check('run -- --disable-reporting', {}, 'run -- --disable-reporting')
})

test('what an unknown flag resembles', () => {
  expect(similarFlag('run', '--server.http.listen-adr=1')).toBe('--server.http.listen-addr')
  expect(similarFlag('run', '--storage.pth')).toBe('--storage.path')
  expect(similarFlag('validate', '--stability.levl')).toBe('--stability.level')
  expect(similarFlag('validate', '--storage.pth')).toBe(undefined)
  for (const flag of ['--storage.path', '--server.http.listen-addr', '--stability.level']) {
    expect(alloyFlagsHelp('run').split('\n')).toContain(`  ${flag}`)
  }
})

test('without effect, said once each', () => {
  check(
    'run --disable-reporting a.alloy',
    {},
    'run a.alloy',
    '--disable-reporting has no effect: nothing is ever reported',
  )
  check(
    'run --server.http.memory-addr x:1 a.alloy',
    {},
    'run a.alloy',
    '--server.http.memory-addr has no effect: components need no address in memory',
  )
  check('run --cluster.enabled=false a.alloy', {}, 'run a.alloy')
})

test('refused by name, all at once', () => {
  const alone = 'is not supported: there is no clustering yet: each Sluice works alone'
  refuse(
    'run --cluster.enabled --cluster.join-addresses=a,b a.alloy',
    `--cluster.enabled ${alone}`,
    `--cluster.join-addresses ${alone}`,
  )
  refuse(
    'run --stability.level=alpha a.alloy',
    '--stability.level=alpha: it is one of experimental, public-preview, generally-available',
  )
  refuse(
    'run --config.format=prometheus a.alloy',
    '--config.format=prometheus: only alloy is read; `sluice convert` makes an Alloy file of some others',
  )
  refuse('run --stability.level', '--stability.level needs a value: write --stability.level=VALUE')
})
