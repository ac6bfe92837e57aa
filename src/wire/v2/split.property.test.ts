import fc from 'fast-check'
import { expect, test } from 'vitest'
import { request2 } from '../../../test/oracle/arbitrary/request-2.ts'
import { tenantLabels } from '../../../test/oracle/arbitrary/write-request.ts'
import { subjectOf } from '../../../test/oracle/laws.ts'
import { checkRequest2 } from '../../../test/oracle/request-2-laws.ts'
import type { TenancySettings } from '../../config/tenancy-settings.ts'

// The laws of splitting, over generated requests in every legal encoding and generated settings. What they say is in
// test/oracle/request-2-laws.ts.

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
    fc.property(request2(), settings, (body, chosen) => {
      if (checkRequest2(body, subjectOf(chosen)) === 'accepted') accepted++
    }),
    { numRuns: 500 },
  )
  expect(accepted).toBeGreaterThan(125)
})

test('what one request left behind never changes the next one’s split', () => {
  const kept = subjectOf({ labels: ['__tenant__', 'team'], default: 'fallback' })
  fc.assert(
    fc.property(request2(), (body) => {
      checkRequest2(body, kept, false)
    }),
    { numRuns: 300 },
  )
})

test('any bytes at all: accepted or refused as the generated codec does', () => {
  const subject = subjectOf({ labels: ['team'] })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (body) => {
      checkRequest2(body, subject)
    }),
    { numRuns: 2000 },
  )
})
