// Two copies of the package in one program, as npm installs them for two dependents: an error of one is an error of
// the other.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { unpackedCopies } from './packed.ts'

const program = `
import { createRequire } from 'node:module'
const [a, b] = await Promise.all(['a', 'b'].map((name) => import(createRequire(new URL('./' + name + '/', import.meta.url)).resolve('sluice'))))
const thrown = (call) => { try { call() } catch (error) { return error } }
const error = thrown(() => a.splitByTenant(new Uint8Array([1, 2, 3])))
console.log(JSON.stringify({
  oneClass: a.SluiceError === b.SluiceError,
  ownError: error instanceof a.SluiceError,
  othersError: error instanceof b.SluiceError,
  isError: error instanceof Error,
  otherThings: [new Error('x'), { code: 'BODY_CORRUPT' }, null].some((value) => value instanceof b.SluiceError),
  code: error.code,
  status: error.status,
  name: error.name,
}))
`

test('errors of another copy', () => {
  const folder = unpackedCopies('a', 'b')
  writeFileSync(join(folder, 'program.mjs'), program)
  const said = execFileSync(process.execPath, [join(folder, 'program.mjs')], { encoding: 'utf8' })
  expect(JSON.parse(said)).toEqual({
    oneClass: false,
    ownError: true,
    othersError: true,
    isError: true,
    otherThings: false,
    code: 'BODY_CORRUPT',
    status: 400,
    name: 'SluiceError',
  })
})
