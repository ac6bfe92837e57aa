import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LabelReader } from './label-text.ts'
import { PushWriter } from './push-writer.ts'

/** Reads a text that lies between other bytes, so that a look past its end shows. */
function read(text: string | Uint8Array): [string, string][] | string {
  const inner = Buffer.from(text as string)
  const bytes = Buffer.concat([Buffer.from('"}{,='), inner, Buffer.from('"}{,=')])
  const reader = new LabelReader()
  const pairs: [string, string][] = []
  reader.open(bytes, 5, 5 + inner.length)
  while (reader.next()) {
    const name = Buffer.from(reader.names.subarray(reader.nameAt, reader.nameEnd))
    pairs.push([name.toString('latin1'), Buffer.from(reader.value()).toString('latin1')])
  }
  return reader.fault ?? pairs
}

test('reads what Loki reads', () => {
  const check = (text: string, ...pairs: [string, string][]) => expect(read(text)).toEqual(pairs)
  check('')
  check('{}')
  check(' { } ')
  check('{a="b"}', ['a', 'b'])
  check('{a="b", c="d"}', ['a', 'b'], ['c', 'd'])
  check('{a="b",}', ['a', 'b'])
  check('\t{ a\n=\r"b" , c = "d" , } # the end', ['a', 'b'], ['c', 'd'])
  check('{a="b", # tenant="no"\n c="d"}', ['a', 'b'], ['c', 'd'])
  check('{_A9=""}', ['_A9', ''])
  check('{a="1", a="2"}', ['a', '1'], ['a', '2'])
  check(`{a='it"s', b="it's"}`, ['a', 'it"s'], ['b', "it's"])
  check('{a=`raw \\n "x"\n`}', ['a', 'raw \\n "x"\n'])
  check('{a="q\\"q", b=\'q\\\'q\', c="\\\\"}', ['a', 'q"q'], ['b', "q'q"], ['c', '\\'])
  check('{a="\\a\\b\\f\\n\\r\\t\\v"}', ['a', '\x07\b\f\n\r\t\v'])
  check('{a="\\x41\\101\\u0041\\U00000041"}', ['a', 'AAAA'])
  check('{a="\\xff\\377"}', ['a', '\xff\xff'])
  check('{a="\\u00e9", b="é"}', ['a', '\xc3\xa9'], ['b', '\xc3\xa9'])
  check('{"my.label"="x", "t\\x41"="y"}', ['my.label', 'x'], ['tA', 'y'])
  check('up', ['__name__', 'up'])
  check('a:b {c="d"}', ['__name__', 'a:b'], ['c', 'd'])
  check('{"up", c="d"}', ['__name__', 'up'], ['c', 'd'])
})

test('refuses what Loki refuses, and says where', () => {
  const check = (text: string | Uint8Array, fault: string) => expect(read(text)).toBe(`label text: ${fault}`)
  check('{', 'expected a label name at byte 1, before the end')
  check('{a', 'expected "=" after the label name at byte 2, before the end')
  check('{a=', 'expected a quoted value at byte 3, before the end')
  check('{a="b', 'a string that does not end at byte 3, before "\\"b"')
  check('{a="b"', 'expected "," or "}" at byte 6, before the end')
  check('{a="b" c="d"}', 'expected "," or "}" at byte 7, before "c=\\"d\\"}"')
  check('{,}', 'expected a label name at byte 1, before ",}"')
  check('{a="b",,}', 'expected a label name at byte 7, before ",}"')
  check('{a=b}', 'expected a quoted value at byte 3, before "b}"')
  check('{a=~"b"}', 'expected "=" after the label name at byte 2, before "=~\\"b\\"}"')
  check('{a!="b"}', 'expected "=" after the label name at byte 2, before "!=\\"b\\"}"')
  check('{my.label="x"}', 'expected "=" after the label name at byte 3, before ".label=\\"x\\"}"')
  check('{9a="x"}', 'expected a label name at byte 1, before "9a=\\"x\\"}"')
  check('{a="b"} x', 'expected nothing after "}" at byte 8, before "x"')
  check('{{a="b"}}', 'expected a label name at byte 1, before "{a=\\"b\\"}}"')
  check('a="b"', 'expected "{" at byte 1, before "=\\"b\\""')
  check('"up"', 'expected "{" at byte 0, before "\\"up\\""')
  check('bool', 'expected "{" or the name of a metric at byte 0, before "bool"')
  check('{a="x\ny"}', 'a string that does not end at byte 3, before "\\"x\\ny\\"}"')
  check('{a="\\q"}', 'an escape that does not exist at byte 4, before "\\\\q\\"}"')
  check('{a="\\\'"}', 'an escape that does not exist at byte 4, before "\\\\\'\\"}"')
  check('{a="\\x4"}', 'an escape that does not exist at byte 4, before "\\\\x4\\"}"')
  check('{a="\\400"}', 'an escape that does not exist at byte 4, before "\\\\400\\"}"')
  check('{a="\\ud800"}', 'an escape that does not exist at byte 4, before "\\\\ud800\\"}"')
  check('{a="\\U00110000"}', 'an escape that does not exist at byte 4, before "\\\\U00110000\\"}"')
  check('{a="\ufffd"}', 'a string that is not UTF-8 at byte 4, before "\ufffd\\"}"')
  for (const bad of ['80', 'c080', 'e08080', 'eda080', 'f0808080', 'f4908080', 'f5808080', 'c3', 'e282']) {
    const text = Buffer.concat([Buffer.from('{a="'), Buffer.from(bad, 'hex'), Buffer.from('"}')])
    expect(read(text), bad).toMatch(/^label text: a string that is not UTF-8 at byte 4/)
  }
})

test('law: what is written is what is read', () => {
  const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/)
  const value = fc.oneof(
    fc.string({ unit: 'binary' }).map((s) => Buffer.from(s)),
    fc.uint8Array(),
  )
  const replacement = Buffer.from('\ufffd')
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (labels) => {
      fc.pre(labels.every(([, v]) => !Buffer.from(v).includes(replacement)))
      const out = new PushWriter(0, 1 << 20)
      out.ascii('{')
      for (const [n, v] of labels) {
        out.ascii(`${n}=`)
        out.quoted(v)
        out.ascii(',')
      }
      out.ascii('}')
      const want = labels.map(([n, v]) => [n, Buffer.from(v).toString('latin1')])
      expect(read(out.finish())).toEqual(labels.length === 0 ? [] : want)
    }),
  )
})

test('law: any bytes are read to an end', () => {
  const part = fc.constantFrom('{', '}', ',', '=', '"', "'", '`', '\\', '#', '\n', 'a', 'x41', 'u00e9', ' ', 'é', '\0')
  const text = fc.oneof(
    fc.array(part).map((parts) => Buffer.from(parts.join(''))),
    fc.uint8Array(),
  )
  fc.assert(
    fc.property(text, (bytes) => {
      const found = read(bytes)
      if (typeof found === 'string') expect(found).toMatch(/^label text: .* at byte \d+, before /)
      else expect(found.length).toBeLessThanOrEqual(bytes.length)
    }),
    { numRuns: 2000 },
  )
})
