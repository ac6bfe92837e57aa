// What the README tells people to type, typed.

import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from './support/free-port.ts'
import { type Program, startProgram } from './support/program.ts'
import { bodyOf, post, seriesOf } from './support/push.ts'
import { root, runSluice, sluice } from './support/sluice.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** The README's code blocks of a language. */
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text]) => text ?? '')

/** The README's lines of shell that begin so. */
const commands = (start: RegExp): string[] =>
  blocks('sh').flatMap((block) => block.split('\n').filter((line) => start.test(line)))

/** A checkout as far as the commands are concerned, with the README's configuration and a captured body in it. */
function checkout(): string {
  const folder = temporaryFolder()
  for (const part of ['bin', 'examples']) symlinkSync(join(root, part), join(folder, part))
  writeFileSync(join(folder, 'sluice.yml'), blocks('yaml').find((text) => text.includes('sluice:')) ?? '')
  writeFileSync(join(folder, 'captured.snappy'), bodyOf(seriesOf(['team-b', 'team-b', 'two words'], 1)))
  return folder
}

/** Runs a line of shell as it stands, and what is added to it. */
function type(line: string, cwd: string): Program {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter)
  return startProgram({ command: 'sh', args: ['-c', line], cwd, env: { PATH: path } })
}

test('npm start’s command: one tenant breaks, everything arrives exactly once', async () => {
  const { code, stdout, stderr } = await runSluice(['dev', '--pushes', '40', '--interval', '50'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^Sluice \d+\.\d+\.\d+ ready in \d+ ms\n/)
  expect(stdout).toMatch(/- url: http:\/\/127\.0\.0\.1:\d+\/api\/v1\/push\n/)
  expect(stdout).toContain("team-b's backend answers 500 from now on, on purpose. Watch team-a and team-c.")
  expect(stdout.match(/team-[abc]: all \d+ samples arrived exactly once$/gm)).toHaveLength(3)
  expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts.start).toBe('node bin/sluice.js dev')
})

test('sluice dev ends at Ctrl-C', async () => {
  const program = sluice(['dev', '--interval', '50'])
  await program.line(/team-a +\d+ delivered/)
  program.signal('SIGINT')
  expect(await program.ended).toEqual({ code: 0, signal: null })
})

test('the README’s explain examples', async () => {
  const folder = checkout()
  const outputs: string[] = []
  for (const line of commands(/^node bin\/sluice\.js explain/)) {
    const program = type(line, folder)
    expect([await program.ended, program.stderr]).toEqual([{ code: 0, signal: null }, []])
    outputs.push(program.stdout.join('\n'))
  }
  expect(outputs).toEqual([
    `{__name__="up", job="api", tenant="team-a"}
  → tenant team-a, by label tenant
    label tenant = "team-a": chosen
    tenant "team-a" by label tenant
    sent as {__name__="up", job="api"} to http://mimir:8080/api/v1/push with X-Scope-OrgID: team-a`,
    `{__name__="m", tenant="team-b"}
  → tenant team-b, by label tenant
    label tenant = "team-b": chosen
    tenant "team-b" by label tenant
    sent as {__name__="m"} to http://mimir:8080/api/v1/push with X-Scope-OrgID: team-b
{__name__="m", tenant="two words"}
  → rejected: invalid_tenant, by on_invalid
    label tenant = "two words": chosen
    tenant id "two words" is refused: it contains " "; allowed are A-Z a-z 0-9 ! - _ . * ' ( ): on_invalid = reject
     1 × tenant team-b
     1 × rejected (invalid_tenant)`,
    expect.stringContaining('→ tenant team-a, by label __tenant_id__'),
  ])
})

test('the README’s agent: its file is fine, and it starts', async () => {
  const folder = checkout()
  const [validate = 'exit 1'] = commands(/sluice\.js validate/)
  const validated = type(validate, folder)
  expect([await validated.ended, validated.stdout, validated.stderr]).toEqual([{ code: 0, signal: null }, [], []])
  const [run = ''] = commands(/sluice\.js run/)
  const port = await freePort()
  const example = join(folder, 'tenants.alloy')
  writeFileSync(example, readFileSync(join(root, 'examples/agent/tenants.alloy'), 'utf8').replace('9999', `${port}`))
  const line = run.replace('examples/agent/tenants.alloy', 'tenants.alloy')
  const program = type(`exec ${line} --server.http.listen-addr=127.0.0.1:0`, folder)
  const [, url = ''] = await program.line(/^sluice \S+ agent: tenants\.alloy {2}http (\S+)$/)
  expect((await fetch(`${url}/-/ready`)).status).toBe(200)
  program.signal('SIGTERM')
  expect(await program.ended).toEqual({ code: 0, signal: null })
})

test('the README’s ways to start the proxy', async () => {
  const folder = checkout()
  const lines = commands(/bin\/sluice\.js proxy/)
  expect(lines).toHaveLength(2)
  for (const line of lines) {
    const free = ['listen', 'listen_metrics_address', 'server.http.listen_addr'].map((name) => `--${name}=127.0.0.1:0`)
    const program = type(`exec env ${line} ${free.join(' ')}`, folder)
    const [, url = ''] = await program.line(
      /^sluice \S+ proxy: pushes (\S+) {2}metrics http:\S+\/metrics {2}admin http:\S+$/,
    )
    expect((await fetch(`${url}/-/ready`)).status).toBe(200)
    program.signal('SIGTERM')
    expect(await program.ended).toEqual({ code: 0, signal: null })
  }
})

test('sluice sink: what arrived can be asked for, and tenants can be broken', async () => {
  const program = sluice(['sink', '--listen', '127.0.0.1:0'])
  const [, pushUrl = '', url = ''] = await program.line(
    /^sluice sink: metrics (\S+) {2}logs \S+ {2}what arrived (\S+)\/api\/tenants$/,
  )
  const push = async (tsMs: number): Promise<number> => {
    const labels = [['__name__', 'up']] as const
    const headers = { 'x-scope-orgid': 'team-a' }
    return (await post(pushUrl, bodyOf([{ labels, samples: [[1, tsMs]] }]), { headers })).status
  }
  expect(await push(1)).toBe(204)
  const fault = await fetch(`${url}/api/faults/team-a`, { method: 'PUT', body: '{"status":500}' })
  expect([fault.status, await push(2)]).toEqual([204, 500])
  expect(JSON.stringify(await (await fetch(`${url}/api/tenants`)).json())).toContain('"team-a"')
  program.signal('SIGTERM')
  expect(await program.ended).toEqual({ code: 0, signal: null })
})

test('wrong usage: exit 2 and what would be right', async () => {
  const check = async (args: string[], said: RegExp): Promise<void> => {
    const { code, stdout, stderr } = await runSluice(args)
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(said)])
  }
  await check(['porxy'], /unknown command 'porxy'[\s\S]*proxy/)
  await check(['dev', '--pushes', 'many'], /--pushes "many": give a whole number from 1 on/)
  await check(['explain'], /nothing to explain/)
  await check(['proxy', '--tenancy.lables=x'], /--tenancy\.lables[\s\S]*tenancy\.labels/)
  expect((await runSluice(['--help'])).stdout).toContain('sluice [options] [command]')
})
