// The ways in which a secret on disk is changed.

import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Name → text, of all files. */
export type Contents = Readonly<Record<string, string>>

export type Change =
  | { readonly how: 'remove'; readonly path: string }
  /** In place: the file is first emptied, then written. */
  | { readonly how: 'write'; readonly path: string; readonly text: string }
  /** By renaming another file over it. */
  | { readonly how: 'replace'; readonly path: string; readonly text: string }
  /** All at once, by a link to their folder, as Kubernetes does: name → ..data/name → ..v1/name. */
  | { readonly how: 'swap'; readonly folder: string; readonly version: number; readonly contents: Contents }

export function apply(change: Change): void {
  if (change.how === 'remove') rmSync(change.path)
  else if (change.how === 'write') writeFileSync(change.path, change.text)
  else if (change.how === 'replace') {
    writeFileSync(`${change.path}.next`, change.text)
    renameSync(`${change.path}.next`, change.path)
  } else {
    const { folder, version, contents } = change
    mkdirSync(join(folder, `..v${version}`))
    for (const name in contents) writeFileSync(join(folder, `..v${version}`, name), contents[name]!)
    symlinkSync(`..v${version}`, join(folder, '..data.next'))
    renameSync(join(folder, '..data.next'), join(folder, '..data'))
    // A reader may still be on its way through the one before.
    rmSync(join(folder, `..v${version - 2}`), { recursive: true, force: true })
  }
}
