// The same settings given to a real Prometheus and to our client: what each puts before the upstream, the token server
// and the outbound proxy is the same, but for the differences that are named. Settings that the installed Prometheus
// does not know are left out, and said so.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { chain } from '../../src/client/chain.ts'
import { standardLinks } from '../../src/client/standard-links.ts'
import { createTransport } from '../../src/client/transport.ts'
import { loadHttpClientFile } from '../../src/config/http-client/load-http-client.ts'
import { createAuthority } from '../support/certificate.ts'
import { testWith } from '../support/peers.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { promtoolVerdicts, startAgent } from './prometheus-agent.ts'
import { type CaseFiles, type ComparedCase, comparedCases } from './prometheus-cases.ts'
import { type RecordingStage, recordingStage } from './recording-stage.ts'
import { onLoopback } from './upstreams.ts'

interface Prepared extends ComparedCase {
  readonly name: string
  readonly stage: RecordingStage
  readonly to: string
  readonly config: Readonly<Record<string, unknown>>
}

async function prepare(): Promise<readonly Prepared[]> {
  const folder = temporaryFolder()
  const file: CaseFiles['file'] = (name, text) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const authority = createAuthority()
  const [server, one] = [authority.issue(['127.0.0.1', 'localhost', 'upstream.test']), authority.issue(['the client'])]
  const files = {
    file,
    ca: file('ca.pem', authority.certificate),
    otherCa: file('other.pem', createAuthority('Other').certificate),
    clientCert: file('client.pem', one.certificate),
    clientKey: file('client.key', one.key),
  }
  const prepared = Object.entries(comparedCases).map(async ([name, each]) => {
    const stage = await recordingStage({ server })
    const to = each.url?.(stage.ports) ?? `http://127.0.0.1:${stage.ports.plain}/push`
    // The default has changed since 2.42.
    const config = { enable_http2: false, ...each.settings(stage.ports, files) }
    return { ...each, name, stage, to, config }
  })
  return Promise.all(prepared)
}

/** What Prometheus puts on a push before any setting has its say. */
const headers = {
  'content-encoding': 'snappy',
  'content-type': 'application/x-protobuf',
  'x-prometheus-remote-write-version': '0.1.0',
  'user-agent': 'sluice-test',
}

async function push({ config, to }: Pick<Prepared, 'config' | 'to'>): Promise<void> {
  const loaded = loadHttpClientFile({ name: 'http.yml', text: JSON.stringify(config) })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
  const { tls, proxy, enableHttp2: http2 } = loaded.settings
  const { links, destroy } = standardLinks(loaded.settings, { env: {} })
  const transport = createTransport({ tls, proxy, http2, env: {}, lookup: onLoopback })
  onTestFinished(() => {
    destroy()
    transport.destroy()
  })
  const send = chain([...links.values()], transport.send)
  await send({ method: 'POST', url: to, headers, body: Buffer.from('body'), timeoutMs: 10_000 }).catch(() => undefined)
}

testWith(['prometheus'], 'what reaches the servers is what Prometheus sends', async () => {
  const all = await prepare()
  const verdicts = await promtoolVerdicts(all.map(({ config, to }) => ({ ...config, url: to })))
  const [known, unknown] = [all.filter((_, k) => verdicts[k] === ''), all.filter((_, k) => verdicts[k] !== '')]
  for (const { name } of unknown)
    console.warn(`SKIPPED "${name}": the installed Prometheus does not know these settings`)
  const agent = await startAgent(known.map(({ config, to }) => ({ ...config, url: to })))
  const waiting = () => known.filter(({ stage, isSilent }) => isSilent !== true && !stage.wasReached())
  await until(() => waiting().length === 0 || agent.end !== undefined, {
    what: 'Prometheus writes in all ways',
    timeoutMs: 40_000,
    seen: () => [waiting().map(({ name }) => name), agent.stderr.slice(-30)],
  })
  if (agent.end !== undefined) throw new Error(agent.stderr.join('\n'))
  // Not gently: it would wait a minute for what can't be delivered.
  agent.signal('SIGKILL')
  await agent.ended
  const pairs: { readonly one: Prepared; readonly theirs: string; readonly ours: string }[] = []
  for (const one of known) {
    const theirs = one.stage.seen()
    one.stage.forget()
    await push(one)
    const wanted = one.differs === undefined ? theirs : one.differs.ours(theirs)
    // A server hears of the end of a handshake in its own time.
    if (wanted !== '') await until(() => one.stage.seen() !== '', { what: `something arrives with ${one.name}` })
    pairs.push({ one, theirs, ours: one.stage.seen() })
  }
  const losesHeaders = !pairs.find(({ one }) => one.name === 'headers')!.theirs.includes('x-lower')
  if (losesHeaders) console.warn('NOT COMPARED: `headers`, which the installed Prometheus takes and does not send')
  const kept = (text: string): string => {
    // Whether a server that is refused hears of it before or after its own end of the handshake is chance.
    if (text !== '' && !text.includes(' HTTP/')) return 'a connection, and no request'
    return losesHeaders ? text.replace(/\n {2}(x-custom|x-lower|x-scope-orgid|cookie): .*/g, '') : text
  }
  for (const { one, theirs, ours } of pairs) {
    const wanted = one.differs === undefined ? theirs : one.differs.ours(theirs)
    expect(`${one.name}\n${kept(ours)}`).toBe(`${one.name}\n${kept(wanted)}`)
    // An explanation of nothing would hide what comes later.
    if (one.differs !== undefined) expect([one.name, kept(wanted)]).not.toEqual([one.name, kept(theirs)])
  }
  expect(pairs.length).toBeGreaterThanOrEqual(50)
})

// Go's rule, which the Prometheus that is installed may not show: a text's header value is its UTF-8.
test('header values are the same bytes in every version of HTTP', async () => {
  const authority = createAuthority()
  const stage = await recordingStage({ server: authority.issue() })
  const { plain, secure } = stage.ports
  const text = 'grüße €😀'
  const settings = {
    headers: { 'X-Set': text },
    authorization: { type: 'Schlüssel', credentials: text },
    tls_config: { insecure_skip_verify: true },
  }
  for (const [to, enable_http2] of [
    [`http://127.0.0.1:${plain}/`, false],
    [`https://127.0.0.1:${secure}/`, false],
    [`https://127.0.0.1:${secure}/`, true],
  ] as const) {
    stage.forget()
    await push({ config: { ...settings, enable_http2 }, to })
    const seen = Buffer.from(stage.seen(), 'latin1').toString('utf8')
    expect(seen).toContain(enable_http2 ? ' HTTP/2.0\n' : ' HTTP/1.1\n')
    expect(seen).toContain(`\n  authorization: Schlüssel ${text}\n`)
    expect(seen).toContain(`\n  x-set: ${text}`)
  }
})
