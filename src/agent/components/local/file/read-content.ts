// Reads a file as a text of the configuration.

import { readFile } from 'node:fs/promises'
import { textOfBytes } from '../../../syntax/text-of-bytes.ts'

/** Rejects with Error; its text says what is wrong and with which file. */
export async function readContent(filename: string): Promise<string> {
  try {
    return textOfBytes(await readFile(filename))
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException
    throw new Error(`failed to read file: open ${filename}: ${reasons[code] ?? message}`, { cause })
  }
}

/** The system's words, without the call and the path. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
}
