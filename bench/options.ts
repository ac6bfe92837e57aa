// The command line of `npm run bench`, as values.

import { parseArgs } from 'node:util'
import type { Shape } from './bodies.ts'
import type { Message } from './message.ts'
import { type ClientLoad, clientLoads } from './programs.ts'

export interface Options {
  /** What the rows are: made bodies, and those of a directory. */
  readonly sources: readonly (Shape | { readonly directory: string })[]
  /** The forms of remote write that each of them is sent in, the first to compare with. */
  readonly messages: readonly Message[]
  readonly rounds: number
  readonly senders: number
  readonly requests: number
  readonly warmupMs: number
  readonly bodies: number
  readonly seed: number
  readonly keepLabel: boolean
  readonly path: string
  readonly timeLimitMs: number
  readonly settleLimitMs: number
  readonly markdown: string | undefined
  readonly peers: readonly { readonly name: string; readonly command: string; readonly version: string | undefined }[]
  readonly floor: boolean
  readonly sluice: { readonly node: string; readonly command: string | undefined } | undefined
  /** Sluice once more for each, with more for its client to do. */
  readonly clients: readonly ClientLoad[]
  /** The proxy with its queue and the agent, with warm caches and with too small ones, too. */
  readonly agent: boolean
}

export const usage = `npm run bench -- [options]

Compares what programs that split remote-write by tenant cost: CPU seconds per million samples, time to answer, memory.

What is sent
  --tenants LIST     tenants in every body (default 1,5,50,500)
  --series LIST      series in every body, one sample each (default 2000)
  --shuffled         also bodies whose tenants' series are in any order
  --captured DIR     also the bodies in DIR, captured from a real Prometheus (bench/capture.ts)
  --no-made          only the captured ones
  --message LIST     forms of remote write: 1 (default), 2, or 1,2 for the same series in both, side by side; peers, and
                     the agent, which takes 2.0 only where it is told to, are sent 1.0 alone
  --bodies N         how many different bodies (default 4 a sender)
  --seed N           what the bodies are made from (default 1)
How
  --rounds N         rounds of every program, in turn, each with a fresh process (default 5)
  --requests N       requests in a round (default 400)
  --warmup S         how long each is driven before its round, not measured (default 4)
  --senders N        connections, each with one request on its way (default 8)
  --path PATH        where to post (default /push)
  --keep-label       the tenant label stays; {remove} becomes false
  --time-limit S     a round that takes longer does not count (default 120)
  --settle S         how long samples may take to arrive after the last answer (default 10)
Programs
  --peer NAME=COMMAND          another program, started by the shell. Filled in: {listen} host:port to listen on,
                               {target} URL to send to, {spare} another free host:port, {dir} an empty directory,
                               {remove} true unless --keep-label. Repeatable.
  --peer-version NAME=COMMAND  prints what is to be said about that peer, such as 'ct=echo f5ef1ef, go1.26'
  --floor nginx                nginx, passing requests on unread: the least that a proxy can cost
  --sluice COMMAND             in place of Sluice as it is built here; filled in as for a peer
  --sluice-node PATH           the Node that runs it (default: the one that runs this)
  --client LIST                Sluice once more with links (Basic auth, three headers) and with tls (an upstream over
                               TLS), beside its plain self
  --agent                      the proxy with its queue and the agent too: receive_http, 30 rules, remote_write with
                               tenants; once more (+churn) with a cache that is too small for the series that come
  --no-sluice                  peers only
Output
  --markdown FILE    also as Markdown; - is standard output
`

