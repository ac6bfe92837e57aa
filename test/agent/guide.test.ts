// docs/agent.md, tried out: its files load, and its commands do what it says. The addresses are others.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { bodyOf, post } from '../support/push.ts'
import { root, runSluice, sluice } from '../support/sluice.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { testSink } from '../support/test-sink.ts'

const guide = readFileSync(join(root, 'docs/agent.md'), 'utf8')

/** The guide's code blocks of a language. */
const blocks = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text]) => text ?? '')
const commands = blocks('sh').flatMap((block) => block.trim().split('\n'))
/** A command of the guide as arguments of sluice. */
const argumentsOf = (command: string): string[] =>
  [...command.replace('node bin/sluice.js ', '').matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, word]) => quoted ?? word!,
  )
const command = (start: string): string[] => {
  const found = commands.find((line) => line.startsWith(`node bin/sluice.js ${start}`))
  if (found === undefined) throw new Error(`the guide has no command ${start}`)
  return argumentsOf(found)
}

const examples = readdirSync(join(root, 'examples/agent')).map((name) => `examples/agent/${name}`)

test.each(examples)('%s is right, and written in the one form', async (path) => {
  const { code, stderr } = await runSluice(['validate', path], { cwd: root })
  expect(code).toBe(0)
  const warned = path.endsWith('forward-to.alloy') ? ['Warning: examples/agent/forward-to.alloy:17:3'] : []
  expect(stderr.match(/^(Error|Warning): [^ ]+:\d+:\d+/gm) ?? []).toEqual(warned)
  expect(await runSluice(['fmt', '-t', path], { cwd: root })).toMatchObject({ code: 0 })
})

test('the guide’s files are right; the first is the example', async () => {
  const [first = '', ...others] = blocks('alloy')
  expect(first).toContain('prometheus.receive_http')
  expect(others.length).toBeGreaterThan(2)
  expect(readFileSync(join(root, 'examples/agent/tenants.alloy'), 'utf8')).toContain(first)
  const example = readFileSync(join(root, 'examples/agent/forward-to.alloy'), 'utf8')
  for (const text of others) {
    if (example.includes(text)) continue
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'a.alloy'), text)
    const env = { ADMIN_PASSWORD: 'x' }
    const flags = text.includes('write.v2.Request') ? ['--stability.level=experimental'] : []
    expect(await runSluice(['validate', ...flags, 'a.alloy'], { cwd, env })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
    expect(await runSluice(['fmt', '-t', 'a.alloy'], { cwd })).toMatchObject({ code: 0 })
  }
})

test('its first commands', async () => {
  expect(await runSluice(command('validate'), { cwd: root })).toEqual({ code: 0, stdout: '', stderr: '' })
  const { code, stdout } = await runSluice(command('explain'), { cwd: root })
  expect(code).toBe(0)
  expect(stdout).toContain('X-Scope-OrgID: team-a')
})

test('run, push, look, reload, and the queue’s commands', async () => {
  const sink = await testSink()
  const port = await freePort()
  const cwd = temporaryFolder()
  const [first = ''] = blocks('alloy')
  const file = join(cwd, 'a.alloy')
  writeFileSync(file, first.replace('9999', String(port)).replace('127.0.0.1:9009', new URL(sink.url).host))
  const [run = '', , ...flags] = command('run')
  const agent = sluice([run, file, ...flags, '--server.http.listen-addr=127.0.0.1:0'], { cwd })
  const [, url = ''] = await agent.line(/http (\S+)$/)
  const pushUrl = (blocks('yaml')[0] ?? '').match(/url: (\S+)/)?.[1]?.replace('9999', String(port)) ?? ''
  const push = (namespace: string, ts: number) =>
    post(
      pushUrl,
      bodyOf([
        {
          labels: [
            ['__name__', 'up'],
            ['namespace', namespace],
          ],
          samples: [[1, ts]],
        },
      ]),
    )
  expect((await push('team-a-prod', 1)).status).toBe(204)
  expect([...sink.store.series('team-a').keys()]).toEqual(['up{cluster="berlin", namespace="team-a-prod"}'])
  const refused = await push('other-prod', 1)
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('denied_tenant')])

  const get = async (path: string): Promise<string> => (await fetch(url + path)).text()
  expect(await get('/-/ready')).toBe('Sluice is ready.\n')
  const reload = commands.find((line) => line.startsWith('curl')) ?? ''
  expect(await get(new URL(reload.split(' ')[1] ?? '').pathname)).toBe('config reloaded\n')
  expect(JSON.parse(await get('/api/v1/tenants'))).toMatchObject({ tenants: [{ id: 'team-a', samples_delivered: 1 }] })
  expect(JSON.parse(await get('/api/v1/rejections'))).toMatchObject({ rejections: [{ reason: 'denied_tenant' }] })

  const queue = async (start: string): Promise<string> => {
    const { code, stdout, stderr } = await runSluice([...command(start), `--admin=${new URL(url).host}`])
    expect([code, stderr]).toEqual([0, ''])
    return stdout
  }
  await queue('queue pause')
  expect((await push('team-a-prod', 2)).status).toBeLessThan(300)
  expect(await queue('queue list')).toMatch(/team-a +prometheus\.remote_write\.mimir\/0 +metrics +1 +1 .*paused/)
  await queue('queue resume')
  await queue('queue drain')
  await sink.until(({ store }) => store.counts('team-a').samples === 2)
  agent.signal('SIGTERM')
  expect(await agent.ended).toEqual({ code: 0, signal: null })
})

test('every path of its HTTP server is there', async () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'a.alloy'), 'prometheus.echo "x" { }\n')
  const agent = sluice(['run', 'a.alloy', '--server.http.listen-addr=127.0.0.1:0'], { cwd })
  const [, url = ''] = await agent.line(/http (\S+)$/)
  const [, table = ''] = guide.split('## Its HTTP server')
  const rows = [...table.matchAll(/^\| (`\/.*?) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)])
  const paths = rows.map(([, path = '']) => path.replace('ID', 'prometheus.echo.x'))
  expect(paths.length).toBe(9)
  for (const path of paths) expect([path, (await fetch(url + path)).status]).toEqual([path, 200])
})
