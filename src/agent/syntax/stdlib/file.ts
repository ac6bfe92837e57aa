// `file`: paths.

import { posix } from 'node:path'
import { toText } from '../convert.ts'
import { boundedText, rawFn } from './function.ts'

/** Go's filepath.Join: '' for nothing, else clean and without a slash at the end. */
function joinPath(parts: readonly string[]): string {
  const given = parts.filter((part) => part !== '')
  if (given.length === 0) return ''
  const path = posix.normalize(given.join('/'))
  return path.length > 1 ? path.replace(/\/$/, '') : path
}

export const fileFunctions = [
  rawFn('file.path_join', (args) => {
    const parts = args.map(toText)
    return boundedText(
      () => joinPath(parts),
      parts.reduce((sum, part) => sum + part.length + 1, 0),
    )
  }),
]
