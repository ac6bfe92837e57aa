// `sluice queue drain`: waits, and says on standard error what is left and why.

import { parseDuration } from '../../config/duration.ts'
import type { QueueFilter } from '../../send/store/queue-filter.ts'
import { CommandFailure, exitCode } from '../exit.ts'
import type { AdminQueues } from './ask-admin.ts'
import { amountText, stateText } from './list-text.ts'

const longestWaitSeconds = 1

/** Fails with 1 where the tenant is paused or `timeout` passes, with 2 where that is no duration. */
export async function drain(admin: AdminQueues, filter: QueueFilter, timeout: string | undefined): Promise<void> {
  const ms = timeout === undefined ? Number.POSITIVE_INFINITY : parseDuration(timeout, 'prometheus')
  if (ms === undefined) throw new CommandFailure(exitCode.usage, `--timeout "${timeout}": write a duration such as 10m`)
  const end = performance.now() + ms
  let said = ''
  for (;;) {
    const restSeconds = Math.max(0, (end - performance.now()) / 1000)
    const { left, queues } = await admin.drain(filter, said === '' ? 0 : Math.min(longestWaitSeconds, restSeconds))
    if (left.batches === 0) return
    const states = [...new Set(queues.filter(({ batches }) => batches > 0).map(stateText))].join('; ')
    if (queues.some(({ paused, batches }) => paused && batches > 0)) {
      const text = `${filter.tenant} is paused with ${amountText(left)}: \`sluice queue resume ${filter.tenant}\` first`
      throw new CommandFailure(exitCode.failed, text)
    }
    if (restSeconds <= 0) {
      throw new CommandFailure(
        exitCode.failed,
        `after ${timeout} ${filter.tenant} still has ${amountText(left)} (${states})`,
      )
    }
    const text = `${filter.tenant}: ${amountText(left)} (${states})`
    if (text !== said) process.stderr.write(`${text}\n`)
    said = text
  }
}
