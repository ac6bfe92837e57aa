// `sluice run`: starts the agent and its HTTP server, reloads at SIGHUP, ends at SIGTERM.

import { getRequestListener } from '@hono/node-server'
import { createAgentApp } from '../admin/agent-app.ts'
import { kinds } from '../agent/components/kinds.ts'
import { type RunningAgent, startAgent } from '../agent/run/agent.ts'
import { createAgentLog } from '../agent/run/agent-log.ts'
import type { ParsedFlags } from '../config/flags.ts'
import { version } from '../version.ts'
import { agentSettings } from './agent-settings.ts'
import { keepFreedMemory } from './allocator.ts'
import { type AlloyFlags, stabilityOf } from './alloy-flags.ts'
import { exitCode } from './exit.ts'
import { orFailure } from './or-failure.ts'
import { ended } from './signals.ts'

/** Runs until SIGTERM or SIGINT; fails with 78 where the configuration is wrong, with 1 where the store can’t be had. */
export async function run(path: string, flags: ParsedFlags, alloy: AlloyFlags): Promise<void> {
  const settings = agentSettings(flags, process.env)
  const log = createAgentLog()
  const stop = ended()
  // From the first moment on: without a listener SIGHUP ends the process.
  let agent: RunningAgent | undefined
  let isAsked = false
  process.on('SIGHUP', () => {
    if (agent === undefined) isAsked = true
    else void agent.reload()
  })
  keepFreedMemory()
  const uiPrefix = alloy.values.get('server.http.ui-path-prefix') ?? '/'
  const onDefect = (error: unknown): void => log.error('the HTTP server failed', { err: error })
  agent = await orFailure(
    startAgent({
      ...{ path, settings, log, version, kinds, stability: stabilityOf(alloy) },
      // The adapter would put its own Request and Response over the process' global ones.
      handler: (running) =>
        getRequestListener(createAgentApp({ agent: running, uiPrefix, onDefect }).fetch, {
          overrideGlobalObjects: false,
        }),
    }),
  )
  // The files may have changed after they were read.
  if (isAsked) void agent.reload()
  for (const note of alloy.notes) log.info(note)
  process.stdout.write(`sluice ${version} agent: ${path}  http ${agent.url}\n`)
  const { signal, again } = await stop
  log.info('stopping', { signal })
  await agent.stop(again)
  // What still waits is not waited for.
  if (again.aborted) process.exit(exitCode.done)
}
