import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

/** A proxy for bodies of one tenant. `FAULT` makes it lie, as programs that are measured may. */
const proxy = `
import { createServer, request } from 'node:http'
const [listen, target, fault] = process.argv.slice(2)
let n = 0
createServer((req, res) => {
  n++
  if (fault === 'refuse' && n > 10) return req.resume().on('end', () => res.writeHead(500).end('not\\ntoday'))
  if (fault === 'swallow' && n > 10) return req.resume().on('end', () => res.writeHead(204).end())
  const headers = { 'content-length': req.headers['content-length'] }
  if (fault !== 'nobody') headers['x-scope-orgid'] = fault === 'stranger' ? 'x' : 'team-001'
  req.pipe(request(target, { method: 'POST', headers }, (up) => { res.writeHead(up.statusCode); up.pipe(res) }))
}).listen(Number(listen.split(':')[1]), '127.0.0.1')
`

/** Runs the benchmark with four such proxies; resolves with its exit status and what it printed. */
async function bench(faults: string[], ...args: string[]): Promise<{ code: number; text: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  writeFileSync(join(dir, 'proxy.mjs'), proxy)
  const peers = faults.flatMap((fault) => [
    '--peer',
    `${fault}=exec "${process.execPath}" ${dir}/proxy.mjs {listen} {target} ${fault}`,
  ])
  const small = [
    '--no-sluice',
    '--tenants',
    '1',
    '--series',
    '20',
    '--rounds',
    '1',
    '--requests',
    '40',
    '--warmup',
    '0',
  ]
  const child = spawn(process.execPath, [
    '--import',
    'tsx',
    join(import.meta.dirname, 'main.ts'),
    ...small,
    ...peers,
    ...args,
  ])
  let text = ''
  child.stdout.on('data', (chunk) => (text += chunk))
  child.stderr.on('data', (chunk) => (text += chunk))
  const code = await new Promise<number>((resolve) => child.on('exit', (status) => resolve(status ?? -1)))
  return { code, text }
}

test('a program that delivers counts', async () => {
  const { code, text } = await bench(['honest'], '--keep-label')
  expect(text).toMatch(/round 1 {2}honest +CPU-s\/Ms \d+\.\d+ .* upstream requests 40\n/)
  expect(code).toBe(0)
}, 30_000)

test('programs that do not deliver exactly do not count, and say why', async () => {
  const { code, text } = await bench(['honest', 'refuse', 'swallow', 'nobody', 'stranger'], '--settle', '0')
  expect(text).toMatch(/honest .* INVALID: 800 series arrived with the tenant label, not 0/)
  expect(text).toMatch(/refuse .* INVALID: answers that are not 2xx: \d+ × 500 \("not today"\)/)
  expect(text).toMatch(/swallow .* INVALID: 800 samples were sent, 200 arrived/)
  expect(text).toMatch(/nobody .* INVALID: 40 requests arrived without a tenant/)
  expect(text).toMatch(/stranger .* INVALID: tenant "team-001": 800 samples were sent, 0 arrived/)
  expect(code).toBe(1)
}, 30_000)
