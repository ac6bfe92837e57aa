// An https server in front of a plain http one, for upstreams with certificates of their own.

import { request as forward } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Certified } from './certificate.ts'

export interface HttpsFront {
  /** `https://localhost:port` */
  readonly url: string
  /** Of the requests so far: the Authorization header. */
  readonly authorizations: readonly (string | undefined)[]
}

/** Forwards each request to `target`, a URL without a path. Ends with the test. */
export async function startHttpsFront(target: string, certified: Certified): Promise<HttpsFront> {
  const authorizations: (string | undefined)[] = []
  const server = createServer({ cert: certified.certificate, key: certified.key }, (request, response) => {
    authorizations.push(request.headers.authorization)
    const { method, headers, url = '/' } = request
    const onward = forward(`${target}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, authorizations }
}
