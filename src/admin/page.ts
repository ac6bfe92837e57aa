// Lists are answered in pages, so that no answer grows with the number of tenants.

import { SluiceError } from '../errors.ts'

export interface Page {
  readonly limit: number
  readonly offset: number
}

const DEFAULT_LIMIT = 500
const MAX_LIMIT = 5000

/** Reads `limit` (1–5000, default 500) and `offset` (default 0). Throws SluiceError BAD_REQUEST. */
export function readPage(query: (name: string) => string | undefined): Page {
  return {
    limit: whole('limit', query('limit'), DEFAULT_LIMIT, 1, MAX_LIMIT),
    offset: whole('offset', query('offset'), 0, 0, Number.MAX_SAFE_INTEGER),
  }
}

/** The slice that the page asks for, and what is needed to ask for the next. */
export function pageOf<T>(all: readonly T[], page: Page): { items: T[]; total: number; limit: number; offset: number } {
  return { items: all.slice(page.offset, page.offset + page.limit), total: all.length, ...page }
}

function whole(name: string, text: string | undefined, otherwise: number, min: number, max: number): number {
  if (text === undefined) return otherwise
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= min && value <= max)) {
    throw new SluiceError('BAD_REQUEST', `${name} must be a whole number from ${min} to ${max}`)
  }
  return value
}
