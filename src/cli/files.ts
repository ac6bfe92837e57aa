// Files that a command names: what is wrong with one is the command's end.

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { CommandFailure, exitCode } from './exit.ts'

/** `-`: standard input. Throws CommandFailure 1. */
export const readBytes = (path: string): Buffer =>
  attempt(path, 'read', () => {
    if (path === '-') return readFileSync(0)
    if (statSync(path).isDirectory()) throw new Error('it is a directory; name one file')
    return readFileSync(path)
  })

/** `mode`: of a file that is new. Throws CommandFailure 1. */
export const writeText = (path: string, text: string, mode?: number): void =>
  attempt(path, 'written', () => writeFileSync(path, text, { ...(mode !== undefined && { mode }) }))

function attempt<T>(path: string, what: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new CommandFailure(exitCode.failed, `${path}: the file can't be ${what}: ${(error as Error).message}`)
  }
}
