// Queues as a table for people.

import type { QueueJson, QueueListJson } from '../../admin/queue-views.ts'
import { formatDuration } from '../../config/duration.ts'
import type { Amount } from '../../proxy/queue-control.ts'

const columns = ['TENANT', 'ENDPOINT', 'SIGNAL', 'BATCHES', 'SAMPLES', 'SIZE', 'OLDEST', 'STATE'] as const

export function listText({ enabled, store, queues }: QueueListJson): string {
  if (!enabled) return 'there is no queue: queue.enabled is not set, so nothing is stored'
  const head =
    store === null
      ? ''
      : `store: ${bytesText(store.bytes)}${bound(store.max_bytes)}, ${store.batches} batches` +
        (store.writable ? '' : '; IT CAN’T BE WRITTEN')
  if (queues.length === 0) return `${head}\nnothing is stored`
  return `${head}\n${table([columns, ...queues.map(rowOf)])}`
}

const bound = (bytes: number | null): string => (bytes === null ? '' : ` of ${bytesText(bytes)}`)

function rowOf(queue: QueueJson): readonly string[] {
  const { tenant, endpoint, signal, batches, samples, bytes, oldest_age_seconds: age } = queue
  const oldest = age === null ? '–' : ageText(age)
  return [tenant, endpoint, signal, String(batches), String(samples), bytesText(bytes), oldest, stateText(queue)]
}

/** Why it waits. */
export function stateText({
  paused,
  last_error: error,
  last_status: status,
  failing_since: failing,
  request_out_seconds: out,
  rate_limited_seconds: limited,
}: QueueJson): string {
  if (paused) return 'paused'
  if (failing !== null) return `failing: ${oneLine(error ?? String(status))}`
  if (limited !== null) return 'over its rate limit'
  if (out !== null && out >= noticed) return `request out for ${ageText(out)}`
  return status === null ? 'waiting' : 'sending'
}

/** A request that is out for so many seconds is why others wait. */
const noticed = 1

export const amountText = ({ batches, samples, bytes }: Amount): string =>
  `${batches} ${batches === 1 ? 'batch' : 'batches'}, ${samples} samples, ${bytesText(bytes)}`

const widest = 100
// What upstream wrote must not move the terminal's cursor.
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, widest)

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1]
  return `${unit === 0 || value >= 100 ? Math.round(value) : Math.round(value * 10) / 10} ${units[unit]}`
}

/** The two largest units of it. */
function ageText(seconds: number): string {
  const text = formatDuration(Math.round(seconds) * 1000)
  return (
    text
      .match(/\d+[a-z]+/g)
      ?.slice(0, 2)
      .join('') ?? text
  )
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)))
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
