// Upstream URLs: ct takes `host:port/path` too, which means http; user and password in the URL mean Basic auth.

import type { BasicAuth } from './tenancy-settings.ts'

const hasScheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//

/** The URL with http:// in front where it has no scheme. */
export const withScheme = (text: string): string => (hasScheme.test(text) ? text : `http://${text}`)

/** Why `text` is no upstream URL, as a sentence; undefined if it is one. */
export function urlProblem(text: string): string | undefined {
  if (/\s/.test(text)) return 'a URL has no blanks in it'
  const full = withScheme(text)
  if (!URL.canParse(full)) return 'this is not a URL'
  const url = new URL(full)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'only http and https URLs can be sent to'
  return url.hostname === '' ? 'the URL names no host' : undefined
}

/** Whether `text` is an http or https URL, with its scheme. */
export const isHttpUrl = (text: string): boolean => hasScheme.test(text) && urlProblem(text) === undefined

export interface Upstream {
  /** http or https, without user, password and #fragment. */
  readonly url: string
  /** From the URL's user and password, where it has them. */
  readonly basicAuth?: BasicAuth
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Takes apart a URL that `urlProblem` found nothing wrong with. */
export function parseUpstream(text: string): Upstream {
  const url = new URL(withScheme(text))
  const { username, password } = url
  url.hash = ''
  if (username === '' && password === '') return { url: url.href }
  url.username = ''
  url.password = ''
  return { url: url.href, basicAuth: { username: decoded(username), password: decoded(password) } }
}

/** Query parameters whose names say that their values are secret: what comes before the value, and the value. */
export const secretParameter: RegExp =
  /([?&;](?:[\w-]*[-_])?(?:token|password|passwd|secret|api[-_]?key|key|signature|sig|credential)=)[^&;#\s"']*/gi

/**
 * A URL, well formed or not, without its password, as Prometheus prints it (`http://user:xxxxx@host`), and without
 * the values of secret query parameters.
 */
export function maskUrl(text: string): string {
  return maskPassword(text).replace(secretParameter, '$1xxxxx')
}

function maskPassword(text: string): string {
  const full = withScheme(text)
  if (URL.canParse(full) && new URL(full).password === '' && urlProblem(text) === undefined) return text
  const start = hasScheme.exec(text)?.[0].length ?? 0
  const end = text.lastIndexOf('@')
  const colon = text.indexOf(':', start)
  return end < 0 || colon < 0 || colon > end ? text : `${text.slice(0, colon)}:xxxxx${text.slice(end)}`
}
