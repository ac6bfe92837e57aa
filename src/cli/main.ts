// The command line: finds the command, runs it, ends with its exit code.

import { Command, CommanderError } from 'commander'
import { printDiagnostic } from '../config/diagnostics.ts'
import { type ParsedFlags, parseFlags, unknownFlag } from '../config/flags.ts'
import { version } from '../version.ts'
import { dev } from './dev.ts'
import { CommandFailure, exitCode } from './exit.ts'
import { type ExplainOptions, explain } from './explain.ts'
import { type FmtOptions, fmt } from './fmt.ts'
import { proxy } from './proxy.ts'
import { addQueueCommand } from './queue/queue.ts'
import { sink } from './sink.ts'

/** ct takes `-config FILE` with one dash; so does every command here. */
function asTwoDashes(argument: string): string {
  return argument === '-config' || argument.startsWith('-config=') ? `-${argument}` : argument
}

/** Commands that take no settings: their flags are their own, even where one is called as a setting is. */
const withoutSettings: ReadonlySet<string | undefined> = new Set(['sink', 'dev', 'queue', 'fmt'])

/** Settings as flags are taken out before the command line is read: there are many, and their table is elsewhere. */
function program(flags: ParsedFlags): Command {
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
    .command('explain')
    .description('which tenant each series goes to, and by which rule')
    .argument('[label sets...]', '{name="value", …}; - reads them from standard input, one a line')
    .option(...file)
    .option('--body <file>', 'a captured push body, as it came over the wire')
    .option('--logs', 'label sets are of log streams; the body is a Loki push')
    .option(
      '--content-type <type>',
      'of the body; without it, Loki’s JSON and remote write 2 are known by their first byte',
    )
    .option('--header <name: value...>', 'inbound headers, for prefix_from_header')
    .option('--json', 'as JSON')
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
  addQueueCommand(root)
  return root
}

async function main(argv: readonly string[]): Promise<number> {
  const flags = withoutSettings.has(argv[0])
    ? { values: new Map(), rest: argv, diagnostics: [] }
    : parseFlags(argv.map(asTwoDashes))
  try {
    await program(flags).parseAsync(['node', 'sluice', ...flags.rest])
    return exitCode.done
  } catch (error) {
    if (error instanceof CommandFailure) {
      process.stderr.write(`${error.message}\n`)
      return error.exitCode
    }
    if (error instanceof CommanderError) {
      const unknown =
        error.code === 'commander.unknownOption' ? flags.rest.find((word) => error.message.includes(word)) : undefined
      if (unknown !== undefined) process.stderr.write(`${printDiagnostic(unknownFlag(unknown))}\n`)
      return error.exitCode === 0 ? exitCode.done : exitCode.usage
    }
    process.stderr.write(`sluice: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    return exitCode.failed
  }
}

process.exitCode = await main(process.argv.slice(2))
