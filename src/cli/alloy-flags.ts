// Alloy's flags, so that its command lines work: those with an effect here, those that are taken without one, and those
// that ask for what there isn't.

import { agentPaths } from '../config/agent-settings.ts'
import { nearest } from '../config/nearest.ts'
import { flagOf, specOf } from '../config/settings.ts'
import { CommandFailure, exitCode } from './exit.ts'

interface FlagSpec {
  /** One that may stand without a value, and never takes the next argument. */
  readonly isBoolean?: true
  /** Taken, and why it has no effect. */
  readonly ignored?: string
  /** Refused, and what to do instead; a boolean that is `false` is no matter. */
  readonly refused?: string
  readonly commands: readonly AlloyCommand[]
}

export type AlloyCommand = 'run' | 'validate'

const run = { commands: ['run'] } as const
const both = { commands: ['run', 'validate'] } as const
const boolean = { isBoolean: true } as const
const noCluster = 'there is no clustering yet: each Sluice works alone'

const flags: Readonly<Record<string, FlagSpec>> = {
  'stability.level': both,
  'config.format': both,
  'server.http.ui-path-prefix': run,
  'config.bypass-conversion-errors': { ...both, ...boolean, ignored: 'only Alloy’s own format is read' },
  'config.extra-args': { ...both, ignored: 'only Alloy’s own format is read' },
  'feature.community-components.enabled': { ...both, ...boolean, ignored: 'there are no community components' },
  'feature.component-shutdown-deadline': { ...run, ignored: 'server.shutdown_deadline is for all components together' },
  'feature.prometheus.direct-fanout.enabled': { ...run, ...boolean, ignored: 'data always goes directly' },
  'disable-reporting': { ...run, ...boolean, ignored: 'nothing is ever reported' },
  'server.http.memory-addr': { ...run, ignored: 'components need no address in memory' },
  'server.http.enable-pprof': { ...run, ...boolean, ignored: 'there are no profiles' },
  'server.http.disable-support-bundle': { ...run, ...boolean, ignored: 'there is no support bundle' },
  'windows.priority': { ...run, ignored: 'the system’s own tools set it' },
  'server.http.enable-graphql': { ...run, ...boolean, refused: 'there is no GraphQL: /api/v0/web/components is JSON' },
  'server.http.enable-graphql-playground': { ...run, ...boolean, refused: 'there is no GraphQL' },
  'cluster.enabled': { ...run, ...boolean, refused: noCluster },
  'cluster.rejoin-interval': { ...run, refused: noCluster },
  'cluster.join-addresses': { ...run, refused: noCluster },
  'cluster.discover-peers': { ...run, refused: noCluster },
  'cluster.node-name': { ...run, refused: noCluster },
  'cluster.name': { ...run, refused: noCluster },
  'cluster.advertise-address': { ...run, refused: noCluster },
  'cluster.advertise-interfaces': { ...run, refused: noCluster },
  'cluster.max-join-peers': { ...run, refused: noCluster },
  'cluster.wait-for-size': { ...run, refused: noCluster },
  'cluster.wait-timeout': { ...run, refused: noCluster },
  'cluster.use-discovery-v1': { ...run, ...boolean, refused: noCluster },
  'cluster.enable-tls': { ...run, ...boolean, refused: noCluster },
  'cluster.tls-ca-path': { ...run, refused: noCluster },
  'cluster.tls-cert-path': { ...run, refused: noCluster },
  'cluster.tls-key-path': { ...run, refused: noCluster },
  'cluster.tls-server-name': { ...run, refused: noCluster },
}

export interface AlloyFlags {
  /** Name, without the dashes → value. */
  readonly values: ReadonlyMap<string, string>
  /** Every other argument, in order. */
  readonly rest: readonly string[]
  /** What was taken without effect, in words: a line each. */
  readonly notes: readonly string[]
}

const stabilities = ['experimental', 'public-preview', 'generally-available'] as const

/** Takes Alloy's flags out of a command line. Throws CommandFailure 2, with all that is wrong. */
export function parseAlloyFlags(command: AlloyCommand, argv: readonly string[]): AlloyFlags {
  const values = new Map<string, string>()
  const rest: string[] = []
  const notes: string[] = []
  const problems: string[] = []
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string
    const [, name = '', given] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? []
    const spec = Object.hasOwn(flags, name) ? flags[name] : undefined
    if (argument === '--') {
      rest.push(...argv.slice(i))
      break
    }
    if (spec === undefined || !spec.commands.includes(command)) {
      rest.push(argument)
      continue
    }
    const value = given ?? (spec.isBoolean ? 'true' : argv[++i])
    if (value === undefined) problems.push(`--${name} needs a value: write --${name}=VALUE`)
    else if (spec.refused !== undefined) {
      if (!spec.isBoolean || value !== 'false') problems.push(`--${name} is not supported: ${spec.refused}`)
    } else if (spec.ignored !== undefined) notes.push(`--${name} has no effect: ${spec.ignored}`)
    else values.set(name, value)
  }
  problems.push(...wrongValues(values))
  if (problems.length > 0) throw new CommandFailure(exitCode.usage, problems.join('\n'))
  return { values, rest, notes }
}

function wrongValues(values: ReadonlyMap<string, string>): readonly string[] {
  const found: string[] = []
  const level = values.get('stability.level')
  if (level !== undefined && !stabilities.some((known) => known === level)) {
    found.push(`--stability.level=${level}: it is one of ${stabilities.join(', ')}`)
  }
  const format = values.get('config.format')
  if (format !== undefined && format !== 'alloy') {
    found.push(`--config.format=${format}: only alloy is read; \`sluice convert\` makes an Alloy file of some others`)
  }
  return found
}

export const stabilityOf = ({ values }: AlloyFlags): (typeof stabilities)[number] =>
  (values.get('stability.level') as (typeof stabilities)[number] | undefined) ?? 'generally-available'

/** The settings of `run`, as flags, by the names that Alloy has for them where it has. */
const settingFlags: readonly string[] = agentPaths.map((path) => flagOf(specOf(path).flagAlias ?? path))

/** The flag that an unknown argument resembles. */
export const similarFlag = (command: AlloyCommand, argument: string): string | undefined =>
  nearest(argument.replace(/=.*$/s, ''), [
    ...Object.keys(flags).map((name) => `--${name}`),
    ...(command === 'run' ? settingFlags : []),
  ])

/** For the help of a command. */
export function alloyFlagsHelp(command: AlloyCommand): string {
  const own = Object.entries(flags).filter(([, { commands }]) => commands.includes(command))
  const names = (which: (spec: FlagSpec) => boolean): string =>
    own
      .filter(([, spec]) => which(spec))
      .map(([name]) => `  --${name}`)
      .join('\n')
  return [
    command === 'run' ? '\nFlags, Alloy’s and docs/agent.md’s:' : '\nAlloy’s flags:',
    names(({ ignored, refused }) => ignored === undefined && refused === undefined),
    ...(command === 'run' ? settingFlags.map((flag) => `  ${flag}`) : []),
    'taken, without effect:',
    names(({ ignored }) => ignored !== undefined),
  ].join('\n')
}
