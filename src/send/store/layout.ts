// Where things lie in the storage directory.

import { access } from 'node:fs/promises'
import { join } from 'node:path'

export interface Layout {
  readonly root: string
  readonly version: string
  readonly owner: string
  readonly lock: string
  readonly mark: string
  /** Room kept for the day the disk is full. */
  readonly reserve: string
  readonly database: string
  readonly guard: string
}

export function layoutOf(root: string): Layout {
  return {
    root,
    version: join(root, 'version'),
    owner: join(root, 'owner.json'),
    lock: join(root, 'lock'),
    mark: join(root, 'mark'),
    reserve: join(root, 'reserve'),
    database: join(root, 'db'),
    guard: join(root, 'guard'),
  }
}

/** A path that is free, for what is damaged and kept; `now` in ms since 1970. */
export async function damagedAt({ root }: Layout, now: number): Promise<string> {
  const first = join(root, `damaged-${new Date(now).toISOString().replaceAll(':', '.')}`)
  let path = first
  for (let k = 2; await isThere(path); k++) path = `${first}-${k}`
  return path
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
