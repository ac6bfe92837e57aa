// What a program may set: the tenancy settings, and what it wants to hear.

import { readTenancyOptions, type TenancyOptions } from '../config/tenancy-options.ts'
import type { TenancySettings } from '../config/tenancy-settings.ts'
import type { SluiceError } from '../errors.ts'
import type { Reason } from '../tenancy/route.ts'

/** How one tenant's part of a push ended. */
export interface TenantResult {
  readonly tenant: string
  /** Upstream's status. Where it did not answer: 503, 504 for a time-out, 429 over the tenant's `rateLimit`. */
  readonly status: number
  /** Upstream's headers, names in lower case; empty where it did not answer, and for a part remembered from an earlier attempt. */
  readonly headers: Readonly<Record<string, string>>
  /** Upstream's body, cut at 64 KiB; at most 1 KiB of it for a part remembered from an earlier attempt. */
  readonly body: Uint8Array
  /** Why there is no answer; undefined where there is one. */
  readonly error: SluiceError | undefined
  /** Series, or log streams, in the part. */
  readonly series: number
}

/** Series of one push that were sent to nobody, for one reason and one refused id. */
export interface RefusedResult {
  /** The id that was refused; undefined where none was found. */
  readonly tenant: string | undefined
  readonly reason: Reason
  /** `rejected`: the push is answered 400 if nothing is worth repeating; `dropped`: a setting says that this is all right. */
  readonly outcome: 'rejected' | 'dropped'
  readonly series: number
  readonly samples: number
}

/**
 * The tenancy settings, flat and in camelCase, and two functions to be told. What these throw, or reject with, is
 * reported by `process.emitWarning` (name `SluiceWarning`) and does not disturb the push.
 */
export interface TenantOptions extends TenancyOptions {
  /** Called once for each tenant's part of a push, before the push is answered. Parts of metadata alone are not told. */
  readonly onTenantResult?: ((result: TenantResult) => unknown) | undefined
  /** Called for what is sent to nobody. A push that is refused as a whole is told by its answer. */
  readonly onRefused?: ((refused: RefusedResult) => unknown) | undefined
}

/** The same, checked. */
export interface TenantSettings extends Pick<TenantOptions, 'onTenantResult' | 'onRefused'> {
  readonly tenancy: TenancySettings
}

/** Throws SluiceError CONFIG_INVALID with all that is wrong with the options. */
export function readTenantOptions(options: TenantOptions = {}): TenantSettings {
  const tenancy = readTenancyOptions(options)
  const { onTenantResult, onRefused } = options
  return { tenancy, onTenantResult, onRefused }
}
