// The load generator: everything that can be made before a round is made before it, so that sending is a write and a
// little reading. A process of its own; `loadApi` is what the runner may call.

import { uncompress } from '../src/wire/snappy.ts'
import { type Body, makeBodies, type Shape, TENANT_LABEL } from './bodies.ts'
import { readCaptured } from './captured.ts'
import { LaterBody } from './later.ts'
import { headersOf, inMessage2, type Message } from './message.ts'
import { type Outcome, Sender } from './sender.ts'
import { quantile, type Spread, spread } from './stats.ts'
import { addTally, emptyTally, type Tally, tallyBody, totalSamples } from './tally.ts'
import { tallyBody2 } from './tally-2.ts'
import { serveCalls } from './worker.ts'

/** Which bodies to send: made ones, or those of a directory. */
export interface Bodies {
  readonly source: Shape | { readonly directory: string }
  /** How many different bodies there are at least to be; captured ones may be fewer. */
  readonly count: number
  readonly senders: number
  readonly seed: number
  /** The forms that they are to be sent in. */
  readonly messages: readonly Message[]
  /** Every request's samples are newer than those before, as a real sender's are. In 1.0 alone. */
  readonly rising: boolean
}

/** What the bodies are like; lengths in bytes, spreads over the bodies. */
export interface BodiesFacts {
  readonly bodies: number
  readonly samples: Spread
  readonly rawLength: Spread
  readonly compressedLength: Spread
  readonly tenants: Spread
}

export interface Load {
  readonly port: number
  /** Path to post to. */
  readonly path: string
  readonly message: Message
  /** Requests to send, unless `forMs` is over before, and every body was sent `passes` times. */
  readonly requests: number
  readonly forMs?: number
  readonly passes?: number
  /** After this the connections are closed and the result holds an error. */
  readonly timeLimitMs: number
}

export interface LoadResult {
  readonly wallMs: number
  /** Status → how many answers. */
  readonly statuses: ReadonlyMap<number, number>
  /** Text of the first answer that is not 2xx, on one line. */
  readonly refusal: string | undefined
  readonly p50Ms: number
  readonly p99Ms: number
  /** Why requests got no answer; the first few. */
  readonly errors: readonly string[]
  /** What was sent, whether it was answered or not. */
  readonly sent: Tally
}

interface Ready {
  readonly body: Body
  readonly tally: Tally
  /** There where samples are to rise. */
  readonly later: LaterBody | undefined
}

const ready = new Map<Message, readonly Ready[]>()
let senders = 1
/** Of the newest request, in ms since 1970, where samples are to rise. */
let newestMs = 0

