// Checks what would be published: the files in the package, and what it depends on. Expects a build.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const root = new URL('..', import.meta.url)
const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

interface Packed {
  readonly files: readonly { readonly path: string }[]
  readonly unpackedSize: number
}
const [packed] = JSON.parse(run('npm', 'pack', '--dry-run', '--json', '--ignore-scripts')) as [Packed]
const expected =
  /^(bin\/sluice\.js|dist\/.*\.(js|d\.ts)|docs\/(reference\/)?[\w.-]+\.md|examples\/[\w/-]+\.(ts|yml|alloy)|package\.json|LICENSE|[A-Z]+\.md)$/
const strange = packed.files.map((file) => file.path).filter((path) => !expected.test(path) || path.includes('.test.'))
if (strange.length > 0) throw new Error(`files that don't belong in the package: ${strange.join(', ')}`)
const entries = ['index', 'fetch', 'undici'].flatMap((name) => [`dist/${name}.js`, `dist/${name}.d.ts`])
for (const path of ['bin/sluice.js', 'dist/cli/main.js', ...entries, 'LICENSE']) {
  if (!packed.files.some((file) => file.path === path)) throw new Error(`the package lacks ${path}`)
}
if (packed.unpackedSize > 4 << 20) throw new Error(`the package unpacks to ${packed.unpackedSize} bytes`)

const { dependencies, devDependencies } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
  if (!/^(npm:[\w/@-]+@)?\d+\.\d+\.\d+$/.test(version as string))
    throw new Error(`${name} is not pinned to a version: ${version}`)
}
if (/"resolved": "http/.test(readFileSync(new URL('package-lock.json', root), 'utf8'))) {
  throw new Error('package-lock.json names a registry host')
}

console.log(`package: ${packed.files.length} files, ${packed.unpackedSize} bytes unpacked`)
