// A small file system of its own, where this machine lets a test mount one.

import { execFileSync } from 'node:child_process'
import { statfsSync, writeFileSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './temporary-folder.ts'

/** Where a file system of so many MiB is mounted until the test ends; undefined where it can't be. */
export function smallFileSystem(mebibytes: number): string | undefined {
  const folder = temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  // Lazy: a program that the test started may be ended only after this.
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
  return folder
}

/** Writes a file that leaves so many bytes free. */
export function fillBut(folder: string, file: string, bytesLeft: number): void {
  const { bavail, bsize } = statfsSync(folder)
  writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - bytesLeft)))
}
