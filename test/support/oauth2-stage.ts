// An upstream that takes everything, a token server that the test plays, and the link between them, over real sockets.

import { onTestFinished } from 'vitest'
import { oauth2 } from '../../src/client/oauth2/oauth2.ts'
import { maxTokenAnswerBytes } from '../../src/client/oauth2/token-answer.ts'
import { markForeign } from '../../src/client/redirect-hop.ts'
import { createTransport } from '../../src/client/transport.ts'
import type { OAuth2Settings } from '../../src/config/http-client/http-client-settings.ts'
import { inline } from '../../src/config/secret.ts'
import type { HttpRequest, HttpResponse, Send } from '../../src/wire/message.ts'
import { plainRequest } from './sent.ts'
import { type Answer, type Asked, type StandIn, standIn } from './stand-in.ts'

export interface OAuth2Stage {
  readonly tokenServer: StandIn
  readonly upstream: StandIn
  readonly settings: OAuth2Settings
  send(rest?: Partial<HttpRequest>): Promise<HttpResponse>
  sendForeign(): Promise<HttpResponse>
  /** Lets the link's clock go on, in ms. */
  pass(ms: number): void
  /** What the link put before the upstream, request by request. */
  authorizations(): readonly (string | undefined)[]
}

export interface StageOptions {
  readonly settings?: Partial<OAuth2Settings>
  /** Answer of the upstream; default 204. */
  readonly upstreamStatus?: number
  /** Default: the token server over a transport. */
  readonly tokenClient?: Send
  /** Looks at each request as it goes out. */
  readonly onSend?: (request: HttpRequest) => void
}

/** Default settings: client `id` with the secret `secret`. */
export async function oauth2Stage(
  answerToken: (asked: Asked) => Answer | Promise<Answer>,
  { settings = {}, upstreamStatus = 204, tokenClient, onSend }: StageOptions = {},
): Promise<OAuth2Stage> {
  const tokenServer = await standIn(answerToken)
  const upstream = await standIn(() => ({ status: upstreamStatus }))
  const transport = createTransport({ maxKeptBytes: maxTokenAnswerBytes })
  onTestFinished(() => transport.destroy())
  let time = 1_700_000_000_000
  const whole: OAuth2Settings = {
    clientId: 'id',
    clientSecret: inline('secret'),
    grantType: 'client_credentials',
    signatureAlgorithm: 'RS256',
    claims: {},
    scopes: [],
    tokenUrl: `${tokenServer.url}/token`,
    endpointParams: {},
    tls: {},
    proxy: {},
    ...settings,
  }
  const link = oauth2(whole, { tokenClient: tokenClient ?? transport.send, now: () => time })
  const through = link((request) => {
    onSend?.(request)
    return transport.send(request)
  })
  const request = { ...plainRequest, url: `${upstream.url}/push` }
  return {
    tokenServer,
    upstream,
    settings: whole,
    send: (rest = {}) => through({ ...request, ...rest }),
    sendForeign: () => through(markForeign({ ...request })),
    pass(ms) {
      time += ms
    },
    authorizations: () => upstream.asked.map(({ headers }) => headers.authorization),
  }
}
