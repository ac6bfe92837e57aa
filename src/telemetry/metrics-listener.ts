// The metrics listener serves /metrics and nothing else: it is often open to a whole cluster.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { openListener, type SmallListener } from './listen.ts'
import type { MetricsRegistry } from './registry.ts'

export interface MetricsListenerOptions {
  /** ct's `listen_metrics_address`, host:port. */
  readonly address: string
  readonly registry: Pick<MetricsRegistry, 'exposition' | 'contentType'>
}

/** GET and HEAD of /metrics; 405 for other methods, 404 for other paths. Rejects as `openListener` does. */
export function startMetricsListener(options: MetricsListenerOptions): Promise<SmallListener> {
  const { registry } = options
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url?.split('?', 1)[0] !== '/metrics') return end(response, 404, 'not found: metrics are at /metrics\n')
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return end(response, 405, 'use GET\n')
    }
    const text = await registry.exposition().catch(() => undefined)
    if (text === undefined) return end(response, 500, 'the metrics could not be collected\n')
    end(response, 200, text, registry.contentType)
  }
  return openListener({
    address: options.address,
    setting: 'listen_metrics_address',
    handler: (request, response) => {
      request.resume()
      void answer(request, response)
    },
  })
}

function end(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
