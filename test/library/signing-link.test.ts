// The hook from outside: a link that this package knows nothing of (examples/library/signing-link.ts), inside the one
// that splits. The receiver verifies what it is sent.

import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { decodeWriteRequest } from '../../src/dev/encode.ts'
import { chain, type Link, type Send, tenantLink } from '../../src/index.ts'
import { uncompress } from '../../src/wire/snappy.ts'
import { series, write } from '../support/bodies.ts'
import { root } from '../support/sluice.ts'

const { signing } = (await import(join(root, 'examples/library/signing-link.ts'))) as {
  signing: (key: string) => Link
}
const key = 'a shared key'
const body = write(['a', 'b', 'a'].map((tenant, k) => series('__name__=up', `instance=${k}`, `tenant=${tenant}`)))
const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }

/** Answers 401 to what is not signed by the key; keeps what it took. */
async function verifyingReceiver() {
  const taken: { readonly tenant: unknown; readonly series: number }[] = []
  const server = createServer(async (request, response) => {
    const received = await buffer(request)
    const wanted = createHmac('sha256', key).update(received).digest('hex')
    if (request.headers['x-signature'] !== wanted) return response.writeHead(401).end('bad signature')
    const { series } = decodeWriteRequest(uncompress(received, 1 << 20))
    taken.push({ tenant: request.headers['x-scope-orgid'], series: series.length })
    return response.writeHead(204).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/push`, taken }
}

const overFetch: Send = async ({ method, url, headers, body }) => {
  const response = await fetch(url, { method, headers, body: new Uint8Array(body) })
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: new Uint8Array(await response.arrayBuffer()),
  }
}

test('each part is signed by itself', async () => {
  const { url, taken } = await verifyingReceiver()
  const send = chain([tenantLink({ labels: ['tenant'] }), signing(key)], overFetch)
  expect(await send({ method: 'POST', url, headers, body })).toMatchObject({ status: 204 })
  expect(taken.sort((one, other) => other.series - one.series)).toEqual([
    { tenant: 'a', series: 2 },
    { tenant: 'b', series: 1 },
  ])

  const forged = chain([tenantLink({ labels: ['tenant'] }), signing('another key')], overFetch)
  const refused = await forged({ method: 'POST', url, headers, body })
  expect([refused.status, Buffer.from(refused.body).toString()]).toEqual([
    400,
    expect.stringContaining('bad signature'),
  ])
  expect(taken.length).toBe(2)
})

test('the wrong order is refused when the chain is built', () => {
  const never: Send = () => expect.unreachable('nothing is sent')
  expect(() => chain([signing(key), tenantLink({ labels: ['tenant'] })], never)).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(
        /^link 1 \(signing\) signs the whole body and stands before a link that splits it/,
      ),
    }),
  )
})

test('the hook is 20 lines', () => {
  const lines = readFileSync(join(root, 'examples/library/signing-link.ts'), 'utf8').trimEnd().split('\n')
  expect(lines.length).toBeLessThanOrEqual(20)
})
