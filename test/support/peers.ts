// Other people's programs that tests run against. Where one is missing its tests are skipped, and say so.

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { test } from 'vitest'

export type Peer = 'prometheus' | 'prometheus-node-exporter'

const folders = (process.env.PATH ?? '').split(delimiter)

function isInstalled(peer: Peer): boolean {
  return folders.some((folder) => {
    try {
      accessSync(join(folder, peer), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** A test that needs these programs; skipped, with a line that names what is missing, where one can't be started. */
export function testWith(peers: readonly Peer[], name: string, run: () => Promise<void>): void {
  const missing = peers.filter((peer) => !isInstalled(peer))
  if (missing.length > 0) {
    console.warn(`SKIPPED "${name}": ${missing.join(' and ')} not found (Debian: apt-get install ${missing.join(' ')})`)
  }
  test.skipIf(missing.length > 0)(name, run)
}
