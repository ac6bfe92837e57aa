// Points 9, 11 and 14 of multi-tenancy: nobody gets an id past the rules, or says whose its data is without leave, or
// sets the header beside the tenancy.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decodeWriteRequest } from '../../src/dev/encode.ts'
import { seriesText } from '../../src/dev/sink/series-text.ts'
import { uncompress } from '../../src/wire/snappy.ts'
import { series, write } from '../support/bodies.ts'
import { type PointOptions, pointConfig, startPointAgent } from '../support/point-agent.ts'
import { runSluice } from '../support/sluice.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { type Arrival, startTenantUpstream } from '../support/tenant-upstream.ts'

const longest = 'x'.repeat(150)
const invalid = [
  ...['.', '..', 'a/b', '../a', 'a b', ' a', 'a|b', 'é', '\u0000', '\ufeffa', 'a\n', '__mimir_cluster', `${longest}x`],
  ...['a\r\nX-Evil: 1', 'a\r\n\r\nPOST / HTTP/1.1'],
]

/** `tenant: series`, as upstream got it. */
const shown = ({ tenant, body }: Arrival): string[] =>
  decodeWriteRequest(uncompress(body, 1 << 20)).series.map(({ labels }) => `${tenant}: ${seriesText(labels)}`)

async function startBench(options: Omit<PointOptions, 'upstream'>) {
  const upstream = await startTenantUpstream()
  const started = await startPointAgent({ upstream: upstream.url, ...options })
  let seen = 0
  const arrived = (): string[] => {
    const since = upstream.arrivals.slice(seen)
    seen = upstream.arrivals.length
    return since.flatMap(shown).sort()
  }
  return { ...started, upstream, arrived }
}

test('point 9: an id that is not valid never reaches the wire, from a label, a rule or a header', async () => {
  const rules = 'rule {\nsource_labels = ["ns"]\nregex = "(.+)"\ntarget_label = "__tenant_id__"\n}'
  const tenancy = 'default = "shared"'
  const { agent, push, upstream, arrived } = await startBench({ receive: 'trust_tenant_label = true', rules, tenancy })
  const all = [longest, ...invalid]
  for (const label of ['__tenant_id__', 'ns']) {
    const { status, text } = await push(write(all.map((id, i) => series('__name__=m', `${label}=${id}`, `z=${i}`))))
    expect(status).toBe(400)
    expect(text).toContain(`${invalid.length} series rejected\nrejected invalid_tenant (${invalid.length})`)
    expect(arrived()).toEqual([`${longest}: m{${label === 'ns' ? `ns="${longest}", ` : ''}z="0"}`])
  }
  expect(await agent.metric('sluice_rejected_total', { reason: 'invalid_tenant' })).toBe(2 * invalid.length)
  for (const { headers } of upstream.arrivals) expect(headers).not.toHaveProperty('x-evil')

  const fromHeader = await startBench({ receive: 'tenant_from_header = "X-Tenant"', tenancy })
  const one = write([series('__name__=m')])
  const printable = invalid.filter((id) => /^[!-~]+$/.test(id))
  for (const id of printable) {
    const { status } = await fromHeader.push(one, { 'x-tenant': id })
    expect([id, status, fromHeader.arrived()]).toEqual([id, 400, []])
  }
  expect((await fromHeader.push(one, { 'x-tenant': longest })).status).toBe(200)
  expect(fromHeader.arrived()).toEqual([`${longest}: m`])
})

const spoofed = write([series('__name__=m', '__tenant_id__=victim', 'a=b'), series('__name__=n')])
const asVictim = { 'x-scope-orgid': 'victim' }

test('point 11: senders don’t choose the tenant unless they are let', async () => {
  const { agent, push, arrived } = await startBench({ tenancy: 'default = "shared"' })
  expect((await push(spoofed, asVictim)).status).toBe(200)
  expect(arrived()).toEqual(['shared: m{a="b"}', 'shared: n'])
  // What has no other label belongs to nobody, not to the default either.
  const { status, text } = await push(write([series('__tenant_id__=victim'), series('__name__=o')]))
  expect([status, text]).toEqual([400, expect.stringContaining('rejected no_labels_left (1)')])
  expect(arrived()).toEqual(['shared: o'])
  expect(await agent.metric('sluice_rejected_total', { reason: 'no_labels_left' })).toBe(1)
  expect(await agent.metric('sluice_rejected_samples_total', { reason: 'no_labels_left' })).toBe(1)
})

test('point 11: tenant_from_header names it for all of a push; trust_tenant_label lets labels do', async () => {
  const fromHeader = await startBench({
    receive: 'tenant_from_header = "X-Scope-OrgID"',
    tenancy: 'default = "shared"',
  })
  expect((await fromHeader.push(spoofed, { 'x-scope-orgid': 'gateway' })).status).toBe(200)
  expect(fromHeader.arrived()).toEqual(['gateway: m{a="b"}', 'gateway: n'])
  expect((await fromHeader.push(spoofed)).status).toBe(200)
  expect(fromHeader.arrived()).toEqual(['shared: m{a="b"}', 'shared: n'])

  const trusting = await startBench({ receive: 'trust_tenant_label = true', tenancy: 'default = "shared"' })
  expect((await trusting.push(spoofed, { 'x-scope-orgid': 'gateway' })).status).toBe(200)
  expect(trusting.arrived()).toEqual(['shared: n', 'victim: m{a="b"}'])
})

/** What `sluice validate` says, without the text around it. */
async function problems(options: Omit<PointOptions, 'upstream'>): Promise<readonly string[]> {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'a.alloy'), pointConfig(9999, { upstream: 'http://127.0.0.1:1/push', ...options }))
  const { code, stderr } = await runSluice(['validate', 'a.alloy'], { cwd })
  const said = [...stderr.matchAll(/^Error: a\.alloy:\d+:\d+: (.*)$/gm)].map(([, message = '']) => message)
  expect(code).toBe(said.length > 0 ? 78 : 0)
  return said
}

test('point 14: headers that name the tenant’s are a mistake in the file', async () => {
  const check = async (options: Omit<PointOptions, 'upstream'>, ...want: readonly string[]) =>
    expect(await problems(options)).toEqual(want)
  const own = (name: string): string => `the header "${name}" carries the tenant and cannot be set`
  await check({ endpoint: 'headers = { "X-Team" = "x" }' })
  await check({ endpoint: 'headers = { "x-scope-orgid" = "x" }' }, own('x-scope-orgid'))
  await check({ endpoint: 'http_headers = { "X-Scope-OrgID" = ["x"] }' }, own('X-Scope-OrgID'))
  await check({ endpoint: 'headers = { "X-Scope-OrgID" = "x" }', tenancy: 'header = "X-Team"' })
  await check({ endpoint: 'headers = { "X-Team" = "x" }', tenancy: 'header = "x-team"' }, own('X-Team'))
  await check({ tenancy: 'override {\ntenants = ["a"]\nheaders = { "X-Scope-OrgID" = "x" }\n}' }, own('X-Scope-OrgID'))
})

test('point 14: other headers go beside it', async () => {
  const { push, upstream } = await startBench({
    endpoint: 'headers = { "X-Team" = "own" }',
    tenancy: 'default = "shared"',
  })
  expect((await push(spoofed, asVictim)).status).toBe(200)
  expect(upstream.arrivals.map(({ headers }) => [headers['x-scope-orgid'], headers['x-team']])).toEqual([
    ['shared', 'own'],
  ])
})
