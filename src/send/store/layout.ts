// Where things lie in the storage directory.

import { join } from 'node:path'

export interface Layout {
  readonly root: string
  readonly version: string
  readonly owner: string
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
    mark: join(root, 'mark'),
    reserve: join(root, 'reserve'),
    database: join(root, 'db'),
    guard: join(root, 'guard'),
  }
}

/** A new directory for what is damaged and kept; `now` in ms since 1970. */
export function damagedAt({ root }: Layout, now: number): string {
  return join(root, `damaged-${new Date(now).toISOString().replaceAll(':', '.')}`)
}
