import { expect, test } from 'vitest'
import { metricsOf } from '../../test/support/pipeline.ts'
import { standIn } from '../../test/support/stand-in.ts'
import { tenantFetch } from './tenant-fetch.ts'

const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', authorization: 'Bearer x' }

/** What arrives, and what the caller is told, when upstream answers `status` with this Location. */
async function pushed(status: number, location: string, more: RequestInit = {}) {
  const { url, asked } = await standIn(({ path }) =>
    path === '/push' ? { status, headers: { location: location.replace('HERE', `localhost:${port}`) } } : {},
  )
  const port = new URL(url).port
  const push = { method: 'POST', headers, body: metricsOf(['a']), ...more }
  const answer = await tenantFetch(fetch, { labels: ['tenant'] })(`${url}/push`, push)
  return {
    status: answer.status,
    asked: asked.map(
      ({ method, path, headers, body }) =>
        `${method} ${path} ${body.length > 0 ? 'body' : 'nothing'} ${headers.authorization ?? '-'} ${headers['x-scope-orgid']}`,
    ),
  }
}

test('a POST never becomes a GET, and what upstream did not take is not told as delivered', async () => {
  for (const status of [301, 302, 303]) {
    expect(await pushed(status, '/login')).toEqual({ status: 502, asked: ['POST /push body Bearer x a'] })
  }
})

test('307 and 308 are followed with the body, without credentials to another host', async () => {
  for (const status of [307, 308]) {
    const first = 'POST /push body Bearer x a'
    expect(await pushed(status, '/new')).toEqual({ status: 200, asked: [first, 'POST /new body Bearer x a'] })
    expect(await pushed(status, 'http://HERE/new')).toEqual({ status: 200, asked: [first, 'POST /new body - a'] })
  }
})

test('what the caller says of redirects is left to fetch', async () => {
  const one = ['POST /push body Bearer x a']
  expect(await pushed(308, '/new', { redirect: 'manual' })).toEqual({ status: 502, asked: one })
  expect(await pushed(308, '/new', { redirect: 'error' })).toEqual({ status: 503, asked: one })
})
