// The command line: finds the command, runs it, ends with its exit code.

import { Command, CommanderError } from 'commander'
import { printDiagnostic } from '../config/diagnostics.ts'
import { type ParsedFlags, parseFlags, unknownFlag } from '../config/flags.ts'
import { version } from '../version.ts'
import { type AlloyFlags, alloyFlagsHelp, parseAlloyFlags, similarFlag } from './alloy-flags.ts'
import { type ConvertOptions, convert } from './convert.ts'
import { dev } from './dev.ts'
import { CommandFailure, exitCode } from './exit.ts'
import { type ExplainOptions, explain } from './explain/explain.ts'
import { type FmtOptions, fmt } from './fmt.ts'
import { proxy } from './proxy.ts'
import { addQueueCommand } from './queue/queue.ts'
import { run } from './run.ts'
import { sink } from './sink.ts'
import { type ValidateOptions, validate } from './validate.ts'

/** ct takes `-config FILE` with one dash; so does every command here. */
function asTwoDashes(argument: string): string {
  return argument === '-config' || argument.startsWith('-config=') ? `-${argument}` : argument
}

/** Commands that take no settings: their flags are their own, even where one is called as a setting is. */
const withoutSettings: ReadonlySet<string | undefined> = new Set(['sink', 'dev', 'queue', 'fmt', 'convert', 'validate'])

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** Settings as flags are taken out before the command line is read: there are many, and their table is elsewhere. */
function program(flags: ParsedFlags, alloy: AlloyFlags): Command {
  const root = new Command('sluice')
    .description('Finds the tenant of every series and sends each tenant’s data under its own X-Scope-OrgID.')
    .version(version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', '\nSettings as flags (--tenancy.labels=a,b and so on): docs/configuration.md')
  const file = ['--config <file>', 'configuration file, cortex-tenant’s or with sluice: settings'] as const
  root
    .command('proxy')
    .description('the proxy, between remote-write or Loki senders and the backend')
    .option(...file)
    .action((options: { config?: string }) => proxy({ file: options.config, flags: flags.values }, flags.diagnostics))
  root
    .command('run')
    .description('the agent, from files in Alloy’s language')
    .argument('<path>', 'a file, or a directory of which all files *.alloy are one configuration')
    .addHelpText('after', alloyFlagsHelp('run'))
    .action((path: string) => run(path, flags, alloy))
  root
    .command('validate')
    .description('all that is wrong with the agent’s files, without starting anything')
    .argument('[path]', 'a file, or a directory of files *.alloy')
    .option('--coverage', 'what of it there is here; without a path, what of Alloy')
    .addHelpText('after', alloyFlagsHelp('validate'))
    .action((path: string | undefined, options: ValidateOptions) =>
      validate(path, options, alloy, {
        ...{ output: process.stdout, errors: process.stderr },
        color: process.stderr.isTTY === true,
      }),
    )
  root
    .command('explain')
    .description('which tenant each series goes to, and by which rule')
    .argument('[label sets...]', '{name="value", …}; - reads them, or exposition text, from standard input')
    .option('--config <file>', 'configuration file: the proxy’s, or an agent’s (*.alloy, or a directory of them)')
    .option('--body <file>', 'a captured push body, as it came over the wire')
    .option('--logs', 'label sets are of log streams; the body is a Loki push')
    .option(
      '--content-type <type>',
      'of the body; without it, Loki’s JSON and remote write 2 are known by their first byte',
    )
    .option('--header <name: value...>', 'inbound headers, for prefix_from_header')
    .option('--json', 'as JSON')
    .option('--from <component>', 'of an agent: where series begin; by default at all that take pushes', collect)
    .option('--expect <tenant=id>', 'ends with 1 if a series goes anywhere else; may be repeated', collect)
    .option('--diff <file>', 'only what would be otherwise with this file')
    .action((sets: string[], options: Omit<ExplainOptions, 'sets' | 'source'> & { config?: string }) =>
      explain({ ...options, sets, source: { file: options.config, flags: flags.values } }, flags.diagnostics),
    )
  root
    .command('sink')
    .description('an in-memory multi-tenant test receiver: strict about the specs, faults on request')
    .option('--listen <address>', 'host:port', '127.0.0.1:9009')
    .option('--lenient', 'take what breaks the specs, too')
    .action((options: { listen: string; lenient?: boolean }) => sink(options.listen, options.lenient !== true))
  root
    .command('dev')
    .description('quick start: receiver, sender of three tenants and proxy in one process')
    .option('--pushes <count>', 'end by itself after so many pushes')
    .option('--interval <ms>', 'between pushes', '1000')
    .action((options: { pushes?: string; interval: string }) => dev(options))
  root
    .command('fmt')
    .description('an Alloy configuration file in the one form, to standard output')
    .argument('[file]', '- (or nothing) reads standard input', '-')
    .option('-w, --write', 'into the file')
    .option('-t, --test', 'only end with 1 if formatting would change the file')
    .action((file: string, options: FmtOptions) =>
      fmt(file, options, { input: process.stdin, output: process.stdout, color: process.stderr.isTTY === true }),
    )
  root
    .command('convert')
    .description('a configuration of another program in Alloy’s language, or an agent’s remote_write for Prometheus')
    .argument('[file]', '- (or nothing) reads standard input', '-')
    .option('-f, --source-format <format>', 'cortex-tenant (or ct), alloy')
    .option('--to <format>', 'alloy; from alloy: prometheus')
    .option('-o, --output <file>', 'instead of standard output')
    .option('-r, --report <file>', 'for what can’t be carried, instead of standard error')
    .option('-b, --bypass-errors', 'converts the rest where something can’t be')
    .option('--show-secrets', 'secrets as they are, not as <secret>')
    .action((file: string, options: ConvertOptions) =>
      convert(file, options, { output: process.stdout, errors: process.stderr }),
    )
  addQueueCommand(root)
  return root
}

const noAlloyFlags: AlloyFlags = { values: new Map(), rest: [], notes: [] }

async function main(argv: readonly string[]): Promise<number> {
  const [command] = argv
  let rest = argv
  try {
    const isAgents = command === 'run' || command === 'validate'
    const alloy = isAgents ? parseAlloyFlags(command, argv) : { ...noAlloyFlags, rest: argv }
    const flags = withoutSettings.has(command)
      ? { values: new Map(), rest: alloy.rest, diagnostics: [] }
      : parseFlags(alloy.rest.map(asTwoDashes))
    rest = flags.rest
    await program(flags, alloy).parseAsync(['node', 'sluice', ...rest])
    return exitCode.done
  } catch (error) {
    return failureOf(error, rest)
  }
}

/** Says why, and gives the exit code. `rest`: the command line as the command got it. */
function failureOf(error: unknown, rest: readonly string[]): number {
  if (error instanceof CommandFailure) {
    process.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
  if (error instanceof CommanderError) {
    const unknown =
      error.code === 'commander.unknownOption' ? rest.find((word) => error.message.includes(`'${word}'`)) : undefined
    if (unknown !== undefined) process.stderr.write(`${unknownText(unknown, rest[0])}\n`)
    return error.exitCode === 0 ? exitCode.done : exitCode.usage
  }
  process.stderr.write(`sluice: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return exitCode.failed
}

function unknownText(flag: string, command: string | undefined): string {
  const similar = command === 'run' || command === 'validate' ? similarFlag(command, flag) : undefined
  const { hint, ...problem } = unknownFlag(flag)
  const better = similar === undefined ? hint : `did you mean ${similar}?`
  return printDiagnostic({ ...problem, ...(better !== undefined && { hint: better }) })
}

process.exitCode = await main(process.argv.slice(2))
