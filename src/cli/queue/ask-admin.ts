// Speaks to the admin listener of a running process. `fetch` would refuse some ports that a listener may well have.

import { request } from 'node:http'
import { request as requestSecurely } from 'node:https'
import type { QueueJson, QueueListJson } from '../../admin/queue-views.ts'
import { parseAddress, reachableText } from '../../config/address.ts'
import type { Amount, QueueChoice } from '../../proxy/queue-control.ts'
import type { QueueFilter } from '../../send/store/queue-filter.ts'
import { CommandFailure, exitCode } from '../exit.ts'

export interface AdminQueues {
  /** All pages of it. */
  list(choice: QueueChoice): Promise<QueueListJson>
  pause(filter: QueueFilter): Promise<void>
  /** False: a wider pause holds. */
  resume(filter: QueueFilter): Promise<boolean>
  drop(filter: QueueFilter): Promise<Amount>
  /** Waits up to `waitSeconds`, in a hurry if that is 0; what is left, and the queues that there are. */
  drain(filter: QueueFilter, waitSeconds: number): Promise<Drained>
}

interface Drained {
  readonly left: Amount
  readonly queues: readonly QueueJson[]
}

const pageLength = 5000

/** Variables of whoever asks a listener that wants Basic auth: flags would be seen by every user of the machine. */
const [usernameVariable, passwordVariable] = ['SLUICE_ADMIN_USERNAME', 'SLUICE_ADMIN_PASSWORD'] as const

/**
 * `address`: host:port, after `https://` where it speaks TLS. Every call throws CommandFailure 1 with the listener's own
 * words, or why there are none.
 */
export function askAdmin(address: string, env: NodeJS.ProcessEnv = process.env): AdminQueues {
  const [, scheme = 'http://', where = ''] = /^(https?:\/\/)?(.*?)\/?$/.exec(address) ?? []
  const parsed = parseAddress(where)
  if (parsed === undefined) {
    const hint = 'write host:port, such as 127.0.0.1:12345, or https://host:port'
    throw new CommandFailure(exitCode.usage, `--admin "${address}": ${hint}`)
  }
  const base = `${scheme}${reachableText(parsed)}/api/v1/queue`
  const { [usernameVariable]: username, [passwordVariable]: password = '' } = env
  const auth = username === undefined ? {} : { auth: `${username}:${password}` }
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const { status, text } = await exchange(base + path, auth, body).catch((error: NodeJS.ErrnoException) => {
      throw new CommandFailure(exitCode.failed, unreachable(address, error))
    })
    if (status === 401) {
      const hint = `set ${usernameVariable} and ${passwordVariable} to those of its http block`
      throw new CommandFailure(exitCode.failed, `${address} asks for a user name and password\n  hint: ${hint}`)
    }
    const answer = jsonOf(text)
    if (status === 200 && answer !== undefined) return answer
    const { message = `what answers at ${address} is no Sluice: ${status}` } = (answer ?? {}) as { message?: string }
    throw new CommandFailure(exitCode.failed, message)
  }
  return {
    async list(choice) {
      const queues: QueueJson[] = []
      for (;;) {
        const query = new URLSearchParams({ ...choice, limit: `${pageLength}`, offset: `${queues.length}` })
        const page = (await ask(`?${query}`)) as QueueListJson
        queues.push(...page.queues)
        const { enabled, store } = page
        if (page.queues.length < pageLength) return { enabled, store, queues }
      }
    },
    pause: async (filter) => void (await ask('/pause', filter)),
    resume: async (filter) => ((await ask('/resume', filter)) as { resumed: boolean }).resumed,
    drop: async (filter) => ((await ask('/drop', filter)) as { dropped: Amount }).dropped,
    drain: async (filter, waitSeconds) =>
      (await ask('/drain', { ...filter, wait_seconds: waitSeconds, hurry: waitSeconds === 0 })) as Drained,
  }
}

/** One exchange; a POST if there is a body. */
function exchange(
  url: string,
  auth: { readonly auth?: string },
  body?: object,
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const ask = url.startsWith('https:') ? requestSecurely : request
    const asked = ask(url, { method, ...auth, headers: { 'content-type': 'application/json' } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(body && JSON.stringify(body))
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const unreachable = (address: string, { code, message }: NodeJS.ErrnoException): string =>
  `no Sluice answers at ${address} (${code ?? message})\n` +
  '  hint: --admin ADDR says where its admin listener is; --storage.path=DIR looks into the store of a stopped one'
