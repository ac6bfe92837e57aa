import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeLokiPush, encodeLokiPush } from '../../dev/encode.ts'
import { flag } from '../batch.ts'
import { watchLabels } from '../codec.ts'
import { lokiPush } from './codec.ts'

const one = Uint32Array.of(0)

/** The label text that leaves, by default with removal of `tenant`. */
function left(text: string, names: readonly string[] = ['tenant'], remove = true): string {
  const batch = lokiPush.scan(
    encodeLokiPush({ streams: [{ labels: text, entries: [{ tsNs: 1n, line: 'x' }] }] }),
    watchLabels(names),
  )
  expect(batch.faults.size, text).toBe(0)
  return decodeLokiPush(lokiPush.gather(batch, one, 1, remove)).streams[0]!.labels
}

test('removal takes the pair and one comma; the rest stays byte for byte', () => {
  const check = (text: string, want: string) => expect(left(text)).toBe(want)
  check('{a="b", tenant="x", c="d"}', '{a="b", c="d"}')
  check('{tenant="x", c="d"}', '{c="d"}')
  check('{a="b", tenant="x"}', '{a="b"}')
  check('{a="b",tenant="x",c="d"}', '{a="b",c="d"}')
  check('{ a="b" ,  tenant = "x" , c="d" , }', '{ a="b" ,  c="d" , }')
  check('{a="b", tenant="x", }', '{a="b", }')
  check('{tenant="x"}', '{}')
  check('{ tenant="x", }', '{}')
  check('{a="b", # who\n tenant="x"}', '{a="b"}')
  check("{a=`\\n`, tenant='it\\'s', c=\"\\x41\"}", '{a=`\\n`, c="\\x41"}')
  check('{a="tenant", tenant="x", b="tenant=\\"x\\""}', '{a="tenant", b="tenant=\\"x\\""}')
  check('{"tenant"="x", a="b"}', '{a="b"}')
  check('{"ten\\x61nt"="x", a="b"}', '{a="b"}')
  check('{tenant="x", a="b", tenant="y", tenant="z"}', '{a="b"}')
  check('{a="b", tenant="x", tenant="y", c="d"}', '{a="b", c="d"}')
  check('{tenants="x", tenant="y"}', '{tenants="x"}')
  check('up{tenant="x", a="b"}', 'up{a="b"}')
  check('up{tenant="x"}', 'up{}')
  check('{a="b"}', '{a="b"}')
  check('{a="b", tenant=""}', '{a="b", tenant=""}')
})

test('removal takes only the label that won', () => {
  expect(left('{a="1", b="2", c="3"}', ['b', 'a'])).toBe('{a="1", c="3"}')
  expect(left('{a="1", b="", c="3"}', ['b', 'a'])).toBe('{b="", c="3"}')
  expect(left('{a="1", b="2"}', ['b', 'a'], false)).toBe('{a="1", b="2"}')
})

test('the reserved label never leaves, unless it is named and labels are kept', () => {
  const text = '{__tenant_id__="r", tenant="x", a="b"}'
  expect(left(text, ['tenant'], false)).toBe('{tenant="x", a="b"}')
  expect(left(text, ['tenant'], true)).toBe('{a="b"}')
  expect(left(text, ['__tenant_id__'], false)).toBe(text)
  expect(left(text, ['__tenant_id__'], true)).toBe('{tenant="x", a="b"}')
  expect(left(text, ['tenant', '__tenant_id__'], true)).toBe('{a="b"}')
  expect(left('{__tenant_id__="r"}', ['tenant'], false)).toBe('{}')
})

test('a metric name in front is a label like the others', () => {
  expect(left('up{a="b"}', ['__name__'])).toBe('{a="b"}')
  expect(left('{"up", a="b"}', ['__name__'])).toBe('{a="b"}')
  expect(left(' up ', ['__name__'])).toBe('  ')
})

test('a rewritten stream loses its hash and any label text that a later one replaced; nothing else', () => {
  const entry = { tsNs: 1_700_000_000_123_456_789n, line: 'häl\nlo', metadata: [['k', 'v']] as const }
  const second = Buffer.from('{tenant="x", second="yes"}')
  const unknown = Buffer.from('7a03616263', 'hex')
  const extra = Buffer.concat([unknown, Buffer.of(0x0a, second.length), second])
  const body = encodeLokiPush({ streams: [{ labels: '{tenant="old"}', entries: [entry], hash: 99n, extra }] })
  const batch = lokiPush.scan(body, watchLabels(['tenant']))
  const out = Buffer.from(lokiPush.gather(batch, one, 1, true))
  const want = encodeLokiPush({
    streams: [{ labels: '{second="yes"}', entries: [entry], extra: unknown }],
  })
  expect(out).toEqual(Buffer.from(want))
  expect(Buffer.from(lokiPush.gather(batch, one, 1, false))).toEqual(Buffer.from(body))
})

test('says what removal would leave', () => {
  const check = (text: string, want: number) => {
    const batch = lokiPush.scan(encodeLokiPush({ streams: [{ labels: text, entries: [] }] }), watchLabels(['t', 'u']))
    expect(batch.flags[0], text).toBe(want)
  }
  check('{a="b", t="x"}', 0)
  check('{t="x"}', flag.bare)
  check('{t="x", t="y"}', flag.bare | flag.repeated)
  check('{t="", t="y", u="z"}', 0)
  check('{a="b", t="x", t="y"}', flag.repeated)
  check('{a="b", __tenant_id__="x"}', flag.reserved)
  check('{__tenant_id__="x"}', flag.reserved | flag.bare | flag.reservedOnly)
  check('{t="x", __tenant_id__="y"}', flag.reserved | flag.bare)
  check('{}', 0)
})

test('law: removal removes every pair of that name and nothing else', () => {
  const space = fc.constantFrom('', ' ', '\n', '\t ')
  const quoted = fc.constantFrom('"x"', '"\\""', "'y'", '`z\\`', '""', '"}"', '","', '"t="')
  const pair = fc.tuple(fc.constantFrom('a', 't', '"t"', 'tt', '"q r"'), space, space, quoted)
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 6 }), space, fc.boolean(), (pairs, pad, comma) => {
      const inside = pairs.map(([n, s1, s2, v]) => `${s1}${n}${s2}=${v}${s1}`).join(',')
      const text = `{${pad}${inside}${comma && pairs.length > 0 ? ',' : ''}${pad}}`
      const scan = (labels: string) =>
        lokiPush.scan(encodeLokiPush({ streams: [{ labels, entries: [] }] }), watchLabels(['t']))
      const before = scan(text)
      const all = lokiPush.labels(before, 0)
      const after = scan(left(text, ['t']))
      const gone = before.which[0] === 0
      expect(after.faults.size).toBe(0)
      expect(lokiPush.labels(after, 0)).toEqual(gone ? all.filter(([n]) => n !== 't') : all)
    }),
    { numRuns: 2000 },
  )
})
