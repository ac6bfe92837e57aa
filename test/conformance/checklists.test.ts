// docs/remote-write.md says which test holds which rule of the specifications: it has all rules, and those tests name
// theirs.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../support/sluice.ts'

const page = readFileSync(join(root, 'docs/remote-write.md'), 'utf8')
const rows = page.split('\n').flatMap((line) => {
  const [, id, , held = ''] = line.split('|').map((cell) => cell.trim())
  return /^[RS][12]-\d+$/.test(id ?? '') ? [{ id: id!, held }] : []
})
const numbered = (of: string, count: number) => Array.from({ length: count }, (_, k) => `${of}-${k + 1}`)

test('every rule for receivers and senders is there once', () => {
  expect(rows.map(({ id }) => id)).toEqual([
    ...numbered('R1', 5),
    ...numbered('R2', 10),
    ...numbered('S1', 12),
    ...numbered('S2', 16),
  ])
})

test('the tests that hold a rule name it', () => {
  for (const { id, held } of rows) {
    const files = [...held.matchAll(/`(test\/[^`]+)`/g)].map(([, file]) => file!)
    // Where no test holds it, it says why none can.
    if (files.length === 0) expect([id, held.length > 20]).toEqual([id, true])
    for (const file of files) {
      const named = new RegExp(`^(//|.*\\btest).*\\b${id}\\b`, 'm').test(readFileSync(join(root, file), 'utf8'))
      expect([id, file, named]).toEqual([id, file, true])
    }
  }
})
