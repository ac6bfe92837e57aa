import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { type ConvertOptions, convert } from './convert.ts'
import { CommandFailure, exitCode } from './exit.ts'

interface Outcome {
  readonly code: number
  readonly output: string
  /** Standard error, the failure's text at the end. */
  readonly errors: string
}

/** In a folder of this test alone. */
function file(name: string, text: string): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, text)
  return path
}

async function run(path: string, options: ConvertOptions): Promise<Outcome> {
  const told = { output: '', errors: '' }
  const streams = {
    output: { write: (text: string) => void (told.output += text) },
    errors: { write: (text: string) => void (told.errors += text) },
  }
  try {
    await convert(path, options, streams)
    return { ...told, code: exitCode.done }
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error
    return { ...told, errors: told.errors + error.message, code: error.exitCode }
  }
}

const plain = (): string => file('plain.yml', 'target: http://u:pw@mimir/push\n')
const lossy = (): string => file('lossy.yml', 'target: http://mimir/push\ntenant: { accept_all: true }\n')

test('formats', async () => {
  const check = async (options: ConvertOptions, text: string) => {
    const { code, output, errors } = await run(plain(), options)
    expect([code, output, errors]).toEqual([exitCode.usage, '', text])
  }
  await check({}, 'what is it? --source-format is one of cortex-tenant (or ct) and alloy')
  await check(
    { sourceFormat: 'prometheus' },
    '--source-format=prometheus: a Prometheus configuration can’t be converted yet: write its remote_write as prometheus.remote_write',
  )
  await check(
    { sourceFormat: 'toString' },
    '--source-format=toString is not known: there are cortex-tenant (or ct) and alloy',
  )
  await check({ sourceFormat: 'ct', to: 'prometheus' }, '--to=prometheus: from ct there is --to=alloy')
  await check({ sourceFormat: 'alloy', to: 'ct' }, '--to=ct: from alloy there is --to=prometheus')
})

test('cortex-tenant to Alloy, and on to Prometheus', async () => {
  const { code, output, errors } = await run(plain(), { sourceFormat: 'ct' })
  expect(code).toBe(exitCode.done)
  expect(output).toContain('url                    = "http://mimir/push"')
  expect(errors).toMatch(/<secret>: put them in, or convert with --show-secrets\n$/)
  expect(errors).not.toContain('pw')
  const shown = await run(plain(), { sourceFormat: 'cortex-tenant', showSecrets: true })
  expect(shown.output).toContain('password = "pw"')
  expect(shown.errors).not.toContain('secret')
  const alloy = await run(file('a.alloy', shown.output), { sourceFormat: 'alloy' })
  expect(alloy.code).toBe(exitCode.done)
  expect(alloy.output).toContain('username: u\n      password: <secret>\n')
})

test('what can’t be carried fails unless it is bypassed', async () => {
  const failed = await run(lossy(), { sourceFormat: 'ct' })
  expect([failed.code, failed.output]).toEqual([exitCode.failed, ''])
  expect(failed.errors).toMatch(/lossy.yml:2:\d+: `tenant.accept_all` is not carried/)
  expect(failed.errors).toMatch(/errors above\); --bypass-errors converts the rest$/)
  const bypassed = await run(lossy(), { sourceFormat: 'ct', bypassErrors: true })
  expect([bypassed.code, bypassed.output.includes('tenancy {')]).toEqual([exitCode.done, true])
})

test('files for conversion and report', async () => {
  const folder = temporaryFolder()
  const [output, report] = [join(folder, 'out.alloy'), join(folder, 'report.txt')]
  const failed = await run(lossy(), { sourceFormat: 'ct', output, report })
  expect(failed.errors).toBe(`not all of it can be converted (errors in ${report}); --bypass-errors converts the rest`)
  expect(readFileSync(report, 'utf8')).toMatch(/accept_all/)
  const done = await run(plain(), { sourceFormat: 'ct', output, report, showSecrets: true })
  expect([done.code, done.output, done.errors]).toEqual([exitCode.done, '', ''])
  expect(readFileSync(output, 'utf8')).toContain('"pw"')
  expect(statSync(output).mode & 0o777).toBe(0o600)
  expect((await run(plain(), { sourceFormat: 'ct', output: folder })).code).toBe(exitCode.failed)
})

test('files that are wrong', async () => {
  const wrong = await run(file('wrong.alloy', 'prometheus.remote_write "x" { a = 1 }'), { sourceFormat: 'alloy' })
  expect([wrong.code, wrong.output]).toEqual([exitCode.badConfiguration, ''])
  expect(wrong.errors).toMatch(/wrong.alloy:1:31: unrecognized attribute name "a"/)
  expect((await run(join(temporaryFolder(), 'none'), { sourceFormat: 'ct' })).code).toBe(exitCode.failed)
})
