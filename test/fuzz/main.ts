// The long mutation run: npm run fuzz -- --count 1000000 --seed 1 [--protocol remote-write-2|loki]. Ends with 1 if a law is broken, memory grows or an
// input is slow; `--only N` runs one input again and prints it.

import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isProtocol, makeFuzzer } from './run.ts'
import { startWatchdog } from './watchdog.ts'

/** One input is a few KiB: an honest one takes well under a millisecond, on a busy machine a few. */
const slowMs = 1000
const hangMs = 10_000
/** What the heap may grow, after collection, from a tenth of the run to its end. */
const heapGrowthBytes = 16 << 20
/** The same for the whole process, which also keeps what the allocator has not given back. */
const rssGrowthBytes = 96 << 20

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

interface Memory {
  readonly heap: number
  readonly rss: number
}

function memory(): Memory {
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, rss }
}

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)

function report(lines: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(lines)) console.log(`${name.padEnd(34)} ${value}`)
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      protocol: { type: 'string', default: 'remote-write-1' },
      only: { type: 'string' },
    },
  })
  const count = Number(values.count)
  const seed = Number(values.seed)
  const { protocol } = values
  if (!isProtocol(protocol)) throw new Error('--protocol is remote-write-1, remote-write-2 or loki')
  const fuzzer = makeFuzzer(seed, protocol)
  if (values.only !== undefined) {
    console.log(Buffer.from(fuzzer.inputOf(Number(values.only))).toString('hex'))
    fuzzer.run(Number(values.only))
    return 0
  }
  const { tally } = fuzzer
  const problems: string[] = []
  const watchdog = startWatchdog(hangMs)
  const started = performance.now()
  let before = memory()
  for (let n = 0; n < count && problems.length < 10; n++) {
    if (n === Math.floor(count / 10)) before = memory()
    watchdog.working(n)
    try {
      fuzzer.run(n)
    } catch (thrown) {
      problems.push(thrown instanceof Error ? thrown.message : String(thrown))
    }
  }
  const after = memory()
  await watchdog.stop()
  const seconds = (performance.now() - started) / 1000
  if (tally.slowestMs > slowMs) problems.push(`input ${tally.slowest} took ${tally.slowestMs.toFixed(0)} ms`)
  if (after.heap - before.heap > heapGrowthBytes) problems.push('the heap grew')
  if (after.rss - before.rss > rssGrowthBytes) problems.push('the process grew')

  report({
    inputs: `${count} (${protocol}, seed ${seed}), ${tally.mutatedBeforePacking} mutated before packing`,
    ...Object.fromEntries([...tally.outcomes].sort((a, b) => b[1] - a[1])),
    'slowest input, ms': `${tally.slowestMs.toFixed(1)} (input ${tally.slowest})`,
    'heap at a tenth and at the end, MiB': `${mib(before.heap)} ${mib(after.heap)}`,
    'process at a tenth and at the end, MiB': `${mib(before.rss)} ${mib(after.rss)}`,
    seconds: seconds.toFixed(0),
  })
  for (const problem of problems)
    console.error(`FAILED: ${problem} (repeat: npm run fuzz -- --protocol ${protocol} --seed ${seed} --only N)`)
  return problems.length === 0 ? 0 : 1
}

process.exitCode = await main()
