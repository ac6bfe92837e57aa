import { expect, test } from 'vitest'
import { tenantIdPartProblem, tenantIdProblem } from './tenant-id.ts'

test('final tenant ids', () => {
  const check = (id: string, problem?: RegExp) =>
    problem === undefined ? expect(tenantIdProblem(id)).toBeUndefined() : expect(tenantIdProblem(id)).toMatch(problem)
  check("aZ09!-_.*'()")
  check('a'.repeat(150))
  check('...')
  check('a'.repeat(151), /151 bytes/)
  check('', /empty/)
  check('.', /reserved/)
  check('..', /reserved/)
  check('__mimir_cluster', /reserved/)
  check('a|b', /contains "\|"/)
  check('é', /contains "é"/)
  check('a\r\nb', /contains "\\r"/)
})

test('a prefix alone may be what an id may not', () => {
  expect(tenantIdPartProblem('.', 149)).toBeUndefined()
  expect(tenantIdPartProblem('', 149)).toBeUndefined()
  expect(tenantIdPartProblem('a'.repeat(150), 149)).toMatch(/at most 149/)
})
