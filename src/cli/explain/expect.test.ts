import { expect, test } from 'vitest'
import { CommandFailure } from '../exit.ts'
import { expectedTenants, holdTo } from './expect.ts'
import type { End } from './judged.ts'

const at = 'w/0'
const to = (tenant: string): End => ({ at, kind: 'tenant', tenant, text: `tenant ${tenant}`, rule: 'default' })
const other = (kind: End['kind'], text: string): End => ({ at, kind, text, rule: 'r' })
const untenanted = other('untenanted', 'no tenant')
const relabelled = other('relabelled', 'dropped (relabelling)')

function problem(tenants: readonly string[], ...ends: readonly End[]): string | undefined {
  try {
    holdTo(tenants, [{ labels: [['a', 'b']], ends }])
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(CommandFailure)
    return (error as Error).message.split('\n')[1]
  }
}
const good = (tenants: readonly string[], ...ends: readonly End[]) => expect(problem(tenants, ...ends)).toBe(undefined)
const bad = (tenants: readonly string[], ends: readonly End[], text: string) =>
  expect(problem(tenants, ...ends)).toBe(`  {a="b"}: ${text}`)

test('where series may end', () => {
  good([], to('x'), untenanted)
  good(['x'], to('x'))
  good(['x', 'y'], to('x'), to('y'))
  good(['x'], to('x'), relabelled, other('output', 'standard output'))
  good(['x', ''], to('x'), untenanted)
  good([''], untenanted)
  bad(['x'], [to('x'), to('y')], 'tenant y at w/0, by default')
  bad(['x'], [to('x'), untenanted], 'no tenant at w/0, by r')
  bad(['x'], [to('x'), other('refused', 'rejected (missing_tenant)')], 'rejected (missing_tenant) at w/0, by r')
  bad(['x'], [relabelled], 'dropped (relabelling) at w/0, by r')
  bad(['x'], [other('output', 'standard output')], 'standard output at w/0, by r')
  bad(['x'], [], 'it goes nowhere')
})

test('how tenants are written', () => {
  expect(expectedTenants(['tenant=a', 'tenant=', 'tenant=b=c'])).toEqual(['a', '', 'b=c'])
  expect(() => expectedTenants(['a'])).toThrow('--expect a: write --expect tenant=ID')
})
