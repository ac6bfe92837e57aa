// The page on convert and explain: its files are written, its commands are typed in their order, and what it shows is
// what they say.

import { execFile } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { testWith } from './support/peers.ts'
import { type Finished, root, runSluice } from './support/sluice.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const guide = readFileSync(join(root, 'docs/convert-and-explain.md'), 'utf8')

interface Fence {
  readonly language: string
  readonly text: string
  /** What stands before it, from the last one. */
  readonly before: string
}

function fences(): readonly Fence[] {
  const found: Fence[] = []
  let from = 0
  for (const match of guide.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)) {
    found.push({ language: match[1] ?? '', text: match[2] ?? '', before: guide.slice(from, match.index) })
    from = match.index + match[0].length
  }
  return found
}

/** The words of a command line: quotes are ', as everywhere on the page. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, inQuotes, plain]) => inQuotes ?? plain ?? '')

test('its commands', async () => {
  const folder = temporaryFolder()
  symlinkSync(join(root, 'bin'), join(folder, 'bin'))
  let last: Finished = { code: 0, stdout: '', stderr: '' }
  let commands = 0
  for (const { language, text, before } of fences()) {
    const [, named] = /as `([\w.-]+)`:\s*$/.exec(before) ?? []
    const [, written] = /writes `([\w.-]+)`:\s*$/.exec(before) ?? []
    if (language === 'sh') {
      const [node, bin, ...args] = wordsOf(text.trim())
      expect([node, bin]).toEqual(['node', 'bin/sluice.js'])
      last = await runSluice(args, { cwd: folder })
      expect({ text, ...last }).toMatchObject({ code: 0 })
      commands++
    } else if (named !== undefined) writeFileSync(join(folder, named), text)
    else if (written !== undefined) expect(readFileSync(join(folder, written), 'utf8')).toBe(text)
    else if (/standard error/.test(before)) expect(last.stderr).toBe(text)
    else expect(last.stdout).toBe(text)
  }
  expect(commands).toBe(6)
  expect(existsSync(join(folder, 'agent.alloy'))).toBe(true)
})

test('what goes elsewhere than expected ends with 1', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.alloy')
  writeFileSync(file, fences().find(({ text }) => text.startsWith('prometheus.receive_http "in"'))?.text ?? '')
  const explain = (...args: readonly string[]) => runSluice(['explain', '--config', file, ...args])
  const wrong = await explain('--expect', 'tenant=shop', 'up{namespace="shop-prod"}')
  expect(wrong.code).toBe(1)
  expect(wrong.stderr).toBe(
    `expected tenant=shop: 1 of 1 series don’t go there\n  {__name__="up", namespace="shop-prod"}: no tenant at prometheus.remote_write.backup/0, by no tenancy\n`,
  )
  expect((await explain('--expect', 'tenant=shop', '--expect', 'tenant=', 'up{namespace="shop-prod"}')).code).toBe(0)
  const unknown = await explain('--from', 'prometheus.relabel.no', 'up')
  expect([unknown.code, unknown.stderr]).toEqual([
    2,
    '--from prometheus.relabel.no: there is no such component; there are prometheus.receive_http.in, prometheus.relabel.team, prometheus.remote_write.mimir, prometheus.remote_write.backup\n',
  ])
  const scraped = '# HELP up help\n# TYPE up gauge\nup{namespace="shop-prod"} 1\nup 0 1700000000000\n'
  const json = await runSluice(['explain', '--config', file, '--json', '-'], { input: scraped })
  const { series, summary } = JSON.parse(json.stdout)
  expect(
    series.map((each: { deliveries: { tenant?: string }[] }) => each.deliveries.map(({ tenant }) => tenant)),
  ).toEqual([
    ['shop', undefined],
    ['shared', undefined],
  ])
  expect(summary).toMatchObject([
    { at: 'prometheus.remote_write.mimir/0', kind: 'tenant', tenant: 'shop', series: 1 },
    { at: 'prometheus.remote_write.backup/0', kind: 'untenanted', series: 2 },
    { at: 'prometheus.remote_write.mimir/0', kind: 'tenant', tenant: 'shared', series: 1 },
  ])
  writeFileSync(file, 'prometheus.remote_write "x" { a = 1 }')
  const broken = await explain('up')
  expect([broken.code, broken.stdout]).toEqual([78, ''])
  expect(broken.stderr).toContain('unrecognized attribute name "a"')
})

const many = `
prometheus.remote_write "a" {
  external_labels = { cluster = "eu" }
  endpoint {
    url = "http://u:p@mimir/push"
    name = "n"
    headers = { "X-Scope-OrgID" = "t" }
    send_native_histograms = true
    proxy_url = "http://proxy:1"
    tls_config { ca_file = "ca"
      insecure_skip_verify = true }
    write_relabel_config { action = "keepequal"
      source_labels = ["a"]
      target_label = "b" }
    write_relabel_config { action = "hashmod"
      source_labels = ["a"]
      modulus = 4
      target_label = "c" }
    queue_config { min_backoff = "1s" }
    metadata_config { send_interval = "2m" }
  }
  endpoint {
    url = "http://other/push"
    oauth2 { client_id = "i"
      client_secret = "s"
      token_url = "http://t"
      scopes = ["x"]
      endpoint_params = { p = "q" } }
    tenancy { default = "t" }
  }
}
prometheus.remote_write "b" {
  external_labels = { cluster = "us" }
  endpoint {
    url = "http://mimir/push"
    name = "n"
    bearer_token = "t"
  }
  endpoint {
    url = "http://mimir/push"
    sigv4 { region = "r" }
  }
}
`

testWith(['prometheus'], 'promtool takes what is converted', async () => {
  const folder = temporaryFolder()
  const [file, output] = [join(folder, 'a.alloy'), join(folder, 'prometheus.yml')]
  writeFileSync(file, many)
  writeFileSync(join(folder, 'ca'), '')
  const { code } = await runSluice(['convert', '-f', 'alloy', '-o', output, file])
  expect(code).toBe(0)
  const { stdout } = await promisify(execFile)('promtool', ['check', 'config', output])
  expect(stdout).toContain('is valid prometheus config file syntax')
})
