// The agent on which the points of multi-tenancy are tried: prometheus.receive_http, mostly a prometheus.relabel, and a
// prometheus.remote_write whose endpoint has a `tenancy`. What a test is about it writes into these blocks.

import { type Agent, startAgent } from './agent.ts'
import { freePort } from './free-port.ts'
import { type Answered, post } from './push.ts'

export interface PointOptions {
  /** URL of the endpoint. */
  readonly upstream: string
  /** Arguments of the receiver. */
  readonly receive?: string
  /** Rules of the prometheus.relabel in between; undefined: there is none. */
  readonly rules?: string | undefined
  /** Arguments of prometheus.remote_write, of its endpoint, and of its `tenancy`. */
  readonly writer?: string
  readonly endpoint?: string
  readonly tenancy?: string
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface PointAgent {
  readonly agent: Agent
  readonly pushUrl: string
  /** Writes its file anew; it takes effect at a reload. */
  configure(options: PointOptions): void
  push(body: Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Answered>
  /** A tenant's next attempt is made at once, whatever upstream asked to wait for. */
  hurry(tenant: string): Promise<void>
}

/** The label `tenant` becomes `__tenant_id__`, and goes: for what a ledger's senders send. */
export const tenantRules = `
  rule {
    source_labels = ["tenant"]
    target_label  = "__tenant_id__"
  }
  rule {
    regex  = "tenant"
    action = "labeldrop"
  }`

export function pointConfig(port: number, options: PointOptions): string {
  const { upstream, receive = '', rules, writer = '', endpoint = '', tenancy = '' } = options
  const relabel = `
prometheus.relabel "tenant" {
  ${rules ?? ''}
  forward_to = [prometheus.remote_write.mimir.receiver]
}
`
  return `
prometheus.receive_http "in" {
  http {
    listen_port = ${port}
  }
  ${receive}
  forward_to = [prometheus.${rules === undefined ? 'remote_write.mimir' : 'relabel.tenant'}.receiver]
}
${rules === undefined ? '' : relabel}
prometheus.remote_write "mimir" {
  ${writer}
  endpoint {
    url = "${upstream}"
    ${endpoint}

    tenancy {
      ${tenancy}
    }
  }
}
`
}

/** Runs until the test ends. */
export async function startPointAgent(options: PointOptions): Promise<PointAgent> {
  const port = await freePort()
  const { flags = [], env = {} } = options
  const agent = await startAgent({ config: pointConfig(port, options), flags, env })
  const pushUrl = `http://127.0.0.1:${port}/api/v1/metrics/write`
  return {
    agent,
    pushUrl,
    configure: (changed) => agent.configure(pointConfig(port, changed)),
    push: (body, headers = {}) => post(pushUrl, body, { headers }),
    async hurry(tenant) {
      const body = JSON.stringify({ tenant, wait_seconds: 0, hurry: true })
      const headers = { 'content-type': 'application/json' }
      const { status, text } = await agent.get('/api/v1/queue/drain', { method: 'POST', body, headers })
      if (status >= 300) throw new Error(`drain: ${status} ${text}`)
    },
  }
}
