// How results look: lines while it runs, a table at the end, Markdown for docs/performance.md. Names of machines and
// paths of files stay out of all of them.

import { arch, cpus, loadavg, release, totalmem } from 'node:os'
import type { Shape } from './bodies.ts'
import type { BodiesFacts } from './load.ts'
import type { Message } from './message.ts'
import type { Options } from './options.ts'
import type { Program } from './program.ts'
import type { Round } from './round.ts'
import { over, type Row } from './row.ts'
import type { Spread } from './stats.ts'

/** The machine, in a line. */
export function machine(): string {
  const all = cpus()
  const model = all[0]?.model.trim() ?? 'unknown processor'
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${all.length} × ${model}, ${memory} GiB, Linux ${release()} ${arch()}; load and receiver on Node ${process.version}`
}

/** How busy the machine is, in a line: what else runs moves every figure. Taken before a run. */
export function busyness(): string {
  const load = loadavg()[0] ?? 0
  return `load average ${load.toFixed(1)} before the run${load > 0.5 ? ': something else is running, figures will vary' : ''}`
}

/** How the run was made, in a line. */
export const setting = (options: Options): string =>
  `${options.senders} senders, ${options.rounds} rounds of ${options.requests} requests in turn, each in a fresh process warmed up for ${options.warmupMs / 1000} s, ` +
  `tenant label ${options.keepLabel ? 'kept' : 'removed'}, seed ${options.seed}`

/** A program, its version, and its command with directories cut off. */
export const described = ({ name, version, command, splits }: Program): string =>
  `${name}: ${version}${splits ? '' : ' (passes requests on unsplit)'}; \`${command.replaceAll(/'?(?<![\w:/}])(?:\/[\w@.+-]+)+\/([\w.+-]+)'?/g, '$1')}\``

/** What bodies are like: a name for rows, and a line with their sizes. */
export function bodiesInWords(
  source: Options['sources'][number],
  message: Message,
  facts: BodiesFacts,
): { name: string; line: string } {
  const name = `${'directory' in source ? 'captured' : shapeInWords(source)}${message === 1 ? '' : ', 2.0'}`
  const { bodies, samples, tenants, rawLength, compressedLength } = facts
  const sizes = `${range(scaled(rawLength, 1e-3), 0)} kB, ${range(scaled(compressedLength, 1e-3), 0)} kB compressed`
  return {
    name,
    line: `${name}: ${bodies} bodies, samples ${range(samples, 0)}, tenants ${range(tenants, 0)}, ${sizes}`,
  }
}

function shapeInWords({ tenants, order, series }: Shape): string {
  const words = [tenants === 1 ? '1 tenant' : `${tenants} tenants`]
  if (order === 'shuffled') words.push(order)
  if (series !== 2000) words.push(`${series} series`)
  return words.join(', ')
}

/** What is shown of a round: title, value, digits after the point. */
type Column = readonly [title: string, measure: (round: Round) => number, digits: number]

const columns: readonly Column[] = [
  ['CPU-s/Ms', ({ cpu }) => cpu, 3],
  ['k samples/s', ({ samplesPerSecond }) => samplesPerSecond / 1000, 0],
  ['p50 ms', ({ p50Ms }) => p50Ms, 1],
  ['p99 ms', ({ p99Ms }) => p99Ms, 1],
  ['MB, peak', ({ peakBytes }) => peakBytes / 1e6, 0],
  ['MB, after', ({ afterBytes }) => afterBytes / 1e6, 0],
]

const titles = columns.map(([title]) => title)

/** A round, in a line. */
export function roundLine(n: number, program: string, round: Round): string {
  const measures = columns.map(([title, of, digits]) => `${title} ${of(round).toFixed(digits)}`)
  const invalid = round.invalid === undefined ? '' : `  INVALID: ${round.invalid}`
  return `  round ${n}  ${program.padEnd(10)}  ${measures.join('   ')}   upstream requests ${round.upstreamRequests}${invalid}`
}

/** The table of all rows. `against` names the program that ratios compare with. */
export function table(rows: readonly Row[], against: string): string {
  const body = rows.map((row) => {
    if (row.invalid !== undefined) return [row.bodies, row.program, `INVALID: ${row.invalid.split('\n')[0]}`]
    const ratio = row.ratio === undefined ? '1' : withRange(row.ratio, row.ratio.median < 1 ? 3 : 2)
    return [row.bodies, row.program, ratio, ...columns.map(([, of, digits]) => withRange(over(row, of), digits))]
  })
  return markdownTable([['bodies', 'program', `CPU, times ${against}`, ...titles], ...body])
}

/** Everything, as Markdown. */
export function markdown(
  options: Options,
  busy: string,
  programs: readonly Program[],
  bodies: readonly string[],
  rows: readonly Row[],
): string {
  const each = rows.flatMap((row) =>
    row.rounds.map((round, n) => [
      row.bodies,
      row.program,
      String(n + 1),
      ...columns.map(([, of, digits]) => of(round).toFixed(digits)),
      round.invalid === undefined ? String(round.upstreamRequests) : `INVALID: ${round.invalid.split('\n')[0]}`,
    ]),
  )
  const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n')
  return [
    `Machine: ${machine()}; ${busy}. ${setting(options)}.`,
    list(programs.map(described)),
    `Medians over the rounds, ranges in brackets. A ratio is taken in each round, then its median.`,
    table(rows, programs[0]?.name ?? ''),
    'What was sent:',
    list(bodies),
    'Every round:',
    markdownTable([['bodies', 'program', 'round', ...titles, 'upstream requests'], ...each]),
    '',
  ].join('\n\n')
}

function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, n) => Math.max(3, ...[head, ...rows].map((row) => row[n]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, n) => (row[n] ?? '').padEnd(width)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

const withRange = (value: Spread, digits: number): string =>
  Number.isNaN(value.median) ? '–' : `${value.median.toFixed(digits)} (${range(value, digits)})`
const scaled = ({ median, min, max }: Spread, by: number): Spread => ({
  median: median * by,
  min: min * by,
  max: max * by,
})

function range({ min, max }: Spread, digits: number): string {
  const [low, high] = [min.toFixed(digits), max.toFixed(digits)]
  return low === high ? low : `${low}–${high}`
}
