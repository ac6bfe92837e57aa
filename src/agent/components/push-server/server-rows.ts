// The arguments of components that listen for pushes: Alloy's `http` block (internal/component/common/net) and what
// stands beside it. One default is not Alloy's: nobody but this machine is listened to unless an address is written.

import { maxTimerMs } from '../../../config/setting-spec.ts'
import type { AttributeSpec, BlockSchema } from '../../graph/component.ts'
import { serverTlsRows } from '../../graph/server-tls.ts'

const seconds = 1000
/** What Go calls a time-out of none has no use here: a sender that hangs would hold its share for ever. */
const timeout = { type: 'duration', min: 1, max: maxTimerMs } as const

const tlsSchema: BlockSchema = {
  attributes: {
    ...serverTlsRows('senders'),
    client_ca: { type: 'string', doc: 'The same as `client_ca_pem`.' },
  },
  blocks: {},
  unsupported: {
    cipher_suites: 'take it out: those of the runtime apply',
    min_version: 'take it out: TLS 1.2 is the oldest that is spoken',
  },
}

const httpSchema: BlockSchema = {
  attributes: {
    listen_address: {
      type: 'string',
      default: '127.0.0.1',
      doc: 'Address to listen on; `""`, Alloy’s default, is every interface.',
    },
    listen_port: { type: 'integer', min: 0, max: 65_535, default: 8080, doc: 'Port to listen on; 0 is any free one.' },
    conn_limit: {
      type: 'integer',
      min: 0,
      max: 1_000_000,
      default: 0,
      doc: 'Most connections at a time; 0 is no limit. One beyond is closed at once, where Alloy lets it wait.',
    },
    server_read_timeout: {
      ...timeout,
      default: 30 * seconds,
      doc: 'Head and body of a request each have to be there in this time; a sender that is slower gets 503.',
    },
    server_write_timeout: {
      ...timeout,
      ignored: 'an answer waits for all that the push reaches, and is too short to wait for its sender',
      doc: 'Alloy’s time for handling and answering a request.',
    },
    server_idle_timeout: {
      ...timeout,
      default: 120 * seconds,
      doc: 'A connection without a request is closed after this time.',
    },
  },
  blocks: { tls: { doc: 'TLS of the server.', schema: tlsSchema } },
  unsupported: { http2: 'take it out: HTTP/1.1 is spoken' },
}

/** Attributes and blocks of a component's schema. */
export const serverRows = {
  attributes: {
    graceful_shutdown_timeout: {
      ...timeout,
      default: 30 * seconds,
      doc: 'Time for the requests under way when the server stops or moves to another address.',
    } satisfies AttributeSpec,
  },
  blocks: { http: { doc: 'The server that takes pushes.', schema: httpSchema } },
  unsupported: { grpc: 'take it out, and have senders use HTTP' },
} satisfies BlockSchema
