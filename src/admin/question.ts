// Reads the body of POST /api/v1/explain. What is wrong is said with the place in the body.

import { SluiceError } from '../errors.ts'
import type { ExplainQuestion } from './sources.ts'

const KEYS = ['labels', 'headers', 'signal']

/**
 * One question or an array of them: `{ labels, headers?, signal? }`. `labels` is an object, or an array of
 * `[name, value]` where a name occurs twice; `headers` an object; `signal` "metrics" (default) or "logs".
 * Throws SluiceError BAD_REQUEST.
 */
export function readQuestions(text: string): ExplainQuestion[] {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    throw bad('the body', `is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
  if (!Array.isArray(body)) return [question(body, '')]
  return body.map((one, at) => question(one, `[${at}]`))
}

function question(value: unknown, path: string): ExplainQuestion {
  if (!isRecord(value)) throw bad(path || 'the body', 'must be an object such as {"labels":{"__name__":"up"}}')
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key))
  if (unknown !== undefined)
    throw bad(path || 'the body', `has the key ${shown(unknown)}; known are ${KEYS.join(', ')}`)
  const { signal = 'metrics' } = value
  if (signal !== 'metrics' && signal !== 'logs') throw bad(`${path}.signal`, 'must be "metrics" or "logs"')
  const headers = pairs(value.headers ?? {}, `${path}.headers`)
  return {
    labels: pairs(value.labels, `${path}.labels`),
    headers: Object.fromEntries(headers.map(([name, header]) => [name.toLowerCase(), header])),
    signal,
  }
}

function pairs(value: unknown, path: string): [string, string][] {
  const entries: unknown[] = Array.isArray(value) ? value : isRecord(value) ? Object.entries(value) : []
  if (!Array.isArray(value) && !isRecord(value)) throw bad(path, 'must be an object of names and values')
  return entries.map((pair, at) => {
    const [name, text] = Array.isArray(pair) && pair.length === 2 ? (pair as unknown[]) : []
    if (typeof name !== 'string') throw bad(`${path}[${at}]`, 'must be [name, value]')
    if (typeof text !== 'string') throw bad(`${path}[${shown(name)}]`, 'must be a string')
    return [name, text]
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100))
}

function bad(path: string, why: string): SluiceError {
  return new SluiceError('BAD_REQUEST', `${path.replace(/^\./, '')} ${why}`)
}
