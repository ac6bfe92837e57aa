// The library for programs that send by undici 7 or 8: re-exports only. What stands here is stable. undici itself is
// the program's own.

/** Every error that Sluice throws, with its stable code. */
export { type ErrorCode, errorTable, SluiceError } from './errors.ts'
/** Makes any dispatcher of undici multi-tenant. */
export { type AnyDispatch, type TenantInterceptor, tenantInterceptor } from './library/tenant-interceptor.ts'
export type { RefusedResult, TenantOptions, TenantResult } from './library/tenant-options.ts'
