// Posting pushes the way a sender does, one connection each where need be.

import { Agent, request } from 'undici'
import { encodeWriteRequest, type SeriesInput, snappyBlock } from '../../src/dev/encode.ts'

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** From the call to the last byte of the answer. */
  readonly ms: number
}

export interface PostOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** PEM of the authority of an https listener. */
  readonly ca?: string
}

const remoteWriteHeaders = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'user-agent': 'sluice-test/1',
  'x-prometheus-remote-write-version': '0.1.0',
}

// No limit on connections, none reused: what a test measures must not wait for the test's own client.
const agents = new Map<string, Agent>()
function agentFor(ca: string): Agent {
  let agent = agents.get(ca)
  if (agent === undefined) {
    agent = new Agent({ pipelining: 0, headersTimeout: 120_000, connect: ca === '' ? {} : { ca } })
    agents.set(ca, agent)
  }
  return agent
}

/** One attempt. Rejects where there is no answer. */
export async function post(url: string, body: Uint8Array, options: PostOptions = {}): Promise<Answered> {
  const started = performance.now()
  const response = await request(url, {
    method: 'POST',
    body,
    headers: { ...remoteWriteHeaders, ...options.headers },
    dispatcher: agentFor(options.ca ?? ''),
    ...(options.signal !== undefined && { signal: options.signal }),
  })
  const text = await response.body.text()
  return { status: response.statusCode, headers: response.headers, text, ms: performance.now() - started }
}

/** A compressed remote write 1 body. */
export const bodyOf = (series: readonly SeriesInput[]): Buffer => snappyBlock(encodeWriteRequest({ series }))

/** One series of one sample per tenant; the tenant in the label `tenant`. */
export function seriesOf(tenants: readonly string[], tsMs: number, value = 1): SeriesInput[] {
  return tenants.map((tenant) => ({
    labels: [
      ['__name__', 'm'],
      ['tenant', tenant],
    ],
    samples: [[value, tsMs]],
  }))
}
