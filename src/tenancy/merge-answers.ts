// One request went out as several; the sender gets one answer. The rule asks what a retry would achieve: anything
// worth repeating makes the whole answer one that is repeated, and only what can never succeed is refused for good.

import { NO_TENANT } from '../config/tenancy-settings.ts'
import type { HttpResponse } from '../wire/message.ts'
import { added, nothingWritten, type Written, writtenHeaders } from '../wire/v2/written.ts'
import type { Rejected } from './rejected.ts'

/** How one tenant's part ended. */
export interface PartAnswer {
  /** '' where no part but all of a push was refused. */
  readonly tenant: string
  /** Where there are several: the one it was sent to, or refused by. */
  readonly endpoint?: string
  /** Upstream's status; 503 for a transport error, 504 for a time-out. */
  readonly status: number
  /** Upstream answered; else `text` says what happened to the connection. */
  readonly answered: boolean
  /** Upstream's body, or the transport error, as text; at most 1 KiB of it is kept. */
  readonly text: string
  /** Upstream's body where it took the part; empty where it did not: `text` has what of it is kept. */
  readonly body: Uint8Array
  readonly contentType: string | undefined
  /** Seconds that upstream asked to wait; undefined if it did not say. */
  readonly retryAfter: number | undefined
  /** Of a part that came as remote write 2: what of it upstream took, as far as it says; absent: nothing. */
  readonly written?: Written
  /** Histograms with custom buckets of a part that upstream took without them, since it takes remote write 1 only. */
  readonly unsent?: number
  /** Until the part is settled: which series of the request those were of, by their index, one entry each. */
  readonly unsentOf?: readonly number[]
  /** Upstream's whole answer, for parts that a push sends in its own way, until the push is answered. */
  readonly response?: HttpResponse
  /** Likewise, why there is none. */
  readonly error?: unknown
}

export interface MergedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | string
}

export interface MergeOptions {
  /** Upper bound of the Retry-After handed on, in seconds. */
  readonly maxRetryAfter: number
  /** What one item is called: 'series' or 'stream'. */
  readonly item: string
  /** The sender is told that so much was written, as remote write 2 demands; absent: nothing of it. */
  readonly written?: Written | undefined
}

const maxBody = 8 * 1024

/** The status that counts for a part: time-outs as 504, redirects that nobody follows as 502. */
export function effectiveStatus(answer: PartAnswer): number {
  const { status } = answer
  if (status === 408) return 504
  if (status >= 300 && status < 400) return 502
  return status
}

/** Whether a repeat of the part may succeed where this attempt did not. */
export function isRetryable(answer: PartAnswer): boolean {
  const status = effectiveStatus(answer)
  return status >= 500 || status === 429
}

/** The status of the whole. `rejected` counts items, not kinds of refusal. */
export function mergedStatus(answers: readonly PartAnswer[], rejected: number): number {
  let best = 0
  let retryable = 0
  let limited = false
  let failed = 0
  for (const answer of answers) {
    const status = effectiveStatus(answer)
    if (status >= 500) retryable = Math.max(retryable, status)
    else if (status === 429) limited = true
    else if (status >= 400) failed = status
    else best = Math.max(best, status)
  }
  if (retryable > 0) return retryable
  if (limited) return 429
  if (failed === 0 && rejected === 0) return best === 0 ? 204 : best
  return answers.length === 1 && rejected === 0 ? failed : 400
}

/** Of a part that was taken in part its sender must hear a refusal: 2xx says that all of it was written. */
function refusedInPart(answer: PartAnswer): PartAnswer {
  const { status, unsent = 0 } = answer
  if (status >= 300 || unsent === 0) return answer
  const what = `${unsent} histograms with custom buckets`
  const text = `${what} were not sent: upstream takes remote write 1, which doesn’t know them; the rest was written`
  return { ...answer, status: 400, text }
}

