// `npm run bench`: what splitting by tenant costs, measured on programs started here, in turn, round by round.
// Exit status: 0, 1 if any row does not count, 2 if the run could not be made. Nothing that it started outlives it.

import { writeFileSync } from 'node:fs'
import { createAuthority } from '../test/support/certificate.ts'
import { agentPrograms } from './agent-programs.ts'
import { TENANT_LABEL } from './bodies.ts'
import { floors } from './floors.ts'
import type { loadApi } from './load.ts'
import type { Message } from './message.ts'
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
    ...plain.flatMap((program) => (options.agent ? agentPrograms(program, options.sluice?.node ?? '') : [])),
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
      messages: options.messages,
      rising: options.rising,
    })
    const said = options.messages.map((message, n) => bodiesInWords(source, message, facts[n]!))
    say(`\n${said.map(({ line }) => line).join('\n')}`)
    bodies.push(...said.map(({ line }) => line))
    const names = new Map(options.messages.map((message, n) => [message, said[n]!.name]))
    rows.push(...(await measure(options, bench, programs, names)))
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
 * All programs over one kind of bodies, in each form that they read, in turn, one at a time. Every round has a fresh process, warmed up: two
 * processes of one program may differ by a quarter for as long as they live, which no number of rounds in one shows.
 */
async function measure(
  options: Options,
  bench: Bench,
  programs: readonly Program[],
  names: ReadonlyMap<Message, string>,
): Promise<Row[]> {
  const tested: { program: Program; message: Message; bodies: string; upstream: number; rounds: Round[] }[] = []
  const authority = createAuthority()
  for (const program of programs) {
    for (const [message, bodies] of names) {
      if (message !== 1 && program.only1) continue
      const certified = program.overTls && authority.issue()
      const upstream = await bench.receiver.call('open', { label: TENANT_LABEL, certified })
      tested.push({ program, message, bodies, upstream, rounds: [] })
    }
  }
  for (let n = 1; n <= options.rounds; n++) {
    for (const { program, message, upstream, rounds } of tested) {
      const target = `${program.overTls ? 'https' : 'http'}://127.0.0.1:${upstream}/api/v1/push`
      const running = await startProgram(
        program,
        { target, message, remove: !options.keepLabel },
        authority.certificate,
      )
      const drive = { running, upstream, message }
      await warmUp(bench, drive, options.warmupMs)
      const round = await runRound(bench, drive, options.requests)
      await running.stop()
      rounds.push(round)
      say(roundLine(n, message === 1 ? program.name : `${program.name}, 2.0`, round))
    }
  }
  for (const { upstream } of tested) await bench.receiver.call('close', upstream)
  return tested.map(({ program, bodies, rounds }, n) =>
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
