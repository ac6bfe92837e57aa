// How results look: lines while it runs, a table at the end, Markdown for docs/performance.md. Names of machines and
// paths of files stay out of all of them.

import { arch, cpus, release, totalmem } from 'node:os'
import type { BodiesFacts } from './load.ts'
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

/** How the run was made, in a line. */
export const setting = (options: Options): string =>
  `${options.senders} senders, ${options.rounds} rounds of ${options.requests} requests in turn after ${options.warmup}, ` +
  `tenant label ${options.keepLabel ? 'kept' : 'removed'}, seed ${options.seed}`

/** A program, its version, and its command with directories cut off. */
export const described = ({ name, version, command, splits }: Program): string =>
  `${name}: ${version}${splits ? '' : ' (passes requests on unsplit)'}; \`${command.replaceAll(/'?(?<![\w:/}])(?:\/[\w@.+-]+)+\/([\w.+-]+)'?/g, '$1')}\``

/** What bodies are like, in words. */
export function bodiesInWords(source: Options['sources'][number], facts: BodiesFacts): { name: string; line: string } {
  const name =
    'directory' in source
      ? 'captured'
      : `${source.tenants} ${source.tenants === 1 ? 'tenant' : 'tenants'}${source.order === 'shuffled' ? ', shuffled' : ''}${source.series === 2000 ? '' : `, ${source.series} series`}`
  const line =
    `${name}: ${facts.bodies} bodies of ${range(facts.samples, 0)} samples and ${range(facts.tenants, 0)} tenants; ` +
    `${range(scaled(facts.rawLength, 1e-3), 0)} kB, ${range(scaled(facts.compressedLength, 1e-3), 0)} kB compressed`
  return { name, line }
}

/** A round, in a line. */
export function roundLine(n: number, program: string, round: Round): string {
  const measures = `${round.cpu.toFixed(3)} CPU-s/Ms  ${thousands(round.samplesPerSecond)} k samples/s  p50 ${ms(round.p50Ms)} ms  p99 ${ms(round.p99Ms)} ms  ${mb(round.peakBytes)} MB`
  const after = `(${mb(round.afterBytes)} after)  ${round.upstreamRequests} upstream requests`
  return `  round ${n}  ${program.padEnd(10)} ${measures} ${after}${round.invalid === undefined ? '' : `  INVALID: ${round.invalid}`}`
}

/** The table of all rows. `against` names the program that ratios compare with. */
export function table(rows: readonly Row[], against: string): string {
  const head = [
    'bodies',
    'program',
    'CPU-s/Ms',
    `CPU, times ${against}`,
    'k samples/s',
    'p50 ms',
    'p99 ms',
    'memory MB, peak',
    'after',
  ]
  const body = rows.map((row) => [
    row.bodies,
    row.program,
    ...(row.invalid === undefined ? cells(row) : [`INVALID: ${row.invalid.split('\n')[0]}`, '', '', '', '', '', '']),
  ])
  return markdownTable([head, ...body])
}

const cells = (row: Row): string[] => [
  withRange(
    over(row, ({ cpu }) => cpu),
    2,
  ),
  row.ratio === undefined ? '1' : withRange(row.ratio, 1),
  withRange(
    over(row, ({ samplesPerSecond }) => samplesPerSecond / 1000),
    0,
  ),
  withRange(
    over(row, ({ p50Ms }) => p50Ms),
    1,
  ),
  withRange(
    over(row, ({ p99Ms }) => p99Ms),
    1,
  ),
  withRange(
    over(row, ({ peakBytes }) => peakBytes / 1e6),
    0,
  ),
  withRange(
    over(row, ({ afterBytes }) => afterBytes / 1e6),
    0,
  ),
]

/** Everything, as Markdown. */
export function markdown(
  options: Options,
  programs: readonly Program[],
  bodies: readonly string[],
  rows: readonly Row[],
): string {
  const each = rows.flatMap((row) =>
    row.rounds.map((round, n) => [
      row.bodies,
      row.program,
      String(n + 1),
      round.cpu.toFixed(3),
      thousands(round.samplesPerSecond),
      ms(round.p50Ms),
      ms(round.p99Ms),
      mb(round.peakBytes),
      mb(round.afterBytes),
      String(round.upstreamRequests),
    ]),
  )
  const head = [
    'bodies',
    'program',
    'round',
    'CPU-s/Ms',
    'k samples/s',
    'p50 ms',
    'p99 ms',
    'peak MB',
    'after MB',
    'upstream requests',
  ]
  const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n')
  return [
    `Machine: ${machine()}. ${setting(options)}.`,
    list(programs.map(described)),
    `Medians over the rounds, ranges in brackets. A ratio is taken in each round, then its median.`,
    table(rows, programs[0]?.name ?? ''),
    'What was sent:',
    list(bodies),
    'Every round:',
    markdownTable([head, ...each]),
    '',
  ].join('\n\n')
}

function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, n) => Math.max(3, ...[head, ...rows].map((row) => row[n]?.length ?? 0)))
  const line = (row: readonly string[]): string => `| ${row.map((cell, n) => cell.padEnd(widths[n]!)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

const withRange = (value: Spread, digits: number): string => `${value.median.toFixed(digits)} (${range(value, digits)})`
const scaled = ({ median, min, max }: Spread, by: number): Spread => ({
  median: median * by,
  min: min * by,
  max: max * by,
})
const thousands = (perSecond: number): string => (perSecond / 1000).toFixed(0)
const mb = (bytes: number): string => (bytes / 1e6).toFixed(0)
const ms = (value: number): string => value.toFixed(1)

function range({ min, max }: Spread, digits: number): string {
  const [low, high] = [min.toFixed(digits), max.toFixed(digits)]
  return low === high ? low : `${low}–${high}`
}
