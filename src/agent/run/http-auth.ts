// Who may ask the program's HTTP server: the user and password of the root block `http`, on the paths that need them.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { HttpAuthSettings } from '../graph/root/http.ts'

/** Whether a request to `path`, without its query, with this Authorization may be answered. */
export function mayAsk(
  settings: HttpAuthSettings | undefined,
  path: string,
  authorization: string | undefined,
): boolean {
  if (settings === undefined || !needsPassword(settings, path)) return true
  const { username, password } = settings
  const [, given = ''] = /^basic +(\S+) *$/i.exec(authorization ?? '') ?? []
  return isEqual(Buffer.from(given, 'base64').toString(), `${username}:${password.reveal()}`)
}

function needsPassword({ filter }: HttpAuthSettings, path: string): boolean {
  if (filter === undefined) return true
  return filter.paths.some((start) => path.startsWith(start)) === filter.authenticateMatchingPaths
}

/** In a time that says nothing about where they differ. */
function isEqual(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(left as Buffer, right as Buffer)
}
