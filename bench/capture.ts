// Writes the bodies of a real Prometheus to files, for `npm run bench -- --captured DIR`. By hand, with Debian's
// prometheus and prometheus-node-exporter:
//
//   node --import tsx bench/capture.ts DIR --count 32          prints where it listens, ends when it has 32 bodies
//   prometheus-node-exporter --web.listen-address=127.0.0.1:9100
//   prometheus --enable-feature=agent --config.file=prometheus.yml --storage.agent.path=$(mktemp -d) \
//     --web.listen-address=127.0.0.1:9090
//
// with this prometheus.yml, its `url` as printed (every target needs the label `tenant`; more targets, fuller bodies):
//
//   global: { scrape_interval: 1s }
//   scrape_configs:
//     - job_name: prometheus
//       static_configs: [{ targets: ['127.0.0.1:9090'], labels: { tenant: team-001 } }]
//     - job_name: node
//       static_configs: [{ targets: ['127.0.0.1:9100'], labels: { tenant: team-002 } }]
//   remote_write:
//     - url: http://127.0.0.1:PORT/api/v1/push
//       queue_config: { max_samples_per_send: 2000, batch_send_deadline: 30s }

import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { uncompress } from '../src/wire/snappy.ts'
import { TENANT_LABEL } from './bodies.ts'
import { tallyBody, totalSamples } from './tally.ts'

/** A file that was written: its name, the samples and the series without tenant in it. */
export interface Captured {
  readonly name: string
  readonly samples: number
  readonly without: number
}

/** A server that writes each push with samples to DIR/0001.snappy … as it came, and answers 204. Metadata is passed over. */
export function captureServer(directory: string, captured: (file: Captured) => void): Server {
  let count = 0
  mkdirSync(directory, { recursive: true })
  return createServer(async (request, response) => {
    try {
      const body = await bodyOf(request)
      const tally = tallyBody(uncompress(body, 2 ** 28), TENANT_LABEL)
      if (tally.series > 0n) {
        const name = `${String(++count).padStart(4, '0')}.snappy`
        writeFileSync(join(directory, name), body)
        captured({ name, samples: totalSamples(tally), without: Number(tally.series - tally.labelled) })
      }
      response.writeHead(204).end()
    } catch (error) {
      response.writeHead(400).end(String(error))
    }
  })
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { count: { type: 'string', default: '32' }, port: { type: 'string', default: '0' } },
  })
  const [directory] = positionals
  if (directory === undefined) throw new Error('bench/capture.ts DIR [--count N] [--port N]: no directory was given')
  let left = Number(values.count)
  const server = captureServer(directory, ({ name, samples, without }) => {
    console.log(
      `${name}  ${samples} samples${without > 0 ? `, ${without} series without "${TENANT_LABEL}": not usable` : ''}`,
    )
    if (without === 0 && --left <= 0) process.exit(0)
  })
  server.listen(Number(values.port), '127.0.0.1', () => {
    const address = server.address()
    if (address !== null && typeof address === 'object')
      console.log(`url: http://127.0.0.1:${address.port}/api/v1/push`)
  })
}

if (process.argv[1] === import.meta.filename) main()
