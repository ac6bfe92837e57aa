// The library: re-exports only. What stands here is stable; everything else in dist/ is internal.

export { defaultTenancy, type TenancySettings } from './config/tenancy-settings.ts'
/** Every error that Sluice throws, with its stable code. */
export { type ErrorCode, errorTable, SluiceError } from './errors.ts'
/** The decision about one series, with its reasons. */
export { type Explanation, explainRoute } from './tenancy/explain.ts'
export { compileRouter, type Outcome, prefixOf, type Reason, type Router } from './tenancy/route.ts'
/** One push body in, one per tenant out. */
export {
  type RefusedSeries,
  type SplitOptions,
  type SplitResult,
  splitByTenant,
  type TenantPart,
} from './tenancy/split-by-tenant.ts'
