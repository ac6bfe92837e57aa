import { createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Sender } from './sender.ts'

const request = Buffer.from('POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n')

/** A sender and a server that does `answer` with every request; `connections` counts what was accepted. */
async function pair(answer: (socket: Socket) => void) {
  const seen = { connections: 0 }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    seen.connections++
    sockets.add(socket)
    socket.on('data', () => answer(socket)).on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const sender = new Sender(typeof address === 'object' && address !== null ? address.port : 0)
  onTestFinished(() => {
    sender.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { sender, seen }
}

test('one connection carries all requests', async () => {
  const { sender, seen } = await pair((socket) => socket.write('HTTP/1.1 429 No\r\nContent-Length: 2\r\n\r\nno'))
  expect((await sender.send(request)).status).toBe(429)
  expect((await sender.send(request)).status).toBe(429)
  expect(seen.connections).toBe(1)
})

test('an answer that closes the connection counts; the next request takes a new one', async () => {
  const { sender, seen } = await pair((socket) => socket.end('HTTP/1.1 204 OK\r\nConnection: close\r\n\r\n'))
  expect((await sender.send(request)).status).toBe(204)
  expect((await sender.send(request)).status).toBe(204)
  expect(seen.connections).toBe(2)
})

test('no answer is an error, and the request is not repeated', async () => {
  const { sender, seen } = await pair((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le'))
  await expect(sender.send(request)).rejects.toThrow(/closed before the answer/)
  expect(seen.connections).toBe(1)
})

test('nobody there is an error', async () => {
  const { sender } = await pair(() => {})
  sender.close()
  await expect(new Sender(1).send(request)).rejects.toThrow(/ECONNREFUSED/)
})
