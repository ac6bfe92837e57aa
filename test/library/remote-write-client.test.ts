// A client from npm that knows nothing of tenants, with the wrapper as its fetch and nothing else changed.

import { type MinimalFetch, pushTimeseries } from 'prometheus-remote-write'
import { expect, test } from 'vitest'
import { tenantFetch } from '../../src/fetch.ts'
import { testSink } from '../support/test-sink.ts'

const at = (team: string, value: number) => ({
  labels: { __name__: 'up', team },
  samples: [{ value, timestamp: 1_700_000_000_000 }],
})

test('becomes multi-tenant', async () => {
  const sink = await testSink()
  const options = { url: sink.pushUrl, fetch: tenantFetch(fetch as MinimalFetch, { labels: ['team'] }) }
  const push = (...series: ReturnType<typeof at>[]) => pushTimeseries(series, options)

  expect(await push(at('search', 1), at('checkout', 2), at('search', 3))).toEqual({
    status: 204,
    statusText: 'No Content',
    errorMessage: '',
  })
  expect(sink.store.violations).toEqual([])
  expect(sink.store.tenants).toEqual(['checkout', 'search'])
  expect([...sink.store.series('search').keys()]).toEqual(['up'])
  expect(sink.store.counts('search').samples).toBe(2)

  sink.setFault('checkout', { status: 429, retryAfter: 5 })
  const limited = await push(at('search', 4), at('checkout', 5))
  expect(limited).toMatchObject({ status: 429, statusText: 'Too Many Requests' })
  expect(limited.errorMessage).toContain('checkout')
})

test('on its own it is not', async () => {
  const sink = await testSink({ strict: false })
  await pushTimeseries([at('search', 1)], { url: sink.pushUrl, fetch: fetch as MinimalFetch })
  expect(sink.store.tenants).not.toContain('search')
})
