// The programs that are compared: Sluice as it is built here, and the peers that were named.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TENANT_LABEL } from './bodies.ts'
import type { Program } from './program.ts'

const root = join(import.meta.dirname, '..')

/** Sluice's proxy, built, run by the Node at `node`; or the command given in its place. Throws if it is not built. */
export function sluice(node: string, command?: string): Program {
  if (command === undefined && !existsSync(join(root, 'dist/cli/main.js'))) {
    throw new Error('Sluice is not built: run `npm run build` first, or leave it out with --no-sluice')
  }
  const settings = {
    CT_LISTEN: '{listen}',
    CT_TARGET: '{target}',
    CT_TENANT_LABEL: TENANT_LABEL,
    CT_TENANT_LABEL_REMOVE: '{remove}',
    CT_TIMEOUT: '30s',
    CT_CONCURRENCY: '1000',
    CT_LOG_LEVEL: 'error',
    CT_LISTEN_METRICS_ADDRESS: '{spare}',
    SLUICE_SERVER_HTTP_LISTEN_ADDR: '127.0.0.1:0',
  }
  const variables = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  const program = [quoted(node), quoted(join(root, 'bin/sluice.js')), 'proxy']
  return {
    name: 'sluice',
    command: command ?? ['exec', 'env', ...variables, ...program].join(' '),
    splits: true,
    version: `${sluiceVersion()}, Node ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}`,
  }
}

/** Sluice's agent with the file `{dir}/agent.alloy`. */
export const agentCommand = (node: string): string =>
  `exec ${quoted(node)} ${quoted(join(root, 'bin/sluice.js'))} run {dir}/agent.alloy ` +
  '--server.http.listen-addr={spare} --storage.path={dir}/store --stability.level=experimental'

/** What the client of Sluice may be given to do beside sending. */
export const clientLoads = ['links', 'tls'] as const
export type ClientLoad = (typeof clientLoads)[number]

/**
 * Sluice as `sluice` gives it, with more for its client to do: `links`, Basic auth and three headers of its own; `tls`,
 * an upstream over TLS, connections used again.
 */
export function sluiceClient(plain: Program, load: ClientLoad): Program {
  const configured = { ...plain, name: `${plain.name}+${load}`, command: `${plain.command} --config {dir}/sluice.json` }
  if (load === 'links') {
    return {
      ...configured,
      prepare: ({ dir }) => {
        const headers = { 'X-Cluster': 'bench', 'X-Region': 'here', 'X-Source': 'sluice' }
        writeSettings(dir, { client: { basic_auth: { username: 'bench', password: 'secret' }, headers } })
      },
    }
  }
  return {
    ...configured,
    overTls: true,
    prepare: ({ dir }, authority) => {
      writeFileSync(join(dir, 'ca.pem'), authority)
      writeSettings(dir, { client: { tls_config: { ca_file: join(dir, 'ca.pem') } } })
    },
  }
}

const writeSettings = (dir: string, settings: object): void =>
  writeFileSync(join(dir, 'sluice.json'), JSON.stringify({ sluice: settings }))

/** A program named on the command line as NAME=COMMAND, which is taken to read 1.0 alone; `version` is a command that prints what is to be said of it. */
export function peer(name: string, command: string, version: string | undefined): Program {
  const said = version === undefined ? 'version not given' : firstLine(version)
  return { name, command, splits: true, only1: true, version: said }
}

/** The version in package.json, and the commit where there is one. */
function sluiceVersion(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const git = (...rest: string[]): string =>
    spawnSync('git', ['-C', root, ...rest], { encoding: 'utf8' }).stdout?.trim() ?? ''
  const commit = git('rev-parse', '--short', 'HEAD')
  if (commit === '') return version
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', 'src') !== ''
  return `${version} at ${commit}${changed ? ' with changes' : ''}`
}

/** First line of what a command prints, wherever it prints it. Throws if the command fails. */
export function firstLine(command: string): string {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8', timeout: 10_000 })
  if (status !== 0)
    throw new Error(`\`${command}\` was to print a version, but failed: ${stderr.trim() || `status ${status}`}`)
  return `${stdout}${stderr}`.trim().split('\n')[0] ?? ''
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
