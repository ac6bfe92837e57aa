// Profiles of AWS's shared files, as they are now: the files are looked at for every use and read when they changed.

import { join } from 'node:path'
import { changingFile } from '../text-reader.ts'
import { unavailable } from '../token-request.ts'
import { parseIni, type Section } from './ini.ts'

export type Profiles = ReadonlyMap<string, Section>

/**
 * AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name the files; default ~/.aws/config and ~/.aws/credentials, whose
 * values go first. A file that is not there is empty. The function returns the same object while nothing changed, and
 * throws SluiceError CREDENTIALS_UNAVAILABLE if a file can't be read.
 */
export function profileReader(env: NodeJS.ProcessEnv, homeDirectory: string): () => Profiles {
  const config = changingFile(env.AWS_CONFIG_FILE || join(homeDirectory, '.aws', 'config'))
  const credentials = changingFile(env.AWS_SHARED_CREDENTIALS_FILE || join(homeDirectory, '.aws', 'credentials'))
  let profiles: Profiles = new Map()
  let seen: readonly string[] | undefined
  return () => {
    const texts = [textOf(config), textOf(credentials)]
    if (seen === undefined || texts.some((text, at) => text !== seen?.[at])) {
      profiles = merged(texts)
      seen = texts
    }
    return profiles
  }
}

function textOf(read: () => string): string {
  try {
    return read()
  } catch (error) {
    const { cause, message } = error as Error
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) return ''
    throw unavailable('sigv4', message, error)
  }
}

function merged(texts: readonly string[]): Profiles {
  const all = new Map<string, Map<string, string>>()
  for (const text of texts)
    for (const [name, section] of parseIni(text)) all.set(name, new Map([...(all.get(name) ?? []), ...section]))
  return all
}
