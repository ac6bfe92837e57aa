// The whole time of a request that brings no limit of its own.

import type { Link } from './chain.ts'

/** `ms` must be over 0 and within what timers hold (24 days). */
export function timeLimit(ms: number): Link {
  return function timeLimit(next) {
    return (request) => next(request.timeoutMs === undefined ? { ...request, timeoutMs: ms } : request)
  }
}
