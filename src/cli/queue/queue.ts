// `sluice queue …`: what each tenant has stored, and what can be done about it, in a running process or a stopped store.

import { type Command, Option } from 'commander'
import { tenantIdProblem } from '../../config/tenant-id.ts'
import type { QueueChoice } from '../../proxy/queue-control.ts'
import type { QueueFilter } from '../../send/store/queue-filter.ts'
import { CommandFailure, exitCode } from '../exit.ts'
import { askAdmin } from './ask-admin.ts'
import { drain } from './drain.ts'
import { amountText, listText } from './list-text.ts'
import { dropStopped, listStopped } from './stopped-store.ts'

/** Names of these are those of the flags. */
interface QueueOptions {
  readonly endpoint?: string
  readonly signal?: 'metrics' | 'logs'
  readonly admin?: string
  readonly 'storage.path'?: string
}

const defaultAdmin = '127.0.0.1:12345'

/** Adds `queue` and its five commands. */
export function addQueueCommand(root: Command): void {
  const queue = root.command('queue').description('what is stored for each tenant, and what can be done about it')
  const command = (name: string, description: string): Command =>
    queue
      .command(name)
      .description(description)
      .option('--endpoint <id>', 'only this endpoint, such as proxy/metrics')
      .addOption(new Option('--signal <signal>', 'only this').choices(['metrics', 'logs']))
      .option(
        '--admin <address>',
        `where a running process is asked, https:// before it if it speaks TLS (default ${defaultAdmin})`,
      )
  const stopped = (one: Command): Command =>
    one.option('--storage.path <dir>', 'the store of a stopped process, in place of --admin')

  stopped(command('list', 'what is stored'))
    .option('--json', 'as JSON')
    .action(async (options: QueueOptions & { json?: boolean }) => {
      const { path, admin } = whereOf(options)
      const choice = choiceOf(options)
      const list = path === undefined ? await askAdmin(admin).list(choice) : await listStopped(path, choice)
      say(options.json === true ? JSON.stringify(list, undefined, 2) : listText(list))
    })
  stopped(command('drop', 'deletes what is stored for a tenant'))
    .argument('<tenant>')
    .action(async (tenant: string, options: QueueOptions) => {
      const { path, admin } = whereOf(options)
      const filter = filterOf(tenant, options)
      const dropped = path === undefined ? await askAdmin(admin).drop(filter) : await dropStopped(path, filter)
      say(dropped.batches === 0 ? `nothing is stored for ${tenant}` : `dropped for ${tenant}: ${amountText(dropped)}`)
    })
  command('drain', 'waits until nothing is stored for a tenant')
    .argument('<tenant>')
    .option('--timeout <duration>', 'gives up then, such as 10m; default: never')
    .action(async (tenant: string, options: QueueOptions & { timeout?: string }) => {
      await drain(askAdmin(whereOf(options).admin), filterOf(tenant, options), options.timeout)
      say(`nothing is stored for ${tenant}`)
    })
  command('pause', 'keeps storing for a tenant and sends nothing, over restarts too')
    .argument('<tenant>')
    .action(async (tenant: string, options: QueueOptions) => {
      await askAdmin(whereOf(options).admin).pause(filterOf(tenant, options))
      say(`${tenant} is paused`)
    })
  command('resume', 'sends again')
    .argument('<tenant>')
    .action(async (tenant: string, options: QueueOptions) => {
      if (await askAdmin(whereOf(options).admin).resume(filterOf(tenant, options)))
        return say(`${tenant} is not paused`)
      const text = `${tenant} was paused by more than this: resume it without --endpoint and --signal`
      throw new CommandFailure(exitCode.failed, text)
    })
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

function whereOf({ admin, 'storage.path': path }: QueueOptions) {
  if (path !== undefined && admin !== undefined) {
    throw new CommandFailure(exitCode.usage, 'give --admin for a running process or --storage.path for a stopped one')
  }
  return { path, admin: admin ?? defaultAdmin }
}

const choiceOf = ({ endpoint, signal }: QueueOptions): QueueChoice => ({
  ...(endpoint !== undefined && { endpoint }),
  ...(signal !== undefined && { signal }),
})

function filterOf(tenant: string, options: QueueOptions): QueueFilter {
  const problem = tenantIdProblem(tenant)
  if (problem === undefined) return { tenant, ...choiceOf(options) }
  throw new CommandFailure(exitCode.usage, `${JSON.stringify(tenant)} is no tenant: ${problem}`)
}
