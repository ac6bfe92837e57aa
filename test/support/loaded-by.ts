// Which modules are loaded with one: what it imports, and what those import. Imports of types are none.

import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Paths of files, and names of packages. */
export function loadedBy(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  for (const [, isType, from = ''] of text.matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)'/gms)) {
    if (isType !== undefined) continue
    if (from.startsWith('.')) loadedBy(resolve(dirname(file), from), seen)
    else seen.add(from)
  }
  return seen
}
