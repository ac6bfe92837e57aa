// A configuration from the disk: a file, or all files *.alloy of a directory (not of those in it) as one.

import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Diagnostic, unreadableFile } from '../../config/diagnostics.ts'
import { textOfBytes } from '../syntax/text-of-bytes.ts'
import type { Source } from './graph-options.ts'

/** Files in the order of their names; what can't be read is a diagnostic. Never rejects. */
export async function readSources(
  path: string,
): Promise<{ readonly sources: readonly Source[]; readonly diagnostics: readonly Diagnostic[] }> {
  const diagnostics: Diagnostic[] = []
  const sources: Source[] = []
  for (const name of await namesIn(path, diagnostics)) {
    try {
      sources.push({ name, text: textOfBytes(await readFile(name)) })
    } catch (error) {
      diagnostics.push(unreadableFile(name, reasonOf(error)))
    }
  }
  return { sources, diagnostics }
}

async function namesIn(path: string, diagnostics: Diagnostic[]): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const entries = await readdir(path, { withFileTypes: true })
    const names = entries
      .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.alloy'))
      .map(({ name }) => name)
    if (names.length === 0) {
      const message = 'there are no files *.alloy in this directory'
      diagnostics.push({ severity: 'error', file: path, message, hint: 'give a file, or a directory that has some' })
    }
    return names.sort().map((name) => join(path, name))
  } catch (error) {
    diagnostics.push(unreadableFile(path, reasonOf(error)))
    return []
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return reasons[code] ?? (code || String(error))
}
