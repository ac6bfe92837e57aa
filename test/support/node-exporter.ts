// Debian's node exporter as something to scrape.

import { freePort } from './free-port.ts'
import { startProgram } from './program.ts'
import { until } from './until.ts'

/** Resolves to its host:port once it answers. */
export async function startNodeExporter(): Promise<string> {
  const address = `127.0.0.1:${await freePort()}`
  const program = startProgram({ command: 'prometheus-node-exporter', args: [`--web.listen-address=${address}`] })
  await until(async () => (await fetch(`http://${address}/`)).ok, {
    what: 'the node exporter answers',
    seen: () => program.stderr.slice(-5),
  })
  return address
}
