// What only shows when the event loop has other work: the server has to be in a thread of its own.

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { createAuthority } from '../../test/support/certificate.ts'
import { createTransport } from './transport.ts'

/** Answers every push of `length` bytes, head included or not, at once. */
const serverCode = `
  const { parentPort, workerData } = require('node:worker_threads')
  const answer = (socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      if (bytes.includes('POST ')) socket.write('HTTP/1.1 200 OK\\r\\ncontent-length: 0\\r\\n\\r\\n')
    })
  }
  const server = workerData.cert ? require('node:tls').createServer(workerData, answer) : require('node:net').createServer(answer)
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

test('connections are used again when answers are there before the loop hears that the request has left', async () => {
  const authority = createAuthority()
  const { certificate: cert, key } = authority.issue()
  for (const scheme of ['http', 'https']) {
    const workerData = scheme === 'https' ? { cert, key } : {}
    const worker = new Worker(serverCode, { eval: true, workerData })
    onTestFinished(() => void worker.terminate())
    const [port] = await once(worker, 'message')
    const transport = createTransport({ maxConnections: 4, ca: authority.certificate })
    onTestFinished(() => transport.destroy())
    const request = { method: 'POST', url: `${scheme}://127.0.0.1:${port}/`, headers: {}, body: Buffer.from('x') }
    const work = async () => {
      for (let k = 0; k < 25; k++) {
        await new Promise((resolve) => setImmediate(resolve))
        const answer = transport.send(request)
        // The rest of a turn that takes long: the answer comes meanwhile.
        await null
        for (const until = performance.now() + 2; performance.now() < until; );
        expect((await answer).status).toBe(200)
      }
    }
    await Promise.all([work(), work(), work(), work()])
    expect([scheme, transport.stats()]).toEqual([scheme, { connections: 4, idle: 4, waiting: 0, opened: 4 }])
  }
})
