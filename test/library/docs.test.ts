// The examples of docs/library.md and examples/library/ compile against the package as it is published and do what
// their comments say: every `console.log(…) // text` prints that text.

import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startSink } from '../../src/dev/sink/sink.ts'
import { series, write } from '../support/bodies.ts'
import { root } from '../support/sluice.ts'
import { unpackedCopies } from './packed.ts'

const run = promisify(execFile)
const page = readFileSync(join(root, 'docs/library.md'), 'utf8')

interface Example {
  readonly name: string
  readonly code: string
}

const blocks: Example[] = [...page.matchAll(/^## (.*)$|^```(?:ts|js)\n([\s\S]*?)^```$/gm)].reduce<{
  readonly found: Example[]
  readonly heading: string
}>(
  ({ found, heading }, [, title, code]) =>
    title !== undefined
      ? { found, heading: title }
      : { found: [...found, { name: `${heading} ${found.length + 1}`, code: code as string }], heading },
  { found: [], heading: '' },
).found

const files: Example[] = readdirSync(join(root, 'examples/library')).map((name) => ({
  name: basename(name, '.ts'),
  code: readFileSync(join(root, 'examples/library', name), 'utf8'),
}))

/** What the examples take for granted: a push body, as the reader's client makes it. */
const globals = 'declare const body: Uint8Array<ArrayBuffer>\n'
const prelude = (base64: string): string => `globalThis.body = Buffer.from('${base64}', 'base64')\n`

const fileOf = ({ name }: Example): string => `${name.replace(/[^\w-]+/g, '-').toLowerCase()}.ts`

/** Lines of `console.log(…) // text`. */
const promised = (code: string): string[] =>
  [...code.matchAll(/^ *console\.log\(.*\) \/\/ (.*)$/gm)].map(([, text]) => text as string)

async function workshop(url: string): Promise<string> {
  const folder = join(unpackedCopies('app'), 'app')
  const src = join(folder, 'src')
  mkdirSync(src)
  const body = write(['search', 'checkout'].map((team) => series('__name__=up', `team=${team}`)))
  writeFileSync(join(src, 'globals.d.ts'), globals)
  writeFileSync(join(src, 'prelude.mjs'), prelude(body.toString('base64')))
  for (const example of [...blocks, ...files]) {
    writeFileSync(join(src, fileOf(example)), example.code.replaceAll(/http:\/\/mimir(-\w+)?:8080/g, url))
  }
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'))
  const options = { ...compilerOptions, skipLibCheck: false, noUnusedLocals: false }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['src'] }))
  return folder
}

test('they compile and run', async () => {
  const sink = await startSink()
  onTestFinished(() => sink.close())
  const folder = await workshop(sink.url)
  const compiled = await run('npx', ['tsc', '-p', folder], { cwd: root }).catch(({ stdout }: { stdout: string }) => ({
    stdout,
  }))
  expect(compiled.stdout).toBe('')

  expect(blocks.length).toBeGreaterThan(5)
  const env = { ...process.env, PUSH_URL: sink.pushUrl }
  for (const example of [...blocks, ...files]) {
    sink.reset()
    const args = ['--import', './src/prelude.mjs', '--import', 'tsx', `src/${fileOf(example)}`]
    const { stdout } = await run(process.execPath, args, { cwd: folder, env })
    const lines = stdout
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '')
    expect({ example: example.name, lines }).toEqual({ example: example.name, lines: promised(example.code) })
    expect(sink.store.violations).toEqual([])
  }
})