export const loadApi = {
  /** The facts of each form. */
  prepare: ({ source, count, senders: wanted, seed, messages, rising }: Bodies): BodiesFacts[] => {
    const made = 'directory' in source ? readCaptured(source.directory) : makeBodies(source, count, seed)
    senders = wanted
    // A whole number of bodies a sender: then no two requests on their way at the same time are ever alike.
    const each = Math.floor(made.length / senders)
    if (each === 0)
      throw new Error(`${made.length} bodies are too few for ${senders} senders: each needs one of its own`)
    const used = made.slice(0, each * senders)
    return messages.map((message) => {
      const own = used.map((body) => readied(body, message, rising))
      ready.set(message, own)
      return {
        bodies: own.length,
        samples: spread(own.map(({ tally }) => totalSamples(tally))),
        rawLength: spread(own.map(({ body }) => body.rawLength)),
        compressedLength: spread(own.map(({ body }) => body.compressed.length)),
        tenants: spread(own.map(({ tally }) => tally.tenants.size)),
      }
    })
  },

  run: async ({ port, path, message, requests, forMs, passes = 0, timeLimitMs }: Load): Promise<LoadResult> => {
    const all = ready.get(message) ?? []
    const requestOf = (compressed: Buffer): Buffer =>
      Buffer.concat([head(port, path, message, compressed.length), compressed])
    const whole = all.map(({ body, later }) => (later === undefined ? requestOf(body.compressed) : undefined))
    const times = new Array<number>(all.length).fill(0)
    const risen: { readonly later: LaterBody; readonly ms: number }[] = []
    const nextOf = (n: number): Buffer => {
      const { later } = all[n]!
      if (later === undefined) return whole[n]!
      newestMs = Math.max(newestMs + 1, Date.now())
      risen.push({ later, ms: newestMs })
      return requestOf(later.compressed(newestMs))
    }
    const outcomes: Outcome[] = []
    const errors: string[] = []
    let left = requests
    let late = false
    let enough = Number.POSITIVE_INFINITY
    const connections = Array.from({ length: senders }, () => new Sender(port))
    const stop = setTimeout(() => {
      late = true
      errors.unshift(`the round took longer than ${timeLimitMs / 1000} s`)
      for (const sender of connections) sender.close()
    }, timeLimitMs)
    const sendAll = async (sender: Sender, first: number): Promise<void> => {
      for (
        let n = first;
        left > 0 && !late && errors.length < 10 && (performance.now() < enough || times[n]! < passes);
        n = (n + senders) % all.length
      ) {
        left--
        times[n]!++
        try {
          outcomes.push(await sender.send(nextOf(n)))
        } catch (error) {
          errors.push(error instanceof Error ? error.message : String(error))
        }
      }
    }
    await Promise.all(connections.map((sender) => sender.connect()))
    const started = performance.now()
    if (forMs !== undefined) enough = started + forMs
    await Promise.all(connections.map(sendAll))
    const wallMs = performance.now() - started
    clearTimeout(stop)
    for (const sender of connections) sender.close()
    const sent = risen.length > 0 ? risenTally(risen) : sentOf(all, times)
    return { wallMs, errors: errors.slice(0, 5), sent, ...facts(outcomes) }
  },
}

/** Takes the seconds that it takes before anything is measured. */
function readied(made: Body, message: Message, rising: boolean): Ready {
  const body = message === 1 ? made : inMessage2(made)
  const raw = uncompress(body.compressed, 2 ** 28)
  const tallied = message === 1 ? tallyBody : tallyBody2
  return { body, tally: tallied(raw, TENANT_LABEL), later: rising ? new LaterBody(raw) : undefined }
}

function head(port: number, path: string, message: Message, length: number): Buffer {
  const [contentType, version] = headersOf[message]
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: sluice-bench\r\nContent-Encoding: snappy\r\n` +
      `Content-Type: ${contentType}\r\nX-Prometheus-Remote-Write-Version: ${version}\r\n` +
      `Content-Length: ${length}\r\n\r\n`,
  )
}

function sentOf(all: readonly Ready[], times: readonly number[]): Tally {
  const sent = emptyTally()
  for (const [n, { tally }] of all.entries()) addTally(sent, tally, times[n]!)
  return sent
}

function risenTally(risen: readonly { readonly later: LaterBody; readonly ms: number }[]): Tally {
  const sent = emptyTally()
  for (const { later, ms } of risen) addTally(sent, tallyBody(later.raw(ms), TENANT_LABEL), 1)
  return sent
}

function facts(outcomes: readonly Outcome[]): Pick<LoadResult, 'statuses' | 'refusal' | 'p50Ms' | 'p99Ms'> {
  const statuses = new Map<number, number>()
  for (const { status } of outcomes) statuses.set(status, (statuses.get(status) ?? 0) + 1)
  const ms = Float64Array.from(outcomes, (outcome) => outcome.ms)
  const refusal = outcomes
    .find(({ status }) => status > 299)
    ?.text.trim()
    .replaceAll(/\s+/g, ' ')
  return { statuses, refusal, p50Ms: quantile(ms, 0.5), p99Ms: quantile(ms, 0.99) }
}

if (process.send !== undefined && process.argv[1] === import.meta.filename) serveCalls(loadApi)
