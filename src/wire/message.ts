// What travels over HTTP, as values: requests and answers with their bodies as bytes, never as streams,
// since splitting, signing, redirects and retries replay them.

/**
 * A request on its way upstream. Header names are lower-case. Neither `headers` nor `body` is changed once handed over:
 * what was made of a headers object is used again for the next request that has the same one.
 */
export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** Whole time allowed, connection included, in ms. Absent: no limit of its own. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** An answer, read to its end. Header names are lower-case; repeated headers are joined with ", ". */
export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/**
 * Sends one request. Rejects with SluiceError UPSTREAM_TIMEOUT, UPSTREAM_UNREACHABLE or UPSTREAM_ANSWER_TOO_LARGE
 * when there is no answer; any status that did arrive resolves.
 */
export type Send = (request: HttpRequest) => Promise<HttpResponse>
