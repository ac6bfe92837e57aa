import { createHash } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { metricsOf } from '../../test/support/pipeline.ts'
import { startTenantUpstream } from '../../test/support/tenant-upstream.ts'
import { chain, type Link } from '../client/chain.ts'
import { staticHeaders } from '../client/static-headers.ts'
import { createTransport } from '../client/transport.ts'
import { tenantLink } from './tenant-link.ts'

const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }

/** A caller's own link: signs each body that it sees. */
const sign: Link = Object.assign(
  (next: Parameters<Link>[0]): ReturnType<Link> =>
    function signed(request) {
      const digest = createHash('sha256').update(request.body).digest('hex')
      return next({ ...request, headers: { ...request.headers, 'content-digest': digest } })
    },
  { signsBody: true as const },
)

function transport() {
  const own = createTransport()
  onTestFinished(() => own.destroy())
  return own.send
}

test('a signing link inside: each part is signed by itself; links outside see the whole', async () => {
  const upstream = await startTenantUpstream()
  let outside = 0
  const counting: Link = (next) => (request) => {
    outside++
    return next(request)
  }
  const stamp = staticHeaders({ 'X-Stamp': '1' })
  const send = chain([counting, tenantLink({ labels: ['tenant'] }), stamp, sign], transport())
  const answer = await send({ method: 'POST', url: upstream.url, headers, body: metricsOf(['a', 'b']) })
  expect([answer.status, outside, upstream.arrivals.length]).toEqual([200, 1, 2])
  for (const { headers: seen, body } of upstream.arrivals) {
    expect(seen['content-digest']).toBe(createHash('sha256').update(body).digest('hex'))
    expect(seen['x-stamp']).toBe('1')
  }
})

test('the wrong order is refused, when the chain is made', () => {
  expect(() => chain([sign, tenantLink()], transport())).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('link 1') }),
  )
})

test('wrong options are refused at once; so is the link that nobody called', () => {
  expect(() => tenantLink({ labels: [] })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  expect(() => chain([tenantLink as unknown as Link], transport())).toThrow('an object belongs here, not a function')
})

test('and when a request comes signed from elsewhere', async () => {
  const send = chain([tenantLink({ labels: ['tenant'] })], transport())
  const signed = { ...headers, 'content-digest': 'x' }
  const request = { method: 'POST', url: 'http://127.0.0.1:1/', headers: signed, body: metricsOf(['a']) }
  await expect(send(request)).rejects.toMatchObject({ code: 'SIGNED_BEFORE_SPLIT' })
})

test('time: each part has that of the request; what is not answered in it counts as 504', async () => {
  const upstream = await startTenantUpstream(({ tenant }) => (tenant === 'a' ? 'hang' : 200))
  const send = chain([tenantLink({ labels: ['tenant'] })], transport())
  const body = metricsOf(['a', 'b'])
  const answer = await send({ method: 'POST', url: upstream.url, headers, body, timeoutMs: 2000 })
  expect([answer.status, upstream.tenants()]).toEqual([504, ['a', 'b']])
})

test('a chain made of the same link twice: a push of one is no repeat of the other’s', async () => {
  const upstream = await startTenantUpstream(() => 503)
  const link = tenantLink({ labels: ['tenant'] })
  const [one, two] = [chain([link], transport()), chain([link], transport())]
  const request = { method: 'POST', url: upstream.url, headers, body: metricsOf(['a', 'b']) }
  upstream.tell = ({ tenant }) => (tenant === 'a' ? 200 : 503)
  await one(request)
  upstream.tenants()
  await two(request)
  expect(upstream.tenants()).toEqual(['a', 'b'])
})
