// Makes any program that pushes by fetch multi-tenant: a function of the same type that splits the pushes it sees and
// leaves everything else alone. Works with every implementation of fetch, and imports none.

import { SluiceError } from '../errors.ts'
import { createEngine } from './engine.ts'
import { takeBody } from './fetch-body.ts'
import { type FetchCall, type FetchInit, type FetchInput, readCall } from './fetch-call.ts'
import { type PartFetch, sendByFetch } from './fetch-part.ts'
import { toResponse } from './fetch-response.ts'
import { isPush } from './recognise.ts'
import { refusal } from './refusal.ts'
import { readTenantOptions, type TenantOptions } from './tenant-options.ts'

/** The built-in fetch, undici's, or what wraps them. */
// biome-ignore lint/suspicious/noExplicitAny: implementations differ in their types of Request and RequestInit.
export type AnyFetch = (input: any, init?: any) => Promise<any>

/**
 * Wraps a fetch: remote write and Loki pushes are split by tenant, each part goes out by `fetch` with the options of
 * the call (its headers, signal, credentials, dispatcher) under its own tenant header, and the answers become one
 * Response (docs: the merged answer). Any other call is handed on with the same arguments.
 *
 * - A push is a POST of `application/x-protobuf`, or of `application/json` to a Loki path; its body is read whole, of up
 *   to 32 MiB, and never changed.
 * - Where upstream can't be reached the answer is 503 or 504, not a rejection. It rejects as fetch does when the call's
 *   signal is aborted or its body can't be read; with SluiceError SIGNED_BEFORE_SPLIT if the body is signed, BAD_REQUEST
 *   if the URL carries user and password or the body is nothing that holds bytes.
 * - At most 64 parts are in flight to a URL. There is no time-out but those of the signal, of `fetch`, and of overrides.
 *
 * Throws SluiceError CONFIG_INVALID with all that is wrong with the options.
 */
export function tenantFetch<Fetch extends AnyFetch>(fetch: Fetch, options: TenantOptions = {}): Fetch {
  if (typeof fetch !== 'function') {
    throw new SluiceError('CONFIG_INVALID', 'the first argument is the fetch that sends: tenantFetch(fetch, options)')
  }
  const engine = createEngine(readTenantOptions(options))
  const next: PartFetch = fetch
  const push = async (call: FetchCall, input: FetchInput, init?: FetchInit): Promise<Response> => {
    const { method, url, headers, signal } = call
    signal?.throwIfAborted()
    refuseCredentials(url)
    try {
      const body = await takeBody(call.body, signal)
      const request = { method, url, headers, body, ...(signal && { signal }) }
      return toResponse(await engine.push(request, sendByFetch(next, url, input, init)), url)
    } catch (error) {
      const refused = signal?.aborted ? undefined : refusal(error, call)
      if (refused === undefined) throw error
      return toResponse(refused, url)
    }
  }
  const wrapped = (...args: [input: FetchInput, init?: FetchInit]): Promise<Response> => {
    const call = readCall(...args)
    return call !== undefined && isPush(call) ? push(call, ...args) : next(...args)
  }
  return wrapped as Fetch
}

/** fetch refuses it, too, in words that have the password in them. */
function refuseCredentials(url: string): void {
  const { username, password, host } = new URL(url)
  if (username === '' && password === '') return
  throw new SluiceError(
    'BAD_REQUEST',
    `the URL to ${host} carries user or password: send the header Authorization instead`,
  )
}
