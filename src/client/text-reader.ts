// A secret's text at the moment of a request. A file is looked at for every request and read whenever it may have
// changed, as Prometheus does; there is no falling back to what it held before.

import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import type { TextSource } from '../config/secret.ts'
import { SluiceError } from '../errors.ts'

/** Returns the text. Throws SluiceError CREDENTIALS_UNAVAILABLE if it is in a file that can't be read, or isn't UTF-8. */
export type TextReader = () => string

/** A file that changed this little ago, in ms, may change again without its times showing it. */
const settledMs = 2000

/** `what` begins the error's text: `unable to read basic auth password`. Absent source: ''. */
export function textReader(source: TextSource | undefined, what: string): TextReader {
  if (source === undefined) return () => ''
  if (source.kind === 'inline') {
    const text = source.secret.reveal()
    return () => text
  }
  const read = changingFile(source.path, strictly)
  return () => {
    try {
      return read()
    } catch (cause) {
      throw new SluiceError('CREDENTIALS_UNAVAILABLE', `${what}: ${messageOf(cause)}`, { cause })
    }
  }
}

/** Anything else would become another credential than the file's, with the mark U+FFFD in it. */
function strictly(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new Error('it is no text in UTF-8; save it as UTF-8')
  return bytes.toString('utf8')
}

const loosely = (bytes: Buffer): string => bytes.toString('utf8')

/**
 * Reads a file, trimmed, anew whenever it may have changed. The returned function throws `unable to read file …`, with
 * what `decode` throws too; by default comments in a PEM file, say, may be in any encoding.
 */
export function changingFile(path: string, decode: (bytes: Buffer) => string = loosely): () => string {
  let text = ''
  let seen = ''
  return () => {
    try {
      const { ctimeMs, mtimeMs, size, ino, dev } = statSync(path)
      const stamp = `${ctimeMs} ${mtimeMs} ${size} ${ino} ${dev}`
      if (stamp === seen) return text
      const isSettled = Math.abs(Date.now() - Math.max(ctimeMs, mtimeMs)) > settledMs
      text = decode(readFileSync(path)).trim()
      seen = isSettled ? stamp : ''
      return text
    } catch (cause) {
      throw new Error(`unable to read file ${path}: ${messageOf(cause)}`, { cause })
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
