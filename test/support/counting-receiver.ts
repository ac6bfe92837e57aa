// An upstream as a process of its own, so that what it does takes nothing from the test's: answers every push 200 and
// counts series. Prints its address, and on SIGUSR2 what it has taken.

import { createServer } from 'node:net'
import { uncompressSync } from 'snappy'
import { HttpReader } from '../../bench/http-reader.ts'

const answer = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
let requests = 0
let series = 0

/** Series of a remote write 1 body without metadata: its outermost fields. */
function seriesIn(bytes: Buffer): number {
  let count = 0
  for (let at = 0; at < bytes.length; count++) {
    let size = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[++at]!
      size += (byte & 127) * scale
      if (byte < 128) break
    }
    at += 1 + size
  }
  return count
}

const server = createServer((socket) => {
  let pieces: Buffer[] = []
  const reader = new HttpReader({
    head: () => (pieces = []),
    body: (piece) => void pieces.push(piece),
    end: () => {
      requests++
      series += seriesIn(uncompressSync(Buffer.concat(pieces)) as Buffer)
      socket.write(answer)
    },
  })
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => reader.push(chunk))
})
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  const address = server.address()
  console.log(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/api/v1/push`)
})
process.on('SIGUSR2', () => console.log(`took ${series} series in ${requests} requests`))
