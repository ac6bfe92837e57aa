import { Agent, BalancedPool, Client, type Dispatcher, interceptors, Pool, ProxyAgent, RetryAgent } from 'undici'
import { expect, test } from 'vitest'
import { isBoundToOneOrigin } from './bound-origin.ts'
import type { Dispatch } from './dispatch.ts'

const url = 'http://127.0.0.1:1'

test('undici 7 is asked', async () => {
  const check = async (dispatcher: Dispatcher, isBound: boolean) => {
    const dispatch = dispatcher.dispatch.bind(dispatcher) as Dispatch
    expect(await isBoundToOneOrigin(dispatch, undefined)).toBe(isBound)
    await dispatcher.close()
  }
  await check(new Agent(), false)
  await check(new Agent().compose(interceptors.retry(), interceptors.redirect()), false)
  await check(new Agent().compose(interceptors.dns()), false)
  await check(new RetryAgent(new Agent()), false)
  await check(new ProxyAgent(url), false)
  await check(new Client(url), true)
  await check(new Pool(url), true)
  await check(new BalancedPool(url), true)
  await check(new Pool(url).compose(interceptors.retry()), true)
})

test('undici 8 says it', async () => {
  const never = (() => expect.unreachable('nothing is asked')) as Dispatch
  expect(await isBoundToOneOrigin(never, null)).toBe(false)
  expect(await isBoundToOneOrigin(never, 'http://a')).toBe(true)
})
