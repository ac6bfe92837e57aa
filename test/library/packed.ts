// The package as npm would publish it, unpacked into a folder of its own beside this checkout's dependencies.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/sluice.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/**
 * Packs the built package and unpacks it once for each name: `<folder>/<name>/node_modules/sluice`. Returns the
 * folder, where every dependency can be found. It goes when the test ends.
 */
export function unpackedCopies(...names: readonly string[]): string {
  const folder = temporaryFolder()
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: root })
  const [archive = ''] = readdirSync(folder)
  for (const name of names) {
    const modules = join(folder, name, 'node_modules')
    mkdirSync(modules, { recursive: true })
    execFileSync('tar', ['-xzf', join(folder, archive), '-C', modules])
    execFileSync('mv', [join(modules, 'package'), join(modules, 'sluice')])
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}
