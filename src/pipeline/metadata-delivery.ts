// Sends remote write 1 metadata after the series it describes: best effort, nobody waits for it, all of it counted.

import type { Carrier, Shipment } from '../send/lane.ts'
import type { Meter } from '../telemetry/meter.ts'
import type { Families } from '../tenancy/metadata.ts'
import type { Batch } from '../wire/batch.ts'
import { compress } from '../wire/snappy.ts'
import { type MetadataRecord, metadataRecords } from '../wire/v1/metadata.ts'
import type { Endpoint } from './endpoint.ts'
import type { MetadataUnderWay } from './metadata-under-way.ts'

export interface MetadataDelivery {
  readonly families: Families
  readonly underWay: MetadataUnderWay
  readonly meter: Meter
  readonly now: () => number
  /** Headers that travel with it, and how it is sent where that is not the endpoint's way. */
  readonly travelling: Shipment['travelling']
  readonly carrier?: Carrier
  /** Takes note of a delivery under way, so that a drain waits for it. */
  readonly track: (work: Promise<unknown>) => void
}

/** Tenant → its records. Tenants that get the same records share one list. */
type Mail = Map<string, Uint8Array[]>

/** Sends, holds or drops the metadata of one push. */
export function forwardMetadata(delivery: MetadataDelivery, endpoint: Endpoint, batch: Batch, prefix: string): void {
  const mode = endpoint.router.settings.metadata
  if (mode === 'drop') drop(delivery, 'policy', batch.metadata.length)
  else if (mode === 'broadcast') broadcast(delivery, endpoint, metadataRecords(batch))
  else byFamily(delivery, endpoint, metadataRecords(batch), mode === 'follow', prefix)
}

function byFamily(
  delivery: MetadataDelivery,
  endpoint: Endpoint,
  records: readonly MetadataRecord[],
  follow: boolean,
  prefix: string,
): void {
  const { families, now } = delivery
  const fallback = endpoint.defaultTenant(prefix) ?? ''
  const mail: Mail = new Map()
  for (const { family, bytes } of records) {
    const tenants = follow ? families.tenantsOf(family, endpoint.hasTenant, now()) : none
    for (const tenant of tenants) put(mail, tenant, bytes)
    if (tenants.size > 0 || (follow && families.hold(family, bytes, fallback, now()))) continue
    toFallback(delivery, mail, fallback, bytes)
  }
  deliver(delivery, endpoint, mail)
}

/** Sends what was held and can go by now, or has waited long enough. Call it every second or so. */
export function releaseHeld(delivery: MetadataDelivery, endpoint: Endpoint): void {
  if (delivery.families.held === 0) return
  const { ready, overdue } = delivery.families.release(endpoint.hasTenant, delivery.now())
  const mail: Mail = new Map()
  for (const { record, tenants } of ready) for (const tenant of tenants) put(mail, tenant, record.bytes)
  for (const { fallback, bytes } of overdue) toFallback(delivery, mail, fallback, bytes)
  deliver(delivery, endpoint, mail)
}

const none: ReadonlySet<string> = new Set()

function broadcast(delivery: MetadataDelivery, endpoint: Endpoint, records: readonly MetadataRecord[]): void {
  const all = records.map(({ bytes }) => bytes)
  const mail: Mail = new Map()
  for (const { tenant } of endpoint.lanes) mail.set(tenant, all)
  if (mail.size === 0) drop(delivery, 'no_tenant', all.length)
  deliver(delivery, endpoint, mail)
}

function toFallback(delivery: MetadataDelivery, mail: Mail, fallback: string, bytes: Uint8Array): void {
  if (fallback === '') drop(delivery, 'unknown_family', 1)
  else put(mail, fallback, bytes)
}

function put(mail: Mail, tenant: string, bytes: Uint8Array): void {
  const records = mail.get(tenant)
  if (records === undefined) mail.set(tenant, [bytes])
  else records.push(bytes)
}

function drop(delivery: MetadataDelivery, reason: string, count: number): void {
  delivery.meter.tally('sluice_metadata_dropped_total', { reason }).value += count
}

function deliver(delivery: MetadataDelivery, endpoint: Endpoint, mail: Mail): void {
  const { travelling, carrier, underWay } = delivery
  const bodies = new Map<Uint8Array[], Uint8Array>()
  for (const [tenant, records] of mail) {
    // Only the default tenant may get its lane by metadata: any other has one, or is none.
    const lane = endpoint.lanes.open(tenant)
    if (lane === undefined) {
      drop(delivery, 'max_tenants', records.length)
      continue
    }
    // It is not stored, and would stand in the way of the attempts that a queue makes.
    if (carrier === undefined && endpoint.queues?.get(tenant)?.isTroubled) {
      drop(delivery, 'upstream', records.length)
      continue
    }
    const body = bodies.get(records) ?? compress(Buffer.concat(records))
    bodies.set(records, body)
    if (!underWay.enter(tenant, body)) {
      drop(delivery, 'in_flight', records.length)
      continue
    }
    const sent = lane.deliver({ body, samples: 0, travelling, ...(carrier && { carrier }) }).then(({ status }) => {
      underWay.leave(tenant, body)
      if (status >= 200 && status < 300) delivery.meter.tally('sluice_metadata_sent_total').value += records.length
      else drop(delivery, 'upstream', records.length)
    })
    delivery.track(sent)
  }
}
