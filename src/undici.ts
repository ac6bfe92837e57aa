// The library for programs that send by undici 7 or 8: re-exports only. undici itself is the program's own.

export { type ErrorCode, SluiceError } from './errors.ts'
export { type AnyDispatch, type TenantInterceptor, tenantInterceptor } from './library/tenant-interceptor.ts'
export type { RefusedResult, TenantOptions, TenantResult } from './library/tenant-options.ts'
