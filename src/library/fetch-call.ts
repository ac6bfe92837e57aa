// What a call of fetch asks for, as far as it tells pushes from the rest. Nothing is consumed: what is no push goes on
// with the very arguments it came with.

import type { RequestHead } from './recognise.ts'

type HeadersInit = ConstructorParameters<typeof Headers>[0]

/** Of fetch's options, those that matter here; all others are handed on. */
export interface FetchInit {
  readonly method?: string | undefined
  readonly headers?: HeadersInit | undefined
  readonly body?: unknown
  readonly signal?: AbortSignal | null | undefined
  readonly redirect?: string | undefined
}

/** A Request, of any implementation. */
export interface FetchRequest {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly body: unknown
  readonly bodyUsed: boolean
  readonly signal?: AbortSignal | null
  readonly redirect?: string
}

export type FetchInput = string | URL | FetchRequest

export interface FetchCall extends RequestHead {
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly signal: AbortSignal | undefined
}

export const isRequest = (input: FetchInput): input is FetchRequest =>
  typeof input === 'object' && input !== null && 'url' in input && 'headers' in input

/** Undefined for what can't be a push; fetch itself says what is wrong with the arguments, where something is. */
export function readCall(input: FetchInput, given?: FetchInit | null): FetchCall | undefined {
  const init = given ?? {}
  const request = isRequest(input) ? input : undefined
  const method = String(init.method ?? request?.method ?? 'GET').toUpperCase()
  if (method !== 'POST') return undefined
  const text = request?.url ?? String(input)
  const headers = headersOf(init.headers ?? request?.headers)
  if (headers === undefined || !URL.canParse(text)) return undefined
  const url = new URL(text)
  url.hash = ''
  const body = init.body ?? request?.body
  if (body === request?.body && request?.bodyUsed) return undefined
  if (body instanceof Blob && body.type !== '') headers['content-type'] ??= body.type
  const signal = (init.signal === undefined ? request?.signal : init.signal) ?? undefined
  return { method, url: url.href, headers, body, signal }
}

function headersOf(init: HeadersInit | undefined): Record<string, string> | undefined {
  try {
    return Object.fromEntries(new Headers(init))
  } catch {
    return undefined
  }
}
