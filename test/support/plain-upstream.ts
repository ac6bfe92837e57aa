// An upstream that takes everything and looks at nothing: cheap beside a program that is measured.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface PlainUpstream {
  readonly url: string
  /** Requests taken so far. */
  readonly requests: number
}

/** Answers 204 to everything until the test ends. */
export async function startPlainUpstream(): Promise<PlainUpstream> {
  let requests = 0
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      requests++
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    get requests() {
      return requests
    },
  }
}
