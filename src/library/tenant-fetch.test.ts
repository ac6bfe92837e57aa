import { expect, onTestFinished, test } from 'vitest'
import { metricsOf } from '../../test/support/pipeline.ts'
import { startSink } from '../dev/sink/sink.ts'
import { tenantFetch } from './tenant-fetch.ts'

const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }

test('each tenant gets its series; one answer', async () => {
  const sink = await startSink()
  onTestFinished(() => sink.close())
  const results: string[] = []
  const send = tenantFetch(fetch, {
    labels: ['tenant'],
    onTenantResult: ({ tenant, status, series }) => results.push(`${tenant} ${status} ${series}`),
  })
  const answer = await send(sink.pushUrl, { method: 'POST', headers, body: metricsOf(['a', 'b', 'a']) })
  expect([answer.status, answer.statusText, answer.url, await answer.text()]).toEqual([
    204,
    'No Content',
    sink.pushUrl,
    '',
  ])
  expect(sink.store.tenants).toEqual(['a', 'b'])
  expect(results.sort()).toEqual(['a 204 2', 'b 204 1'])
})
