// What of undici's dispatch options tells a push from other requests.

import { type ParsedUrlQueryInput, stringify } from 'node:querystring'
import type { DispatchOptions } from './dispatch.ts'
import { readHeaders } from './headers.ts'

export interface RequestHead {
  readonly method: string
  /** Absolute; on a made-up host where the dispatcher alone knows the origin. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** Undefined: undici itself will say what is wrong with the options, or it is an upgrade. */
export function readHead(options: DispatchOptions): RequestHead | undefined {
  if (typeof options !== 'object' || options === null) return undefined
  const { method, path, upgrade } = options
  // The headers of what can't be a push are not worth reading.
  if (method !== 'POST' || typeof path !== 'string' || upgrade) return undefined
  const headers = readHeaders(options.headers)
  if (headers === undefined) return undefined
  const base = /^https?:/.test(path) ? path : `${originOf(options) ?? 'http://upstream'}${path}`
  // Part of what makes two pushes the same.
  const query = stringify((options.query ?? {}) as ParsedUrlQueryInput)
  return { method, url: query === '' ? base : `${base}?${query}`, headers }
}

/** Scheme, host and port; undefined where the options name none. */
export function originOf({ origin }: DispatchOptions): string | undefined {
  const text = String(origin ?? '')
  return URL.canParse(text) ? new URL(text).origin : undefined
}
