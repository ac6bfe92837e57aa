// The page on delivery: every command in it is typed, in its order, and what it names is there.

import { readFileSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { settingPaths } from '../src/config/settings.ts'
import { errorTable } from '../src/errors.ts'
import { catalogue } from '../src/telemetry/catalogue.ts'
import { startProgram } from './support/program.ts'
import { bodyOf, post, seriesOf } from './support/push.ts'
import { root, startProxy } from './support/sluice.ts'
import { temporaryFolder } from './support/temporary-folder.ts'
import { testSink } from './support/test-sink.ts'

const guide = readFileSync(join(root, 'docs/delivery.md'), 'utf8')

const blocks = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text]) => text ?? '')

test('its settings, metrics and reasons exist', () => {
  const paths: readonly string[] = settingPaths
  const named = [...guide.matchAll(/`((?:queue|storage|tenancy|server|tenant)\.[a-z0-9_.]+)/g)].map(
    ([, path]) => path ?? '',
  )
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((path) => !paths.includes(path))).toEqual([])
  const metrics = guide.match(/\b(?:sluice|prometheus_remote_storage)_[a-z_]+(?<!_)\b/g) ?? []
  expect(metrics.length).toBeGreaterThan(10)
  const known = (name: string) => Object.keys(catalogue).some((full) => full.startsWith(name))
  expect(metrics.filter((name) => !known(name))).toEqual([])
  expect(Object.keys(errorTable)).toContain('STORE_IN_USE')
})

test('its commands, typed one after the other', async () => {
  const sink = await testSink()
  const folder = temporaryFolder()
  symlinkSync(join(root, 'bin'), join(folder, 'bin'))
  const commands = blocks('sh').flatMap((block) => block.trim().split('\n'))
  const [start, ...rest] = commands
  expect(start).toBe('node bin/sluice.js proxy --config sluice.yml --queue --storage.path=/var/lib/sluice')
  const store = join(folder, 'store')

  const base = `target: ${sink.pushUrl}\ntenant: { label: tenant }\n`
  const proxy = await startProxy({
    config: base,
    flags: ['--queue', `--storage.path=${store}`, '--queue.max_backoff=100ms'],
  })
  const at = (url: string): string => new URL(url).host
  const type = async (line: string): Promise<string> => {
    const own = line
      .replace('127.0.0.1:9090', at(proxy.metricsUrl))
      .replace('127.0.0.1:12345', at(proxy.adminUrl))
      .replace('/var/lib/sluice', store)
    const isAsking = own.startsWith('node bin/sluice.js queue') && !own.includes('--storage.path')
    const full = isAsking ? `${own} --admin ${at(proxy.adminUrl)}` : own
    const env = { PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) }
    const program = startProgram({ command: 'sh', args: ['-c', full], cwd: folder, env })
    expect([line, (await program.ended).code]).toEqual([line, 0])
    return program.stdout.join('\n')
  }
  let clock = 0
  const push = async (times: number) => {
    for (let i = 0; i < times; i++)
      expect((await post(proxy.pushUrl, bodyOf(seriesOf(['noisy', 'calm'], ++clock)))).status).toBe(204)
  }
  const delivered = () => sink.store.counts('noisy').samples
  let next = 0
  const typeNext = (part: string): Promise<string> => {
    expect(rest[next]).toContain(part)
    return type(rest[next++] as string)
  }

  sink.setFault('noisy', { status: 503, body: 'ingester overloaded' })
  await push(4)
  const totals = await typeNext('curl -s http://127.0.0.1:9090/metrics')
  expect(totals).toContain('sluice_tenant_samples_total{tenant="calm",signal="metrics"} 4')
  expect(totals).toContain('sluice_queue_stored_samples_total{tenant="noisy",signal="metrics"} 4')
  expect(await typeNext('curl -s http://127.0.0.1:9090/metrics')).toMatch(
    /sluice_queue_stored_bytes\{tenant="noisy",.*\} \d+/,
  )
  expect(await typeNext('node bin/sluice.js queue list')).toMatch(/\nnoisy .* failing: 503 ingester overloaded$/)
  expect(JSON.parse(await typeNext('failing=true'))).toMatchObject({
    tenants: [{ id: 'noisy', stored: { samples: 4 } }],
  })

  proxy.configure(`${base}${blocks('yaml')[0]}`)
  expect(await typeNext('/-/reload')).toBe('reloaded')
  expect(await typeNext('node bin/sluice.js queue pause noisy')).toBe('noisy is paused')
  sink.setFault('noisy', undefined)
  await push(3)
  expect(delivered()).toBe(0)
  expect(await typeNext('node bin/sluice.js queue resume noisy')).toBe('noisy is not paused')
  expect(await typeNext('node bin/sluice.js queue drain noisy')).toBe('nothing is stored for noisy')
  expect(delivered()).toBe(7)

  sink.setFault('noisy', { status: 503 })
  await push(2)
  expect(await typeNext('node bin/sluice.js queue drop noisy')).toMatch(
    /^dropped for noisy: \d batch(es)?, 2 samples, /,
  )
  await push(1)
  expect(JSON.parse(await typeNext('curl -s http://127.0.0.1:12345/api/v1/queue'))).toMatchObject({
    queues: [{ samples: 1 }],
  })
  expect(await typeNext('/queue/pause')).toBe('{"paused":true}')
  expect(await typeNext('/queue/resume')).toBe('{"resumed":false}')

  proxy.signal('SIGTERM')
  expect(await proxy.ended).toEqual({ code: 0, signal: null })
  expect(await typeNext('node bin/sluice.js queue list --storage.path')).toMatch(/\nnoisy .* paused$/m)
  expect(await typeNext('node bin/sluice.js queue drop noisy --storage.path')).toMatch(/^dropped for noisy: 1 batch/)
  expect(next).toBe(rest.length)
  expect(sink.store.counts('calm')).toMatchObject({ samples: 10, duplicates: 0 })
})
