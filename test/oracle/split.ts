// What a split must give, computed the plain way from the strict reader's fields: for the laws to compare with.

import type { TenancySettings } from '../../src/config/tenancy-settings.ts'
import { concat, lengthField } from './encode.ts'
import type { Node } from './strict.ts'

/** Tenant → the body it must receive, in order of first appearance; and how many series go nowhere. */
export interface ExpectedSplit {
  readonly parts: ReadonlyMap<string, ExpectedPart>
  readonly rejected: number
  readonly dropped: number
}

export interface ExpectedPart {
  readonly body: Uint8Array
  /** Positions in the request's list of series. */
  readonly indexes: readonly number[]
  /** Names that were removed, as latin1 of their bytes, by position in `indexes`. */
  readonly removed: readonly (readonly string[])[]
  readonly samples: number
}

/** A label as latin1 of its bytes. */
export interface PlainLabel {
  readonly name: string
  readonly value: string
}

interface FoundLabel extends PlainLabel {
  readonly node: Node
}

const reserved = '__tenant_id__'

/** One character a byte: equal strings are equal bytes. */
export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

const utf8AsLatin1 = (value: string): string => Buffer.from(value, 'utf8').toString('latin1')

/** The series of a write request, in order. */
const seriesOf = (fields: readonly Node[]): Node[] => fields.filter((field) => field.number === 1)

function labelsOf(series: Node, bytes: Uint8Array): FoundLabel[] {
  const last = (label: Node, number: number): string => {
    const field = label.children.findLast((child) => child.number === number)
    return field === undefined ? '' : latin1(bytes.subarray(field.inner, field.end))
  }
  return series.children
    .filter((child) => child.number === 1)
    .map((node) => ({ node, name: last(node, 1), value: last(node, 2) }))
}

function isValidId(id: string): boolean {
  return /^[A-Za-z0-9!\-_.*'()]{1,150}$/.test(id) && id !== '.' && id !== '..' && id !== '__mimir_cluster'
}

function matches(globs: readonly string[], id: string): boolean {
  return globs.some((glob) => {
    const source = glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')
    return new RegExp(`^${source}$`).test(id)
  })
}

/** What becomes of an item, and the names that are removed from it. */
export interface Judged {
  readonly tenant: string | 'reject' | 'drop'
  readonly isDelivered: boolean
  readonly removed: ReadonlySet<string>
}

/** Where an item with these labels goes. `prefix` is the one in force; globs in allow and deny use `*` and `?` only. */
export function judge(labels: readonly PlainLabel[], settings: TenancySettings, prefix: string): Judged {
  let winner: PlainLabel | undefined
  for (const name of settings.labels) {
    const first = labels.find((label) => label.name === utf8AsLatin1(name))
    if (winner === undefined && first !== undefined && first.value !== '') winner = first
  }
  const removed = new Set<string>()
  if (!settings.keepLabel || !settings.labels.includes(reserved)) removed.add(reserved)
  if (!settings.keepLabel && winner !== undefined) removed.add(winner.name)
  const lost = (tenant: string): Judged => ({ tenant, isDelivered: false, removed })
  if (labels.length > 0 && labels.every((label) => removed.has(label.name))) return lost(settings.onMissing)

  const isAccepted = (id: string): boolean =>
    isValidId(id) && (settings.allow.length === 0 || matches(settings.allow, id)) && !matches(settings.deny, id)
  const fallback = settings.default === '' ? undefined : prefix + settings.default
  let tenant = winner === undefined ? fallback : prefix + winner.value
  if (tenant === undefined) return lost(settings.onMissing)
  if (!isAccepted(tenant) && settings.onInvalid === 'default' && fallback !== undefined) tenant = fallback
  if (!isAccepted(tenant)) return lost(settings.onInvalid === 'drop' ? 'drop' : 'reject')
  return { tenant, isDelivered: true, removed }
}

/** The whole split of a write request. */
export function expectedSplit(
  bytes: Uint8Array,
  fields: readonly Node[],
  settings: TenancySettings,
  prefix: string,
): ExpectedSplit {
  const parts = new Map<string, { pieces: Uint8Array[]; indexes: number[]; removed: string[][]; samples: number }>()
  const lost = { reject: 0, drop: 0 }
  for (const [index, series] of seriesOf(fields).entries()) {
    const labels = labelsOf(series, bytes)
    const { tenant, isDelivered, removed } = judge(labels, settings, prefix)
    if (!isDelivered) {
      lost[tenant as 'reject' | 'drop']++
      continue
    }
    let part = parts.get(tenant)
    if (part === undefined) {
      part = { pieces: [], indexes: [], removed: [], samples: 0 }
      parts.set(tenant, part)
    }
    const gone = labels.filter((label) => removed.has(label.name))
    const kept = series.children.filter((child) => !gone.some((label) => label.node === child))
    part.pieces.push(
      gone.length === 0
        ? bytes.subarray(series.start, series.end)
        : lengthField(1, concat(...kept.map((child) => bytes.subarray(child.start, child.end)))),
    )
    part.indexes.push(index)
    part.removed.push([...removed])
    part.samples += series.children.filter((child) => child.number === 2 || child.number === 4).length
  }
  const unknown = fields
    .filter((field) => field.number !== 1 && field.number !== 3)
    .map((field) => bytes.subarray(field.start, field.end))
  return {
    parts: new Map(
      [...parts].map(([tenant, { pieces, ...rest }]) => [tenant, { ...rest, body: concat(...pieces, ...unknown) }]),
    ),
    rejected: lost.reject,
    dropped: lost.drop,
  }
}
