// Whether a dispatcher sends everything to one origin, whatever a request's own `origin` says, as undici's Client and
// Pool do. An override's url to another host would silently go to the wrong one there.

import type { Dispatch } from './dispatch.ts'

/**
 * `composedOrigin` is what undici 8 tells an interceptor: null for dispatchers that route by origin. undici 7 tells
 * nothing, so it is asked for what can't be sent: an Agent then misses the origin, a Client minds the path.
 */
export async function isBoundToOneOrigin(dispatch: Dispatch, composedOrigin: unknown): Promise<boolean> {
  if (composedOrigin !== undefined) return composedOrigin !== null
  const error = await new Promise<Error>((resolve) => {
    const ignore = (): void => undefined
    try {
      dispatch(
        { path: 'neither a path nor a URL', method: 'GET' },
        {
          onRequestStart: ignore,
          onResponseStart: ignore,
          onResponseData: ignore,
          onResponseEnd: ignore,
          onResponseError: (_controller, refusal) => resolve(refusal),
        },
      )
    } catch (thrown) {
      resolve(thrown as Error)
    }
  })
  return /\bpath\b/.test(error.message)
}
