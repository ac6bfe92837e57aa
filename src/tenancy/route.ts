// Which tenant a series belongs to. One pure function decides; the proxy, the library and `explain` all call it.

import { compileGlobs } from '../config/glob.ts'
import type { TenancySettings } from '../config/tenancy-settings.ts'
import { tenantIdProblem } from '../config/tenant-id.ts'
import { type Label, RESERVED_LABEL, type Watch, watchLabels } from '../wire/codec.ts'
import { shorten, shownLabels } from './shown.ts'

/** Why an item was not delivered. Used as a metric label: a fixed set. */
export type Reason =
  | 'missing_tenant'
  | 'invalid_tenant'
  | 'denied_tenant'
  | 'no_labels_left'
  | 'malformed'
  | 'max_tenants'

/** What becomes of an item. `rule` names the setting that decided. */
export type Outcome =
  | { readonly kind: 'tenant'; readonly tenant: string; readonly rule: string }
  | {
      readonly kind: 'rejected' | 'dropped'
      readonly reason: Reason
      readonly rule: string
      /** For people: what was wrong with this very item. */
      readonly detail: string
      /** The id that was refused, as text; undefined where none was found. */
      readonly tenant: string | undefined
    }

/** Collects the steps of one decision, in order, for `explain`. */
export type Trace = (step: string) => void

/** Tenancy settings made ready for use. Immutable; one per settings generation. */
export interface Router {
  readonly settings: TenancySettings
  readonly watch: Watch
  readonly isAllowed: (id: string) => boolean
  readonly isDenied: (id: string) => boolean
}

export function compileRouter(settings: TenancySettings): Router {
  return {
    settings,
    watch: watchLabels(settings.labels, !settings.stripReserved),
    isAllowed: settings.allow.length === 0 ? () => true : compileGlobs(settings.allow),
    isDenied: settings.deny.length === 0 ? () => false : compileGlobs(settings.deny),
  }
}

/** The prefix of a request: the value of the header `prefix_from_header` names + "-" if it is there, else `prefix`. */
export function prefixOf(settings: TenancySettings, headers: Readonly<Record<string, string>>): string {
  const value = settings.prefixFromHeader === '' ? undefined : headers[settings.prefixFromHeader.toLowerCase()]
  return value === undefined || value === '' ? settings.prefix : `${value}-`
}

/** Decides where an item with these labels (wire order) goes. Pure. */
export function route(labels: readonly Label[], router: Router, prefix: string, trace?: Trace): Outcome {
  const { settings } = router
  const winner = winningLabel(labels, settings.labels)
  if (trace !== undefined) traceChoice(labels, settings, winner, trace)
  if (labels.length > 0 && labels.every(([name]) => isRemoved(name, winner?.[0], settings))) {
    const detail = `removing the tenant label would leave ${shownLabels(labels)} without labels`
    trace?.(detail)
    return missing(settings, 'no_labels_left', detail)
  }
  return routeByWinner(winner, router, prefix, trace)
}

/** The second half of `route`: for an item that keeps a label, and whose winning tenant label is known. */
export function routeByWinner(winner: Label | undefined, router: Router, prefix: string, trace?: Trace): Outcome {
  const { settings } = router
  if (winner !== undefined) return judge(prefix + winner[1], `label ${winner[0]}`, router, prefix, trace)
  if (settings.default !== '') {
    trace?.(`no tenant label: the default ${JSON.stringify(settings.default)}`)
    return judge(prefix + settings.default, 'default', router, prefix, trace)
  }
  const detail = `label(s): {${settings.labels.map((name) => `'${name}'`).join(',')}} not found`
  trace?.(`${detail}, and no default: on_missing = ${settings.onMissing}`)
  return missing(settings, 'missing_tenant', detail)
}

/** The first name in preference whose first occurrence has a value. */
function winningLabel(labels: readonly Label[], names: readonly string[]): Label | undefined {
  for (const name of names) {
    const found = labels.find(([other]) => other === name)
    if (found !== undefined && found[1] !== '') return found
  }
  return undefined
}

function isRemoved(name: string, winner: string | undefined, settings: TenancySettings): boolean {
  if (name === RESERVED_LABEL)
    return !settings.keepLabel || settings.stripReserved === true || !settings.labels.includes(name)
  return !settings.keepLabel && name === winner
}

/** The labels that a delivered item goes out with: what `gather` leaves of it. */
export function sentLabels(labels: readonly Label[], router: Router): readonly Label[] {
  const { settings } = router
  const winner = winningLabel(labels, settings.labels)?.[0]
  return labels.filter(([name]) => !isRemoved(name, winner, settings))
}

function judge(id: string, rule: string, router: Router, prefix: string, trace: Trace | undefined): Outcome {
  const invalid = tenantIdProblem(id)
  if (invalid === undefined && router.isAllowed(id) && !router.isDenied(id)) {
    trace?.(`tenant ${JSON.stringify(id)} by ${rule}`)
    return { kind: 'tenant', tenant: id, rule }
  }
  const { settings } = router
  const why = invalid ?? (router.isDenied(id) ? 'deny matches it' : 'allow does not match it')
  const detail = `tenant id ${JSON.stringify(shorten(id))} is refused: ${why}`
  trace?.(`${detail}: on_invalid = ${settings.onInvalid}`)
  const fallback = prefix + settings.default
  if (settings.onInvalid === 'default' && settings.default !== '' && id !== fallback) {
    if (tenantIdProblem(fallback) === undefined && router.isAllowed(fallback) && !router.isDenied(fallback)) {
      trace?.(`tenant ${JSON.stringify(fallback)} by on_invalid = default`)
      return { kind: 'tenant', tenant: fallback, rule: 'on_invalid' }
    }
  }
  return {
    kind: settings.onInvalid === 'drop' ? 'dropped' : 'rejected',
    reason: invalid === undefined ? 'denied_tenant' : 'invalid_tenant',
    rule: 'on_invalid',
    detail,
    tenant: shorten(id),
  }
}

function missing(settings: TenancySettings, reason: Reason, detail: string): Outcome {
  const kind = settings.onMissing === 'drop' ? 'dropped' : 'rejected'
  return { kind, reason, rule: 'on_missing', detail, tenant: undefined }
}

function traceChoice(
  labels: readonly Label[],
  settings: TenancySettings,
  winner: Label | undefined,
  trace: Trace,
): void {
  for (const name of settings.labels) {
    const values = labels.filter(([other]) => other === name)
    if (values.length === 0) trace(`label ${name}: not there`)
    else if (values[0]![1] === '') trace(`label ${name}: empty, so as if not there`)
    else {
      const rest = values.length > 1 ? ` (the first of ${values.length})` : ''
      trace(`label ${name} = ${JSON.stringify(shorten(values[0]![1]))}${rest}${name === winner?.[0] ? ': chosen' : ''}`)
    }
    if (name === winner?.[0]) return
  }
}