/** Reads the arguments. Throws an Error that says which is wrong. */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      tenants: { type: 'string', default: '1,5,50,500' },
      series: { type: 'string', default: '2000' },
      shuffled: { type: 'boolean', default: false },
      captured: { type: 'string' },
      'no-made': { type: 'boolean', default: false },
      message: { type: 'string', default: '1' },
      bodies: { type: 'string' },
      seed: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '5' },
      requests: { type: 'string', default: '400' },
      warmup: { type: 'string', default: '4' },
      senders: { type: 'string', default: '8' },
      path: { type: 'string', default: '/push' },
      'keep-label': { type: 'boolean', default: false },
      'time-limit': { type: 'string', default: '120' },
      settle: { type: 'string', default: '10' },
      peer: { type: 'string', multiple: true, default: [] },
      'peer-version': { type: 'string', multiple: true, default: [] },
      floor: { type: 'string' },
      sluice: { type: 'string' },
      'sluice-node': { type: 'string', default: process.execPath },
      client: { type: 'string', default: '' },
      agent: { type: 'boolean', default: false },
      'no-sluice': { type: 'boolean', default: false },
      markdown: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  if (values.floor !== undefined && values.floor !== 'nginx')
    throw new Error(`--floor: there is only nginx, not "${values.floor}"`)
  const senders = whole('senders', values.senders, 1, 1000)
  const versions = new Map(values['peer-version'].map((text) => pair('peer-version', text)))
  const peers = values.peer.map((text) => {
    const [name, command] = pair('peer', text)
    return { name, command, version: versions.get(name) }
  })
  const wanted = messages(values.message)
  if (peers.length > 0 && !wanted.includes(1))
    throw new Error('--message: peers are sent 1.0 alone, and it is not asked for')
  for (const name of versions.keys()) {
    if (!peers.some((peer) => peer.name === name)) throw new Error(`--peer-version: there is no peer called "${name}"`)
  }
  const clients = values.client.split(',').filter((load) => load !== '')
  const unknown = clients.find((load) => !clientLoads.includes(load as ClientLoad))
  if (unknown !== undefined) throw new Error(`--client: there are ${clientLoads.join(' and ')}, not "${unknown}"`)
  if (clients.length > 0 && values['no-sluice'])
    throw new Error('--client says how Sluice is run, --no-sluice that it is not')
  if (values.agent && (values['no-sluice'] || values.sluice !== undefined))
    throw new Error('--agent compares with Sluice as it is built here')
  const names = [
    ...peers.map(({ name }) => name),
    'sluice',
    ...clients.map((load) => `sluice+${load}`),
    'sluice+queue',
    'agent',
    'agent+churn',
    'nginx',
  ]
  const twice = names.find((name, n) => names.indexOf(name) !== n)
  if (twice !== undefined) throw new Error(`--peer: the name "${twice}" is taken`)
  if (values['no-sluice'] && peers.length === 0 && values.floor === undefined)
    throw new Error('--no-sluice without a --peer leaves nothing to run')
  return {
    sources: [
      ...(values['no-made'] ? [] : shapes(values.tenants, values.series, values.shuffled)),
      ...(values.captured === undefined ? [] : [{ directory: values.captured }]),
    ],
    messages: wanted,
    rounds: whole('rounds', values.rounds, 1, 1000),
    senders,
    requests: whole('requests', values.requests, 1, 1_000_000),
    warmupMs: whole('warmup', values.warmup, 0, 600) * 1000,
    bodies: whole('bodies', values.bodies ?? String(senders * 4), senders, 10_000),
    seed: whole('seed', values.seed, 0, 2 ** 32 - 1),
    keepLabel: values['keep-label'],
    path: values.path,
    timeLimitMs: whole('time-limit', values['time-limit'], 1, 3600) * 1000,
    settleLimitMs: whole('settle', values.settle, 0, 600) * 1000,
    markdown: values.markdown,
    peers,
    floor: values.floor !== undefined,
    clients: clients as ClientLoad[],
    agent: values.agent,
    sluice: values['no-sluice'] ? undefined : { node: values['sluice-node'], command: values.sluice },
  }
}

function messages(list: string): Message[] {
  return [...new Set(list.split(','))].map((text) => whole('message', text, 1, 2) as Message)
}

function shapes(tenants: string, series: string, shuffled: boolean): Shape[] {
  const orders = shuffled ? (['contiguous', 'shuffled'] as const) : (['contiguous'] as const)
  return series.split(',').flatMap((size) =>
    orders.flatMap((order) =>
      tenants.split(',').map((count): Shape => {
        const wanted = whole('series', size, 1, 100_000)
        return { tenants: whole('tenants', count, 1, wanted), order, series: wanted }
      }),
    ),
  )
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new Error(`--${option}: "${text}" is not a whole number from ${least} to ${most}`)
}

function pair(option: string, text: string): [name: string, command: string] {
  const [, name, command] = /^([\w.-]+)=(.+)$/s.exec(text) ?? []
  if (name !== undefined && command !== undefined) return [name, command]
  throw new Error(`--${option}: "${text}" is not NAME=COMMAND`)
}
