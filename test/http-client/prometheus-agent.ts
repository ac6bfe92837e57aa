// A real Prometheus in agent mode that remote-writes by many ways at once, each with settings of its own.

import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { type Program, startProgram } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** A `remote_write`: HTTP settings and `url`. */
export type RemoteWrite = Readonly<Record<string, unknown>>

const fileOf = (remoteWrites: readonly RemoteWrite[], target?: string): string =>
  JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    remote_write: remoteWrites,
    ...(target && { scrape_configs: [{ job_name: 'tiny', static_configs: [{ targets: [target] }] }] }),
  })

/**
 * What promtool says of each `remote_write` alone: '' where it is good, else why it is not. One run for all of them:
 * starting it costs more than its work.
 */
export async function promtoolVerdicts(remoteWrites: readonly RemoteWrite[]): Promise<readonly string[]> {
  const folder = temporaryFolder()
  const files = remoteWrites.map((each, k) => {
    const file = join(folder, `${k}.yml`)
    writeFileSync(file, fileOf([each]))
    return file
  })
  const program = startProgram({ command: 'promtool', args: ['check', 'config', ...files] })
  await program.ended
  const output = [...program.stdout, ...program.stderr].join('\n')
  return files.map((file) => {
    const at = (text: string): number => output.indexOf(text)
    if (at(` SUCCESS: ${file} is valid`) >= 0) return ''
    const failed = at(`parsing YAML file ${file}: `)
    if (failed < 0) throw new Error(`promtool said nothing of ${file}:\n${output.slice(0, 2000)}`)
    const said = output.slice(failed + `parsing YAML file ${file}: `.length)
    return said.split(/\n\n|\n *FAILED: |\nChecking /)[0]!.trim()
  })
}

/** Starts it. It writes within some seconds, again and again, until the test ends. */
export async function startAgent(remoteWrites: readonly RemoteWrite[]): Promise<Program> {
  const folder = temporaryFolder()
  const target = createServer((_, response) => response.end('tiny_value 1\n'))
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    target.close()
    target.closeAllConnections()
  })
  const named = remoteWrites.map((each, k) => ({
    ...each,
    name: `way-${k}`,
    queue_config: { batch_send_deadline: '100ms', max_shards: 1 },
    metadata_config: { send: false },
  }))
  const file = join(folder, 'prometheus.yml')
  writeFileSync(file, fileOf(named, `127.0.0.1:${(target.address() as AddressInfo).port}`))
  return startProgram({
    command: 'prometheus',
    args: [
      '--enable-feature=agent',
      `--config.file=${file}`,
      `--storage.agent.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${await freePort()}`,
    ],
  })
}
