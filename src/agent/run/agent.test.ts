import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { steps } from '../../../test/support/agent-kinds.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { resolveAgentSettings } from '../../config/agent-settings.ts'
import { defaultSettings } from '../../config/settings.ts'
import { type RunningAgent, startAgent } from './agent.ts'
import { createAgentLog } from './agent-log.ts'

async function setup(config: string, change: { readonly httpListen?: string } = {}) {
  const folder = temporaryFolder()
  const [path, store] = [join(folder, 'a.alloy'), join(folder, 'store')]
  const write = (text: string): void => writeFileSync(path, text)
  write(config)
  const lines: string[] = []
  const test = steps()
  const settings = {
    ...resolveAgentSettings(defaultSettings),
    ...{ httpListen: '127.0.0.1:0', storage: { path: store, maxBytes: 1 << 20 } },
    ...change,
  }
  const start = async (): Promise<RunningAgent> => {
    const agent = await startAgent({
      ...{ path, settings, kinds: test.kinds, stability: 'generally-available', version: '0', processMetrics: false },
      log: createAgentLog((line) => lines.push(line)),
      handler: (running) => (request, response) => void response.end(`${request.url} ${running.notReady().join()}`),
    })
    onTestFinished(() => agent.stop(AbortSignal.abort()))
    return agent
  }
  return { folder, path, store, write, lines, start, ...test }
}

const calm = new AbortController().signal

test('a wrong file: all of it is said, nothing is touched', async () => {
  const { path, store, start, journal } = await setup('test.step "a" {\n  count = 99\n}\ntest.stop "b" { }\n')
  await expect(start()).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(
      new RegExp(`^Error: ${path}:2:11: [\\s\\S]*\nError: ${path}:4:1: [\\s\\S]*test\\.step`),
    ),
  })
  expect(existsSync(store)).toBe(false)
  expect(journal).toEqual([])
})

test('what fails only when it is built: what was built is stopped, and the store let go', async () => {
  const { start, journal, write } = await setup('test.step "a" { }\ntest.step "b" {\n  input = "bad"\n}\n')
  await expect(start()).rejects.toThrow(/:2:1: Failed to build component: bad/)
  expect(journal.filter((line) => / a/.test(line)).sort()).toEqual(['build a', 'stop a'])
  write('test.step "a" { }\n')
  const agent = await start()
  expect(agent.notReady()).toEqual([])
})

test('a port that is taken: nothing is built', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const { start, journal } = await setup('test.step "a" { }\n', { httpListen: `127.0.0.1:${port}` })
  await expect(start()).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(String(port)),
  })
  expect(journal).toEqual([])
})

test('load, reload, end', async () => {
  const { start, write, journal } = await setup('test.step "a" {\n  input = "one"\n}\n')
  const agent = await start()
  expect(await (await fetch(`${agent.url}/x`)).text()).toBe('/x ')
  write('test.step "a" {\n  input = "two"\n}\n')
  expect(await agent.reload()).toEqual({ ok: true })
  write('test.step "a" {\n  input = two\n}\n')
  expect(await agent.reload()).toMatchObject({ ok: false, diagnostics: expect.stringContaining(':2:11:') })
  expect(agent.unhealthy()).toEqual([
    { id: 'test.step.a', reason: expect.stringContaining('the configuration was refused') },
  ])
  const gauges = await agent.metrics.values()
  const health = gauges.find(({ name }) => name === 'alloy_component_controller_running_components')
  expect(Object.fromEntries(health?.values.map(({ labels, value }) => [labels.health_type, value]) ?? [])).toEqual({
    ...{ healthy: 0, unhealthy: 1, unknown: 0, exited: 0 },
  })
  expect(gauges.find(({ name }) => name === 'sluice_config_last_reload_successful')?.values[0]?.value).toBe(0)
  write('test.step "a" {\n  input = "two"\n}\n')
  expect(await agent.reload()).toEqual({ ok: true })
  expect(agent.unhealthy()).toEqual([])
  await agent.stop(calm)
  expect(agent.notReady()).toEqual(['it is stopping'])
  expect(journal).toEqual(['build a one', 'update a two', 'stop a'])
  await expect(fetch(agent.url)).rejects.toThrow()
  expect(await agent.reload()).toEqual({ ok: false, diagnostics: 'the program is stopping' })
})

test('it waits for components, but not in a hurry', async () => {
  const { start, gates, journal } = await setup('test.step "a" { }\n')
  const agent = await start()
  gates.set('test.step.a', new Promise(() => undefined))
  const hurry = new AbortController()
  let ended = false
  const stopped = agent.stop(hurry.signal).then(() => (ended = true))
  await wait(200)
  expect(ended).toBe(false)
  hurry.abort()
  await stopped
  expect(journal).toEqual(['build a'])
})

test('the blocks logging and http, as they are now', async () => {
  const { start, write, lines } = await setup('logging {\n  format = "json"\n}\n')
  const agent = await start()
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ level: 'info', msg: 'the configuration was loaded' })
  const auth = 'http {\n  auth {\n    basic {\n      username = "u"\n      password = "p"\n    }\n  }\n}\n'
  write(auth)
  await agent.reload()
  expect(lines.at(-1)).toMatch(/^ts=\S+ level=info msg="the configuration was reloaded" path=/)
  expect((await fetch(agent.url)).status).toBe(401)
  const authorization = `Basic ${Buffer.from('u:p').toString('base64')}`
  expect((await fetch(agent.url, { headers: { authorization } })).status).toBe(200)
  write(`logging {\n  level = "error"\n}\n`)
  await agent.reload()
  expect(lines.at(-1)).not.toMatch(/level=error/)
  const count = lines.length
  await agent.reload()
  expect(lines.length).toBe(count)
  expect((await fetch(agent.url)).status).toBe(200)
  write('http {\n  tls {\n    cert_file = "/nowhere/cert"\n    key_file = "/nowhere/key"\n  }\n}\n')
  expect(await agent.reload()).toMatchObject({ ok: false, diagnostics: expect.stringContaining('/nowhere/cert') })
  expect((await fetch(agent.url)).status).toBe(200)
})
