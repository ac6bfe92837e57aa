// `npm run bench`: what splitting by tenant costs, measured on programs started here, in turn, round by round.
// Exit status: 0, 1 if any row does not count, 2 if the run could not be made. Nothing that it started outlives it.

import { writeFileSync } from 'node:fs'
import { createAuthority } from '../test/support/certificate.ts'
import { TENANT_LABEL } from './bodies.ts'
import { floors } from './floors.ts'
import type { loadApi } from './load.ts'
import { type Options, parseOptions, usage } from './options.ts'
import { killAll, type Program, startProgram } from './program.ts'
import { peer, sluice, sluiceClient } from './programs.ts'
import type { receiverApi } from './receiver.ts'
import { bodiesInWords, busyness, described, machine, markdown, roundLine, setting, table } from './report.ts'
import { type Bench, type Round, runRound, warmUp } from './round.ts'
import { makeRow, type Row } from './row.ts'
import { startWorker } from './worker.ts'

const say = (text: string): void => console.log(text)

/** Runs everything that the options ask for; true if every row counts. */
async function run(options: Options): Promise<boolean> {
  const plain = options.sluice === undefined ? [] : [sluice(options.sluice.node, options.sluice.command)]
  const programs = [
    ...plain,
    ...plain.flatMap((program) => options.clients.map((load) => sluiceClient(program, load))),
    ...options.peers.map(({ name, command, version }) => peer(name, command, version)),
    ...options.floors.map((name) => floors[name]()),
  ]
  const busy = busyness()
  say(`machine   ${machine()}; ${busy}`)
  say(`setting   ${setting(options)}`)
  for (const program of programs) say(`program   ${described(program)}`)
  const bench: Bench = {
    load: startWorker<typeof loadApi>(new URL('load.ts', import.meta.url)),
    receiver: startWorker<typeof receiverApi>(new URL('receiver.ts', import.meta.url)),
    ...options,
  }
  process.on('exit', () => {
    bench.load.stop()
    bench.receiver.stop()
  })
  const rows: Row[] = []
  const bodies: string[] = []
  for (const source of options.sources) {
    const facts = await bench.load.call('prepare', {
      source,
      count: options.bodies,
      senders: options.senders,
      seed: options.seed,
      rising: options.rising,
    })
    const { name, line } = bodiesInWords(source, facts)
    say(`\n${line}`)
    bodies.push(line)
    rows.push(...(await measure(options, bench, programs, name)))
  }
  const against = programs[0]?.name ?? ''
  say(`\n${table(rows, against)}`)
  if (options.markdown !== undefined) {
    const text = markdown(options, busy, programs, bodies, rows)
    if (options.markdown === '-') say(`\n${text}`)
    else writeFileSync(options.markdown, text)
  }
  return rows.every(({ invalid }) => invalid === undefined)
}

/**
 * All programs over one kind of bodies, in turn, one at a time. Every round has a fresh process, warmed up: two
 * processes of one program may differ by a quarter for as long as they live, which no number of rounds in one shows.
 */
async function measure(options: Options, bench: Bench, programs: readonly Program[], bodies: string): Promise<Row[]> {
  const tested: { program: Program; upstream: number; rounds: Round[] }[] = []
  const authority = createAuthority()
  for (const program of programs) {
    const certified = program.overTls && authority.issue()
    tested.push({
      program,
      upstream: await bench.receiver.call('open', { label: TENANT_LABEL, certified }),
      rounds: [],
    })
  }
  for (let n = 1; n <= options.rounds; n++) {
    for (const { program, upstream, rounds } of tested) {
      const target = `${program.overTls ? 'https' : 'http'}://127.0.0.1:${upstream}/api/v1/push`
      const running = await startProgram(program, target, !options.keepLabel, authority.certificate)
      await warmUp(bench, running, upstream, options.warmupMs)
      const round = await runRound(bench, running, upstream, options.requests)
      await running.stop()
      rounds.push(round)
      say(roundLine(n, program.name, round))
    }
  }
  for (const { upstream } of tested) await bench.receiver.call('close', upstream)
  return tested.map(({ program, rounds }, n) =>
    makeRow(bodies, program.name, rounds, n === 0 ? undefined : tested[0]?.rounds),
  )
}

process.on('exit', killAll)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
try {
  const options = parseOptions(process.argv.slice(2))
  if (options === 'help') say(usage)
  process.exit(options === 'help' || (await run(options)) ? 0 : 1)
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`)
  process.exit(2)
}
