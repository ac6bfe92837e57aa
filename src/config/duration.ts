// The two ways people write a duration: Go's (ct's keys) and Prometheus' (everything else). Both end as
// milliseconds; a fraction is kept, because Go counts in nanoseconds.

export type DurationGrammar = 'go' | 'prometheus'

const nanosecondsPerUnit: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
const maxNanoseconds = 2n ** 63n - 1n

/** Nanoseconds to milliseconds. */
export const fromNanoseconds = (ns: bigint): number => Number(ns) / 1e6

/**
 * Go's time.ParseDuration: "0", or an optional sign and numbers with fraction and unit (ns us ms s m h), such as
 * "1m30s", "1.5h", "300us". undefined for anything else, and beyond ±292 years.
 */
export function parseGoDuration(text: string): number | undefined {
  const negative = text.startsWith('-')
  let rest = negative || text.startsWith('+') ? text.slice(1) : text
  if (rest === '0') return 0
  if (rest === '') return undefined
  let total = 0n
  while (rest !== '') {
    const part = /^(?:(\d+)(?:\.(\d*))?|\.(\d+))(ns|us|µs|μs|ms|s|m|h)/.exec(rest)
    if (part === null) return undefined
    const unit = nanosecondsPerUnit[part[4] as string] as bigint
    const fraction = (part[2] ?? part[3] ?? '').slice(0, 18)
    total += BigInt(part[1] ?? '0') * unit
    if (fraction !== '') total += (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length)
    if (total > maxNanoseconds) return undefined
    rest = rest.slice(part[0].length)
  }
  return fromNanoseconds(negative ? -total : total)
}

const prometheusUnits = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const

/**
 * Prometheus' model.ParseDuration: "0", or whole numbers with units in falling order y w d h m s ms, such as "1h30m".
 * undefined for anything else, and beyond 292 years.
 */
export function parsePrometheusDuration(text: string): number | undefined {
  if (text === '0') return 0
  const match = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text)
  if (match === null || text === '') return undefined
  let total = 0
  prometheusUnits.forEach(([, ms], i) => {
    total += Number(match[i + 1] ?? 0) * ms
  })
  return total * 1e6 > Number(maxNanoseconds) ? undefined : total
}

export const parseDuration = (text: string, grammar: DurationGrammar): number | undefined =>
  grammar === 'go' ? parseGoDuration(text) : parsePrometheusDuration(text)

/** The shortest text that both grammars read back as the same value ("1h30m", "0s"); parts of a millisecond in Go's only. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  if (ms < 0) return `-${formatDuration(-ms)}`
  if (!Number.isInteger(ms)) return `${Math.round(ms * 1e6)}ns`
  let rest = ms
  let text = ''
  for (const [unit, size] of prometheusUnits) {
    if (size > 3_600_000) continue
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text
}
