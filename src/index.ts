// The library: re-exports only. What stands here is stable; everything else in dist/ is internal.

/** HTTP clients as chains of links. */
export { chain, type Link } from './client/chain.ts'
export { staticHeaders } from './client/static-headers.ts'
export type { OverrideOptions, RateLimitOptions, TenancyOptions } from './config/tenancy-options.ts'
/** Every error that Sluice throws, with its stable code. */
export { type ErrorCode, errorTable, SluiceError, type SluiceErrorOptions } from './errors.ts'
export {
  type ClientOptions,
  type ClientRequest,
  createHttpClient,
  type HttpClient,
} from './library/create-http-client.ts'
export type { PlacedLink } from './library/placed-links.ts'
/** Makes any fetch, or a chain of links, multi-tenant. */
export { type AnyFetch, tenantFetch } from './library/tenant-fetch.ts'
export { tenantLink } from './library/tenant-link.ts'
export type { RefusedResult, TenantOptions, TenantResult } from './library/tenant-options.ts'
/** The decision about one series, with its reasons. */
export { type ExplainOptions, type Explanation, explain, type LabelSet } from './tenancy/explain.ts'
export type { Reason } from './tenancy/route.ts'
/** One push body in, one per tenant out. */
export {
  type RefusedSeries,
  type SplitOptions,
  type SplitResult,
  splitByTenant,
  type TenantPart,
} from './tenancy/split-by-tenant.ts'
export type { HttpRequest, HttpResponse, Send } from './wire/message.ts'
