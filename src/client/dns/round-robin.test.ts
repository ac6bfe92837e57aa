import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createTransport, type TransportOptions } from '../transport.ts'
import { roundRobin } from './round-robin.ts'

type Found = Parameters<Parameters<LookupFunction>[2]>

/** Answers as resolvers do: with the list in another order each time. */
function resolver(addresses: readonly string[]): LookupFunction {
  let asked = 0
  return (_hostname, { all }, done) => {
    const turn = asked++ % addresses.length
    const list = [...addresses.slice(turn), ...addresses.slice(0, turn)]
    if (all === true)
      done(
        null,
        list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
    else done(null, list[0]!, 4)
  }
}

const ask = (lookup: LookupFunction, name: string, all = false): Promise<Found> =>
  new Promise((resolve) => lookup(name, { all }, (...found) => resolve(found)))

test('each name’s addresses in turn, whatever order the resolver gives them in', async () => {
  const lookup = roundRobin(resolver(['10.0.0.2', '10.0.0.1', '10.0.0.3']))
  const first = async (name: string) => (await ask(lookup, name))[1]
  const turns = []
  for (let i = 0; i < 6; i++) turns.push(await first('mimir'))
  expect(turns).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.1', '10.0.0.2', '10.0.0.3'])
  expect(await first('loki')).toBe('10.0.0.1')
  const [, list] = await ask(lookup, 'loki', true)
  expect(list).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.1'].map((address) => ({ address, family: 4 })))
})

test('what the resolver says of failure is handed on; a lookup that knows one address only will do', async () => {
  const error = Object.assign(new Error('no'), { code: 'ENOTFOUND' })
  expect(
    (
      await ask(
        roundRobin((_h, _o, done) => done(error, '')),
        'x',
      )
    )[0],
  ).toBe(error)
  expect(
    await ask(
      roundRobin((_h, _o, done) => done(null, [])),
      'x',
    ),
  ).toEqual([null, [], undefined])
  expect(
    await ask(
      roundRobin((_h, _o, done) => done(null, '10.1.1.1', 4)),
      'x',
    ),
  ).toEqual([null, '10.1.1.1', 4])
  expect((await ask(roundRobin(), 'localhost'))[0]).toBeNull()
})

async function answering(address: string, port = 0) {
  const server = createServer((request, response) => request.resume().on('end', () => response.end(address)))
  server.listen(port, address)
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

function client(options: TransportOptions) {
  const transport = createTransport(options)
  onTestFinished(() => transport.destroy())
  return async (port: number) => {
    const url = `http://mimir.test:${port}/`
    const answer = await transport.send({ method: 'POST', url, headers: {}, body: Buffer.from('x'), timeoutMs: 15_000 })
    return Buffer.from(answer.body).toString()
  }
}

test('new connections take the addresses in turn, dual stack or not', async () => {
  const port = await answering('127.0.0.1')
  await answering('127.0.0.2', port)
  const lookup = resolver(['127.0.0.1', '127.0.0.2'])
  const reached = async (options: TransportOptions) => {
    const post = client({ lookup, maxConnectionAgeMs: 1e-9, ...options })
    return [await post(port), await post(port), await post(port)]
  }
  const inTurn = ['127.0.0.1', '127.0.0.2', '127.0.0.1']
  expect(await reached({ roundRobinDns: true })).toEqual(inTurn)
  expect(await reached({ roundRobinDns: true, dualStack: true })).toEqual(inTurn)
  const post = client({ lookup, roundRobinDns: true })
  expect([await post(port), await post(port)]).toEqual(['127.0.0.1', '127.0.0.1'])
})

test('with both stacks, whoever answers first', async () => {
  const port = await answering('127.0.0.1')
  const lookup = resolver(['::1', '127.0.0.1'])
  expect(await client({ lookup, dualStack: true })(port)).toBe('127.0.0.1')
})
