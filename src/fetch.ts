// The library for fetch alone: re-exports only. What stands here is stable.

/** Every error that Sluice throws, with its stable code. */
export { type ErrorCode, errorTable, SluiceError } from './errors.ts'
/** Makes any fetch multi-tenant. */
export { type AnyFetch, tenantFetch } from './library/tenant-fetch.ts'
export type { RefusedResult, TenantOptions, TenantResult } from './library/tenant-options.ts'
