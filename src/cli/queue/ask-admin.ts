// Speaks to the admin listener of a running process.

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
  drain(
    filter: QueueFilter,
    waitSeconds: number,
  ): Promise<{ readonly left: Amount; readonly queues: readonly QueueJson[] }>
}

const pageLength = 5000

/** Every call throws CommandFailure 1 with the listener's own words, or why there are none. */
export function askAdmin(address: string): AdminQueues {
  const parsed = parseAddress(address)
  if (parsed === undefined) {
    throw new CommandFailure(exitCode.usage, `--admin "${address}": write host:port, such as 127.0.0.1:12345`)
  }
  const base = `http://${reachableText(parsed)}/api/v1/queue`
  const ask = async (path: string, init?: RequestInit): Promise<unknown> => {
    const response = await fetch(base + path, init).catch((error: Error) => {
      throw new CommandFailure(exitCode.failed, unreachable(address, error))
    })
    const answer = await response.json().catch(() => ({}))
    if (response.ok) return answer
    const { message = `it answers ${response.status}` } = answer as { message?: string }
    throw new CommandFailure(exitCode.failed, message)
  }
  const act = (action: string, body: object): Promise<unknown> =>
    ask(`/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  return {
    async list(choice) {
      const queues: QueueJson[] = []
      for (;;) {
        const query = new URLSearchParams({ ...choice, limit: `${pageLength}`, offset: `${queues.length}` })
        const page = (await ask(`?${query}`)) as QueueListJson & { readonly total: number }
        queues.push(...page.queues)
        const { enabled, store } = page
        if (page.queues.length < pageLength) return { enabled, store, queues }
      }
    },
    pause: async (filter) => void (await act('pause', filter)),
    resume: async (filter) => ((await act('resume', filter)) as { resumed: boolean }).resumed,
    drop: async (filter) => ((await act('drop', filter)) as { dropped: Amount }).dropped,
    drain: async (filter, waitSeconds) =>
      (await act('drain', { ...filter, wait_seconds: waitSeconds, hurry: waitSeconds === 0 })) as Awaited<
        ReturnType<AdminQueues['drain']>
      >,
  }
}

function unreachable(address: string, error: Error): string {
  const { code = error.message } = (error.cause ?? {}) as { code?: string }
  return (
    `no Sluice answers at ${address} (${code})\n` +
    '  hint: --admin ADDR says where its admin listener is; --storage.path=DIR looks into the store of a stopped one'
  )
}
