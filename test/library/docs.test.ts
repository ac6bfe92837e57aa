// The examples of docs/library.md and examples/library/ compile against the package as it is published and do what
// their comments say: every `console.log(…) // text` prints that text.

import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { optionName } from '../../src/config/option-name.ts'
import { tenancyFields } from '../../src/config/tenancy-fields.ts'
import { series, write } from '../support/bodies.ts'
import { root } from '../support/sluice.ts'
import { testSink } from '../support/test-sink.ts'
import { unpackedCopies } from './packed.ts'

const run = promisify(execFile)
const page = readFileSync(join(root, 'docs/library.md'), 'utf8')

interface Example {
  /** Of the file that is made of it; .ts is compiled. */
  readonly file: string
  readonly code: string
}

const blocks = [...page.matchAll(/^```(ts|js)\n([\s\S]*?)^```$/gm)].map(
  ([, language, code = ''], k): Example => ({ file: `block-${k + 1}.${language === 'ts' ? 'ts' : 'mjs'}`, code }),
)
const files = readdirSync(join(root, 'examples/library')).map(
  (file): Example => ({ file, code: readFileSync(join(root, 'examples/library', file), 'utf8') }),
)
/** What needs arguments is run by a test of its own. */
const runnable = [...blocks, ...files.filter(({ file }) => file !== 'four-ways.ts')]

/** What the examples take for granted: a push body, as the reader's client makes it. */
const globals = 'declare const body: Uint8Array<ArrayBuffer>\n'
const prelude = (base64: string): string => `globalThis.body = Buffer.from('${base64}', 'base64')\n`

/** Texts of `console.log(…) // text`. */
const promised = (code: string): string[] =>
  [...code.matchAll(/console\.log\(.*\),? \/\/ (.*)$/gm)].map(([, text]) => text as string)

async function workshop(url: string): Promise<string> {
  const folder = join(unpackedCopies('app'), 'app')
  const src = join(folder, 'src')
  mkdirSync(src)
  const body = write(['search', 'checkout'].map((team) => series('__name__=up', `team=${team}`)))
  writeFileSync(join(src, 'globals.d.ts'), globals)
  writeFileSync(join(src, 'prelude.mjs'), prelude(body.toString('base64')))
  for (const example of [...blocks, ...files]) {
    writeFileSync(join(src, example.file), example.code.replaceAll(/http:\/\/mimir(-\w+)?:8080/g, url))
  }
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'))
  const options = {
    ...compilerOptions,
    skipLibCheck: false,
    noUnusedLocals: false,
    allowJs: true,
    allowImportingTsExtensions: false,
    noEmit: false,
    rootDir: 'src',
    outDir: 'out',
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['src'] }))
  return folder
}

test('they compile and run', async () => {
  const sink = await testSink()
  const folder = await workshop(sink.url)
  const compiled = await run('npx', ['tsc', '-p', folder], { cwd: root }).catch(({ stdout }: { stdout: string }) => ({
    stdout,
  }))
  expect(compiled.stdout).toBe('')

  expect(blocks.length).toBeGreaterThan(5)
  const env = { ...process.env, PUSH_URL: sink.pushUrl }
  for (const { file, code } of runnable) {
    sink.reset()
    const args = ['--import', './out/prelude.mjs', `out/${file.replace(/\.ts$/, '.js')}`]
    const { stdout } = await run(process.execPath, args, { cwd: folder, env })
    const lines = stdout.split('\n').filter((line) => line !== '')
    expect({ code, lines }).toEqual({ code, lines: promised(code) })
    expect(sink.store.violations).toEqual([])
  }
})

test('the table of options names all there are', () => {
  const [, table = ''] = /^## Options$([\s\S]*?)^## /m.exec(page) ?? []
  const documented = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  const rows = Object.keys(tenancyFields).map((path) => optionName(path.split('.')[1] as string))
  expect(documented).toEqual([...new Set(rows), 'onTenantResult', 'onRefused'])
})
