// The client of the tenants that an override speaks of.

import type { HttpClientSettings } from './http-client-settings.ts'
import { authKeys } from './settle-auth.ts'

/** What is given replaces the whole of what the endpoint has: any way to sign in, the endpoint's way. */
export function overriddenClient(base: HttpClientSettings, own: Partial<HttpClientSettings>): HttpClientSettings {
  const client = { ...base }
  if (authKeys.some((key) => own[key] !== undefined)) for (const key of authKeys) delete client[key]
  return { ...client, ...own }
}
