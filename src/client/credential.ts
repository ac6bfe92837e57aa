// Texts from settings that open doors: what is no credential just now is an error, never an empty or a broken header.

import { headerBytes, headerValueProblem } from '../config/header-rules.ts'
import type { TextSource } from '../config/secret.ts'
import { SluiceError } from '../errors.ts'
import { type TextReader, textReader } from './text-reader.ts'

/**
 * As textReader, but a file that is empty counts as one that can't be read: whoever writes it in place empties it
 * first, and no request is to go out in that moment without its credential. (Prometheus sends an empty one.)
 */
export function credentialReader(source: TextSource | undefined, what: string): TextReader {
  const read = textReader(source, what)
  if (source?.kind !== 'file') return read
  return () => {
    const text = read()
    if (text !== '') return text
    throw new SluiceError('CREDENTIALS_UNAVAILABLE', `${what}: unable to read file ${source.path}: it is empty`)
  }
}

/** The text as a header's bytes. Throws SluiceError CREDENTIALS_UNAVAILABLE, beginning with `what`, if no header may hold it. */
export function headerText(text: string, what: string): string {
  const problem = headerValueProblem(text)
  if (problem === undefined) return headerBytes(text)
  throw new SluiceError('CREDENTIALS_UNAVAILABLE', `${what}: ${problem}`)
}
