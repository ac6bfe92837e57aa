import { expect, test } from 'vitest'
import { type IssuedToken, tokenCache } from './token-cache.ts'

/** A cache over a token server that the test plays, and a clock that the test moves. */
function played(earlyMs = 60_000) {
  let time = 1_000_000
  const asked: { issue: (value: string, lifeMs?: number) => Promise<void>; fail: (why: string) => Promise<void> }[] = []
  const cache = tokenCache({
    now: () => time,
    earlyMs,
    fetchToken: () =>
      new Promise<IssuedToken>((resolve, reject) =>
        asked.push({
          async issue(value, lifeMs) {
            resolve({ value, expiresAt: lifeMs === undefined ? undefined : time + lifeMs })
            await settled()
          },
          async fail(why) {
            reject(new Error(why))
            await settled()
          },
        }),
      ),
  })
  return {
    cache,
    asked,
    pass: (ms: number) => {
      time += ms
    },
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('fifty requests wait for one fetch, later ones for none', async () => {
  const { cache, asked } = played()
  expect(cache.current()).toBeUndefined()
  const waiting = Array.from({ length: 50 }, () => cache.get())
  await settled()
  expect(asked).toHaveLength(1)
  await asked[0]!.issue('a', 3_600_000)
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['a']))
  expect(cache.current()).toBe('a')
  expect(await cache.get()).toBe('a')
  expect(asked).toHaveLength(1)
})

test('renewed before its end, while the old one serves', async () => {
  const { cache, asked, pass } = played()
  const first = cache.get()
  await settled()
  await asked[0]!.issue('a', 3_600_000)
  await first
  pass(3_539_999)
  expect(cache.current()).toBe('a')
  await settled()
  expect(asked).toHaveLength(1)
  pass(1)
  expect([cache.current(), cache.current(), await cache.get()]).toEqual(['a', 'a', 'a'])
  await settled()
  expect(asked).toHaveLength(2)
  await asked[1]!.issue('b', 3_600_000)
  expect(cache.current()).toBe('b')
})

test('a renewal that fails is tried again in a while; nobody notices until the end, which comes early', async () => {
  const { cache, asked, pass } = played()
  const first = cache.get()
  await settled()
  await asked[0]!.issue('a', 3_600_000)
  await first
  pass(3_550_000)
  cache.current()
  await settled()
  await asked[1]!.fail('down')
  expect(cache.current()).toBe('a')
  await settled()
  expect(asked).toHaveLength(2)
  pass(5_000)
  expect(cache.current()).toBe('a')
  await settled()
  expect(asked).toHaveLength(3)
  await asked[2]!.fail('down')
  // 10 s before its end it is not handed out any more.
  pass(35_000)
  expect(cache.current()).toBeUndefined()
  const waiting = cache.get()
  await settled()
  await Promise.all([expect(waiting).rejects.toThrow('down'), asked[3]!.fail('down')])
  // Each request that needs it asks again.
  const next = cache.get()
  await settled()
  await asked[4]!.issue('b', 1000)
  expect(await next).toBe('b')
})

test('early is at most half of a token’s life, and what has no end is never renewed', async () => {
  const check = async (earlyMs: number, lifeMs: number | undefined, renewedAt: number) => {
    const { cache, asked, pass } = played(earlyMs)
    const first = cache.get()
    await settled()
    await asked[0]!.issue('a', lifeMs)
    await first
    if (!Number.isFinite(renewedAt)) {
      pass(1e12)
      expect(cache.current()).toBe('a')
      await settled()
      expect(asked).toHaveLength(1)
      return
    }
    pass(renewedAt - 1)
    expect(cache.current()).toBe('a')
    await settled()
    expect(asked).toHaveLength(1)
    pass(1)
    expect(cache.current()).toBe('a')
    await settled()
    expect(asked).toHaveLength(2)
  }
  await check(300_000, 60_000, 30_000)
  await check(Number.POSITIVE_INFINITY, 3_600_000, 1_800_000)
  await check(300_000, undefined, Number.POSITIVE_INFINITY)
  await check(Number.POSITIVE_INFINITY, undefined, Number.POSITIVE_INFINITY)
})

test('a token that is expired when it comes is none', async () => {
  const { cache, asked } = played()
  for (const lifeMs of [0, -1, Number.NaN]) {
    const waiting = cache.get()
    await settled()
    await Promise.all([
      expect(waiting).rejects.toMatchObject({
        code: 'CREDENTIALS_UNAVAILABLE',
        message: expect.stringContaining('clock'),
      }),
      asked.at(-1)!.issue('a', lifeMs),
    ])
    expect(cache.current()).toBeUndefined()
  }
})

test('who waits may give up; the others get the token', async () => {
  const { cache, asked } = played()
  const abort = new AbortController()
  const aborted = cache.get({ signal: abort.signal })
  const late = cache.get({ timeoutMs: 5 })
  const patient = cache.get({ signal: new AbortController().signal, timeoutMs: 60_000 })
  abort.abort(new Error('no more'))
  await expect(aborted).rejects.toThrow('no more')
  await expect(cache.get({ signal: abort.signal })).rejects.toThrow('no more')
  await expect(late).rejects.toMatchObject({ code: 'CREDENTIALS_UNAVAILABLE', message: 'no token within 5 ms' })
  expect(asked).toHaveLength(1)
  await asked[0]!.issue('a', 3_600_000)
  expect(await patient).toBe('a')
})

test('dropped: a token asked for before is not kept', async () => {
  const { cache, asked } = played()
  const old = cache.get()
  await settled()
  cache.drop()
  const fresh = cache.get()
  await settled()
  expect(asked).toHaveLength(2)
  await asked[1]!.issue('new', 3_600_000)
  await asked[0]!.issue('old', 3_600_000)
  expect([await old, await fresh, cache.current()]).toEqual(['old', 'new', 'new'])
  cache.drop()
  expect(cache.current()).toBeUndefined()
})