/** Merges the parts' answers and the refusals into what the sender is told. */
export function mergeAnswers(
  settled: readonly PartAnswer[],
  rejected: readonly Rejected[],
  options: MergeOptions,
): MergedAnswer {
  const answers = settled.map(refusedInPart)
  let refused = 0
  for (const { count } of rejected) refused += count
  const status = mergedStatus(answers, refused)
  const written = options.written === undefined ? {} : writtenHeaders(options.written)
  if (status < 300) return success(answers, status, written)
  const headers: Record<string, string> = { 'content-type': 'text/plain; charset=utf-8', ...written }
  if (status >= 500 || status === 429) {
    const seconds = retryAfter(answers, options.maxRetryAfter)
    if (seconds !== undefined) headers['retry-after'] = String(seconds)
  }
  return { status, headers, body: bodyText(answers, rejected, refused, options.item) }
}

/** What of all parts together was written. */
export function writtenBy(answers: readonly PartAnswer[]): Written {
  return answers.reduce<Written | undefined>((sum, { written }) => added(sum, written), undefined) ?? nothingWritten
}

function success(
  answers: readonly PartAnswer[],
  status: number,
  written: Readonly<Record<string, string>>,
): MergedAnswer {
  const chosen = status === 204 ? undefined : answers.find((answer) => answer.status === status)
  if (chosen === undefined || chosen.body.length === 0) return { status, headers: written, body: '' }
  const { body, contentType } = chosen
  return { status, headers: contentType === undefined ? written : { 'content-type': contentType, ...written }, body }
}

/** The largest among the parts to be retried, in whole seconds, at most `max`. */
function retryAfter(answers: readonly PartAnswer[], max: number): number | undefined {
  let seconds: number | undefined
  for (const answer of answers) {
    if (answer.retryAfter !== undefined && isRetryable(answer)) {
      seconds = Math.max(seconds ?? 0, Math.ceil(answer.retryAfter))
    }
  }
  return seconds === undefined ? undefined : Math.min(seconds, max)
}

/** First line a summary, then a line per failed tenant and per reason of refusal; at most 8 KiB. */
function bodyText(
  answers: readonly PartAnswer[],
  rejected: readonly Rejected[],
  refused: number,
  item: string,
): string {
  const failed = answers.filter((answer) => effectiveStatus(answer) >= 300)
  const said: string[] = []
  const parts = failed.some(({ endpoint }) => endpoint !== undefined) ? 'parts' : 'tenants'
  if (failed.length > 0) said.push(`${failed.length} of ${answers.length} ${parts} failed`)
  if (refused > 0) said.push(`${refused} ${item === 'stream' && refused > 1 ? 'streams' : item} rejected`)
  const ofTenants = [said.join(', ')]
  for (const answer of failed) {
    const { status, text } = answer
    ofTenants.push(`${whose(answer)}: ${status}${text === '' ? '' : ` ${oneLine(text)}`}`)
  }
  const ofReasons = rejected.map(({ reason, count, detail, example }) => {
    const such = example === '' ? '' : `; for example ${example}`
    return `rejected ${reason} (${count}): ${oneLine(detail + such)}`
  })
  // Many failed tenants must not crowd out the reasons.
  const head = cut(ofTenants, maxBody - Math.min(byteLength(ofReasons), maxBody / 2))
  return head + cut(ofReasons, maxBody - Buffer.byteLength(head))
}

function whose({ tenant, endpoint }: PartAnswer): string {
  if (endpoint === undefined) return `tenant ${tenant}`
  return tenant === '' || tenant === NO_TENANT ? endpoint : `tenant ${tenant} at ${endpoint}`
}

function oneLine(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim()
  return flat.length > 512 ? `${flat.slice(0, 511)}…` : flat
}

function byteLength(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
}

/** As many lines as fit into `max` bytes, and how many did not. */
function cut(lines: readonly string[], max: number): string {
  if (byteLength(lines) <= max) return lines.map((line) => `${line}\n`).join('')
  let text = ''
  let size = 0
  for (let k = 0; ; k++) {
    const line = `${lines[k]}\n`
    size += Buffer.byteLength(line)
    if (size > max - 64) return `${text}… and ${lines.length - k} more lines\n`
    text += line
  }
}
