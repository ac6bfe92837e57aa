import { expect, test } from 'vitest'
import { type Options, parseOptions } from './options.ts'

const parsed = (...args: string[]) => parseOptions(args) as Options

test('the defaults: 1 to 500 tenants, eight senders, the label removed', () => {
  const { sources, senders, bodies, keepLabel, sluice } = parsed()
  expect(sources.map((source) => 'tenants' in source && source.tenants)).toEqual([1, 5, 50, 500])
  expect({ senders, bodies, keepLabel }).toEqual({ senders: 8, bodies: 32, keepLabel: false })
  expect(sluice?.command).toBe(undefined)
})

test('rows are every series by every order by every tenants, then the captured', () => {
  expect(parsed('--tenants', '1,5', '--series', '500,2000', '--shuffled', '--captured', 'd').sources.length).toBe(9)
  expect(parsed('--no-made', '--captured', 'd').sources).toEqual([{ directory: 'd' }])
})

test('forms: 1.0, unless others are asked for', () => {
  expect(parsed().messages).toEqual([1])
  expect(parsed('--message', '2').messages).toEqual([2])
  expect(parsed('--message', '2,1,2').messages).toEqual([2, 1])
})

test('a peer has a name, a command and perhaps a version', () => {
  const { peers } = parsed('--peer', 'ct=A=b ct -x={listen}', '--peer-version', 'ct=echo 1', '--peer', 'vm=vm')
  expect(peers).toEqual([
    { name: 'ct', command: 'A=b ct -x={listen}', version: 'echo 1' },
    { name: 'vm', command: 'vm', version: undefined },
  ])
})

test('samples rise where Prometheus is among the programs', () => {
  expect(parsed('--floor', 'nginx,vmagent')).toMatchObject({ floors: ['nginx', 'vmagent'], rising: false })
  expect(parsed('--floor', 'prometheus')).toMatchObject({ floors: ['prometheus'], rising: true })
})

test('what makes no sense is refused, saying where', () => {
  const check = (args: string[], want: RegExp) => expect(() => parseOptions(args)).toThrow(want)
  check(['--tenants', '1,x'], /--tenants: "x" is not a whole number from 1 to 2000/)
  check(['--tenants', '501', '--series', '500'], /--tenants: "501" .* from 1 to 500/)
  check(['--bodies', '4'], /--bodies: "4" .* from 8 /)
  check(['--rounds', '0'], /--rounds/)
  check(['--peer', 'ct'], /--peer: "ct" is not NAME=COMMAND/)
  check(['--peer', 'sluice=x'], /the name "sluice" is taken/)
  check(['--peer-version', 'ct=x'], /no peer called "ct"/)
  check(['--floor', 'apache'], /there are nginx, vmagent, prometheus, not "apache"/)
  check(['--no-sluice'], /nothing to run/)
  check(['--client', 'links,http3'], /links and tls, not "http3"/)
  check(['--client', 'tls', '--peer', 'sluice+tls=x'], /is not NAME=COMMAND/)
  check(['--client', 'tls', '--no-sluice'], /--no-sluice that it is not/)
  check(['--agent', '--no-sluice', '--floor', 'nginx'], /--agent compares with Sluice/)
  check(['--message', '1,3'], /--message: "3" is not a whole number from 1 to 2/)
  check(['--message', '2', '--peer', 'ct=x'], /--message: peers and vmagent are sent 1.0 alone/)
  check(['--message', '2', '--floor', 'vmagent'], /--message: peers and vmagent are sent 1.0 alone/)
  check(['--message', '1,2', '--floor', 'prometheus'], /--floor: for prometheus samples rise, .* or 2 of --message/)
  check(['--peer', 'agent=x'], /the name "agent" is taken/)
  check(['--peer', 'vmagent=x'], /the name "vmagent" is taken/)
  check(['--nonsense'], /nonsense/)
})
