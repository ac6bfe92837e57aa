import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tenantLabels, writeRequest } from '../../../test/oracle/arbitrary/write-request.ts'
import { checkBody, subjectOf } from '../../../test/oracle/laws.ts'
import type { TenancySettings } from '../../config/tenancy-settings.ts'

// The laws of splitting, over generated requests in every legal encoding and generated settings. What they say is in
// test/oracle/laws.ts: the parts together are the request, byte for byte per series and nothing more; removal removes
// only that label; order is kept; unknown top-level fields are in every part; and the generated codec agrees.

const settings: fc.Arbitrary<Partial<TenancySettings>> = fc.record({
  labels: fc.shuffledSubarray([...tenantLabels], { minLength: 1 }),
  keepLabel: fc.boolean(),
  default: fc.constantFrom('', 'a', 'fallback'),
  prefix: fc.constantFrom('', '', 'eu-'),
  onMissing: fc.constantFrom('reject' as const, 'drop' as const),
  onInvalid: fc.constantFrom('reject' as const, 'drop' as const),
  allow: fc.constantFrom<string[]>([], ['a*', 'eu-*', 'fallback', 'team-?']),
  deny: fc.constantFrom<string[]>([], ['b', '*-1']),
})

test('the laws hold for every legal request and any settings', () => {
  let accepted = 0
  fc.assert(
    fc.property(writeRequest(), settings, (body, chosen) => {
      if (checkBody(body, subjectOf(chosen)) === 'accepted') accepted++
    }),
    { numRuns: 800 },
  )
  expect(accepted).toBeGreaterThan(300)
})

test('an invalid id goes to the default where settings say so', () => {
  fc.assert(
    fc.property(writeRequest(), fc.constantFrom('', 'eu-'), fc.constantFrom([], ['b']), (body, prefix, deny) => {
      checkBody(body, subjectOf({ labels: ['team'], onInvalid: 'default', default: 'fallback', prefix, deny }))
    }),
    { numRuns: 300 },
  )
})

test('what one request left in the cache of outcomes never changes the next one’s split', () => {
  const kept = subjectOf({ labels: ['__tenant__', 'team'], default: 'fallback' })
  fc.assert(
    fc.property(writeRequest(), (body) => {
      checkBody(body, kept, false)
    }),
    { numRuns: 500 },
  )
})

test('any bytes at all: accepted or refused as the generated codec does', () => {
  const subject = subjectOf({ labels: ['team'] })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (body) => {
      checkBody(body, subject)
    }),
    { numRuns: 2000 },
  )
})
