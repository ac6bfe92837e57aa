import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { uncompressSync } from 'snappy'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../test/support/until.ts'
import type { Clock } from './clock.ts'
import { makePaint } from './dev-screen.ts'
import { decodeWriteRequest, encodeWriteRequest, type SeriesInput, snappyBlock } from './encode.ts'
import { type DevOptions, type DevProxy, type DevProxyOptions, runDev } from './run-dev.ts'

const protocol = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
}

/** The smallest proxy that splits. Without memory it repeats to every tenant what one of them refused. */
const fakeProxy =
  (withMemory: boolean, onTried: (tsMs: number) => void) =>
  async (options: DevProxyOptions): Promise<DevProxy> => {
    const done = new Set<string>()
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const body = Buffer.concat(chunks)
      const { series } = decodeWriteRequest(uncompressSync(body, { copyOutputData: true }) as Buffer)
      const parts = new Map<string, SeriesInput[]>()
      for (const { labels, samples } of series) {
        const tenant = labels.find(([name]) => name === options.tenantLabel)?.[1] ?? ''
        const rest = labels.filter(([name]) => name !== options.tenantLabel)
        const one = { labels: rest, samples: samples.map(({ bits, tsMs }) => [bits, tsMs] as const) }
        parts.set(tenant, [...(parts.get(tenant) ?? []), one])
      }
      let worst = 204
      for (const [tenant, part] of parts) {
        const key = `${tenant} ${createHash('sha256').update(body).digest('hex')}`
        if (withMemory && done.has(key)) continue
        const answer = await fetch(options.target, {
          method: 'POST',
          body: snappyBlock(encodeWriteRequest({ series: part })),
          headers: { ...protocol, 'x-scope-orgid': tenant },
        }).catch(() => undefined)
        await answer?.text()
        if (answer?.ok === true) done.add(key)
        worst = Math.max(worst, answer?.status ?? 503)
      }
      const tsMs = series[0]?.samples[0]?.tsMs
      if (tsMs !== undefined) onTried(tsMs)
      response.writeHead(worst).end()
    })
    const [host, port] = options.listen.split(':')
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(Number(port), host, resolve))
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      close: async () => {
        server.close()
        server.closeAllConnections()
      },
    }
  }

/** A clock that runs fifty times as fast. */
const fastClock = (): Clock => {
  const start = Date.now()
  return {
    now: () => start + (Date.now() - start) * 50,
    sleep: (ms, signal) => wait(ms / 50, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
  }
}

const run = async (options: Partial<DevOptions>, withMemory = true): Promise<{ lines: string[]; checks: unknown }> => {
  const lines: string[] = []
  const tried = new Set<number>()
  const { signal = new AbortController().signal } = options
  const clock = fastClock()
  let pushes = 0
  /** However slow the machine is: the next push is made once those before it have been tried. */
  const sleep: Clock['sleep'] = async (ms, given) => {
    await clock.sleep(ms, given)
    if (given !== signal) return
    pushes++
    await until(() => signal.aborted || tried.size >= pushes, { what: `${pushes} pushes are tried`, everyMs: 1 })
  }
  const { checks } = await runDev({
    version: '1.2.3',
    startProxy: fakeProxy(withMemory, (tsMs) => tried.add(tsMs)),
    write: (line) => lines.push(line),
    paint: makePaint({}, {}),
    listen: '127.0.0.1:0',
    sinkListen: '127.0.0.1:0',
    clock: { ...clock, sleep },
    ...options,
    signal,
  })
  return { lines, checks }
}

test('one tenant breaks and recovers; everything arrives exactly once', async () => {
  const { lines, checks } = await run({ until: 40, breakAfter: 5, recoverAfter: 25 })
  const all = { made: 25 * 16, once: 25 * 16, missing: 0, twice: 0, wrong: 0 }
  expect(checks).toEqual([
    { tenant: 'team-a', ...all },
    { tenant: 'team-b', ...all },
    { tenant: 'team-c', ...all },
  ])
  const said = (text: RegExp): number => lines.findIndex((line) => text.test(line))
  expect(lines[0]).toMatch(/^Sluice 1\.2\.3 ready in \d+ ms$/)
  expect(said(/push to {2}http:\/\/127\.0\.0\.1:\d+\/api\/v1\/push {2}remote write 1$/)).toBe(2)
  const broke = said(/team-b's backend answers 500 from now on, on purpose\. Watch team-a and team-c\.$/)
  const recovered = said(/team-b's backend is healthy again\. The sender repeated whole pushes \d+ times meanwhile\.$/)
  const verdict = said(/team-a: all 400 samples arrived exactly once$/)
  expect([broke, recovered, verdict].every((line) => line > 0)).toBe(true)
  expect(broke < recovered && recovered < verdict).toBe(true)
  // While team-b fails, the others go on.
  const table = lines.slice(broke, recovered).filter((line) => line.includes('delivered'))
  const last = /team-a +(\d+) delivered +(\d+) failed +team-b +(\d+) delivered +(\d+) failed/.exec(table.at(-1) ?? '')
  const [a, aFailed, b, bFailed] = (last ?? []).slice(1).map(Number)
  expect(a).toBeGreaterThan(b as number)
  expect(aFailed).toBe(0)
  expect(bFailed).toBeGreaterThan(0)
})

test('a proxy that repeats what was delivered is found out', async () => {
  const { lines, checks } = await run({ until: 8, breakAfter: 3, recoverAfter: 6 }, false)
  expect(checks).toMatchObject([{ made: 96, missing: 0 }, { once: 96 }, { made: 96, missing: 0 }])
  expect(
    lines.some((line) =>
      /team-a: of 96 samples \d+ arrived exactly once, 0 are missing, [1-9]\d* came twice/.test(line),
    ),
  ).toBe(true)
})

test('it ends before the tenant recovers: the tenant recovers all the same', async () => {
  const { checks } = await run({ until: 6, breakAfter: 3, recoverAfter: 100 })
  expect(checks).toMatchObject([{ once: 96 }, { once: 96 }, { once: 96 }])
})

test('the signal ends it, and everything is stopped', async () => {
  const stop = new AbortController()
  const lines: string[] = []
  const write = (line: string): void => {
    lines.push(line)
    if (line.includes('delivered')) stop.abort()
  }
  const { checks } = await run({ signal: stop.signal, write })
  expect(checks).toEqual([])
  const url = /http:\S+/.exec(lines.find((line) => line.includes('arrived')) ?? '')?.[0] ?? ''
  await expect(fetch(url)).rejects.toThrow('fetch failed')
})

test('an address that is taken is replaced by a free one; other failures stop it', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void taken.close())
  const listen = `127.0.0.1:${(taken.address() as AddressInfo).port}`
  const { checks } = await run({ listen, sinkListen: listen, until: 1 })
  expect(checks).toMatchObject([{ once: 16 }, { once: 16 }, { once: 16 }])

  const startProxy = async (): Promise<never> => {
    throw new Error('no')
  }
  await expect(run({ startProxy })).rejects.toThrow('no')
})
