import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeLokiPush, encodeLokiPush, type StreamInput } from '../../dev/encode.ts'
import { SluiceError } from '../../errors.ts'
import { watchLabels } from '../codec.ts'
import { carriesNothing, lokiPush } from './codec.ts'
import { lokiJsonToProtobuf } from './json.ts'

const limit = 1 << 20
const watch = watchLabels(['tenant'])
const convert = (json: string | Uint8Array) => lokiJsonToProtobuf(Buffer.from(json as string), limit)
const faults = (json: string) => [...lokiPush.scan(convert(json), watch).faults.values()]
/** As it arrives: unpaired surrogates become U+FFFD. */
const wellFormed = (text: string) => Buffer.from(text).toString()
/** A push of one stream with these members. */
const streamOf = (members: string) => `{"streams":[{${members}}]}`
const labelsOf = (object: string) => decodeLokiPush(convert(streamOf(`"stream":${object}`))).streams[0]!.labels
const entryOf = (entry: string) => streamOf(`"stream":{"a":"b"},"values":[${entry}]`)

test('becomes what a protobuf sender would have sent', () => {
  const check = (json: string, ...streams: StreamInput[]) =>
    expect(Buffer.from(convert(json))).toEqual(Buffer.from(encodeLokiPush({ streams })))
  check(
    `{
      "streams": [
        { "stream": { "job": "x", "app": "web" },
          "values": [
            ["1700000000123456789", "one"],
            ["1700000000123456790", "t\\u00fcr\\n", {"trace_id": "0242", "a": ""}]
          ] },
        { "stream": { "tenant": "a" }, "values": [ ["0", ""] ] }
      ]
    }`,
    {
      labels: '{app="web", job="x"}',
      entries: [
        { tsNs: 1_700_000_000_123_456_789n, line: 'one' },
        {
          tsNs: 1_700_000_000_123_456_790n,
          line: 'tür\n',
          metadata: [
            ['trace_id', '0242'],
            ['a', ''],
          ],
        },
      ],
    },
    { labels: '{tenant="a"}', entries: [{ tsNs: 0n, line: '' }] },
  )
  check(streamOf('"stream":{"a":"b"}, "more":[{"deep":[1.5e-3,true]}], "values":[]'), {
    labels: '{a="b"}',
    entries: [],
  })
  check('{"x":null,"streams":[]}')
  check('{"streams":null}')
  check('{}')
  check(streamOf('"values":null'), { labels: '', entries: [] })
  check(streamOf('"stream":{}'), { labels: '{}', entries: [] })
  check(entryOf('null, ["1","x",null]'), { labels: '{a="b"}', entries: [{ tsNs: 1n, line: 'x' }] })
  // Keys may be escaped as well.
  check('{"str\\u0065ams":[{"stream":{"\\u0061":"b"}}]}', { labels: '{a="b"}', entries: [] })
})

test('a body without streams or entries carries nothing', () => {
  const check = (json: string, want: boolean) => expect(carriesNothing(lokiPush.scan(convert(json), watch))).toBe(want)
  check('{}', true)
  check(streamOf('"stream":{"a":"b"}'), true)
  check(streamOf('"stream":5'), false)
  check(entryOf('["1","x"]'), false)
})

test('timestamps are 64 bits of nanoseconds, exactly', () => {
  const check = (text: string, want: bigint) =>
    expect(decodeLokiPush(convert(entryOf(`["${text}","x"]`))).streams[0]!.entries[0]!.tsNs).toBe(want)
  check('0', 0n)
  check('1', 1n)
  check('999999999', 999_999_999n)
  check('1000000000', 1_000_000_000n)
  check('1700000000123456789', 1_700_000_000_123_456_789n)
  check('9223372036854775807', 2n ** 63n - 1n)
  check('-1', -1n)
  check('-1000000000', -1_000_000_000n)
  check('-1000000001', -1_000_000_001n)
  check('-9223372036854775808', -(2n ** 63n))
  check('-0', 0n)
  check('0000000000000000000001', 1n)
  fc.assert(fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (ns) => void check(String(ns), ns)))
})

test('labels: sorted by byte, the last of a name counts, what is no string stands for its text', () => {
  const check = (object: string, want: string) => expect(labelsOf(object)).toBe(want)
  check('{"b":"1","a":"2","B":"3","_":"4"}', '{B="3", _="4", a="2", b="1"}')
  check('{"a":"1","b":"2","a":"3"}', '{a="3", b="2"}')
  check('{"a":12.50,"b":true,"c":null,"d":{"x": [1]}}', '{a="12.50", b="true", c="null", d="{\\"x\\": [1]}"}')
  check('{"a":123456789012345678901234567890}', '{a="123456789012345678901234567890"}')
  check('{"__proto__":"p","constructor":"c"}', '{__proto__="p", constructor="c"}')
  check(
    '{"a":"\\"q\\" \\\\ \\/ \\b\\f\\n\\r\\t \\u0001\\u007f é 😀"}',
    '{a="\\"q\\" \\\\ / \\b\\f\\n\\r\\t \\x01\\x7f é 😀"}',
  )
  check('{"a":"\\ud83d\\ude00"}', '{a="😀"}')
  const raw = Buffer.concat([Buffer.from('{"streams":[{"stream":{"tenant":"'), Buffer.of(0xff), Buffer.from('"}}]}')])
  const batch = lokiPush.scan(convert(raw), watch)
  expect([...batch.values.subarray(batch.valueStart[0], batch.valueEnd[0])]).toEqual([0xff])
})

test('bytes of a line that are not UTF-8 stay as they are', () => {
  const json = Buffer.concat([
    Buffer.from('{"streams":[{"values":[["1","'),
    Buffer.of(0x61, 0xff, 0xc3),
    Buffer.from('"]]}]}'),
  ])
  expect(Buffer.from(convert(json)).includes(Buffer.of(0x12, 3, 0x61, 0xff, 0xc3))).toBe(true)
  // An unpaired surrogate has no bytes of its own.
  expect(decodeLokiPush(convert(entryOf('["1","\\ud800x\\udc00"]'))).streams[0]!.entries[0]!.line).toBe('\ufffdx\ufffd')
})

test('a stream with a wrong shape is refused alone, with path and byte', () => {
  const check = (stream: string, fault: string, entries = 0) => {
    const good = '{"stream":{"tenant":"a"},"values":[["1","x"]]}'
    const batch = lokiPush.scan(convert(`{"streams":[${good},${stream},${good}]}`), watch)
    expect([...batch.faults], stream).toEqual([[1, `streams[1]${fault} of the JSON)`]])
    expect([...batch.which]).toEqual([0, -1, 0])
    expect([...batch.samples]).toEqual([1, entries, 1])
  }
  check('5', ': a stream is an object, not a number (byte 59')
  check('null', ': a stream is an object, not null (byte 59')
  check('{"stream":null}', ': "stream" is an object, not null (byte 69')
  check('{"stream":["a"]}', ': "stream" is an object, not an array (byte 69')
  check('{"stream":{"a b":"c"}}', ': label name "a b" is not valid; it takes letters, digits and "_" (byte 71')
  check(
    '{"stream":{"\\ufefftenant":"c"}}',
    ': label name "\ufefftenant" is not valid; it takes letters, digits and "_" (byte 71',
  )
  check(
    '{"stream":{"x=\\"y\\", tenant":"b"}}',
    ': label name "x=\\"y\\", tenant" is not valid; it takes letters, digits and "_" (byte 71',
  )
  check('{"stream":{},"stream":{}}', ': "stream" is given twice (byte 73')
  check('{"values":[["1","x"]],"values":[]}', ': "values" is given twice (byte 82', 1)
  check('{"values":{}}', ': "values" is an array, not an object (byte 69')
  check('{"values":["x"]}', '.values[0]: an entry is an array, not a string (byte 70', 1)
  check(
    '{"values":[["1","x"],["2"]]}',
    '.values[1]: an entry is [timestamp, line] or [timestamp, line, metadata], not 1 elements (byte 80',
    2,
  )
  check(
    '{"values":[["1","x",{},{}]]}',
    '.values[0]: an entry is [timestamp, line] or [timestamp, line, metadata], not 4 elements (byte 70',
    1,
  )
  check(
    '{"values":[[1,"x"]]}',
    '.values[0]: a timestamp (nanoseconds since 1970, quoted) is a string, not a number (byte 71',
    1,
  )
  check('{"values":[["1",2]]}', '.values[0]: a log line is a string, not a number (byte 75', 1)
  check('{"values":[["1","x",[]]]}', '.values[0]: structured metadata is an object, not an array (byte 79', 1)
  check(
    '{"values":[["1","x",{"a":1}]]}',
    '.values[0]: a value of structured metadata is a string, not a number (byte 84',
    1,
  )
  for (const time of ['', 'x', '1.5', '1e9', '+1', ' 1', '9223372036854775808', '-9223372036854775809', '1\\u0030']) {
    const text = JSON.stringify(JSON.parse(`"${time}"`))
    check(
      `{"values":[["${time}","x"]]}`,
      `.values[0]: a timestamp is a whole number of nanoseconds since 1970 in 64 bits, not ${text} (byte 71`,
      1,
    )
  }
  // U+FFFD in a label is what Loki takes for bytes that are not UTF-8.
  expect(faults(streamOf('"stream":{"a":"\\ud800"}'))[0]).toMatch(/^label text: a string that is not UTF-8 at byte 4/)
})

test('what is not JSON, or no push, is refused whole', () => {
  const check = (json: string, message: string) => {
    try {
      convert(json)
    } catch (error) {
      expect(error instanceof SluiceError && error.code).toBe('BODY_CORRUPT')
      expect((error as SluiceError).message).toBe(`JSON: ${message})`)
      return
    }
    throw new Error(`${json} was taken`)
  }
  check('', 'expected a value, found the end (byte 0')
  check('null', 'a push is an object (byte 0')
  check('[]', 'a push is an object (byte 0')
  check('\ufeff{}', 'expected a value, found "\ufeff{}" (byte 0')
  check('{"streams":{}}', '"streams" is an array, not an object (byte 11')
  check('{"streams":[],"streams":[]}', '"streams" is given twice (byte 15')
  check('{', 'expected a key, found the end (byte 1')
  check('{"a"', 'expected ":", found the end (byte 4')
  check('{"a":1,}', 'expected something after ",", found "}" (byte 7')
  check('{"a":1 "b":2}', 'expected "," or "}", found "\\"b\\":2}" (byte 7')
  check('{a:1}', 'expected a key, found "a:1}" (byte 1')
  check('{} x', 'expected nothing after the value, found "x" (byte 3')
  check('{"a":01}', 'a malformed number, found "01}" (byte 5')
  check('{"a":1.}', 'a malformed number, found "1.}" (byte 5')
  check('{"a":-}', 'a malformed number, found "-}" (byte 5')
  check('{"a":1e}', 'a malformed number, found "1e}" (byte 5')
  check('{"a":NaN}', 'expected a value, found "NaN}" (byte 5')
  check('{"a":nul}', 'expected a value, found "nul}" (byte 5')
  check('{"a":"\\x"}', 'an escape that does not exist (byte 6')
  check('{"a":"\\u12g4"}', 'an escape that does not exist (byte 6')
  check('{"a":"\t"}', 'a control character that is not escaped (byte 6')
  check('{"a":"b', 'a string does not end (byte 5')
  check('{"a":"b\\', 'an escape that does not exist (byte 7')
  check('{"streams":[{"stream":{"a":None}}]}', 'expected a value, found "None}}]}" (streams[0], byte 27')
  check(
    '{"streams":[{"values":[["1","x"],["2",}]]}]}',
    'expected a value, found "}]]}]}" (streams[0].values[1], byte 38',
  )
  check(`{"a":${'['.repeat(200_000)}`, 'nested over 128 deep (byte 133')
  check(`{"a":${'{"":'.repeat(200_000)}`, 'nested over 128 deep (byte 517')
})

test('the result is bounded', () => {
  const refused = (json: string, maxBytes: number) => {
    try {
      return lokiJsonToProtobuf(Buffer.from(json), maxBytes).length
    } catch (error) {
      return (error as SluiceError).code
    }
  }
  const json = streamOf(`"stream":{"a":"${'\x7f'.repeat(1000)}"}`)
  const size = refused(json, limit)
  expect(size).toBeGreaterThan(4000)
  expect(refused(json, size as number)).toBe(size)
  expect(refused(json, (size as number) - 1)).toBe('DECOMPRESSED_TOO_LARGE')
  expect(refused(json, 100)).toBe('DECOMPRESSED_TOO_LARGE')
})

test('law: what JSON.stringify writes arrives', () => {
  const text = fc.string({ unit: 'binary' })
  const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,6}$/)
  const value = text.filter((s) => !wellFormed(s).includes('\ufffd'))
  const entry = fc.tuple(
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    text,
    fc.array(fc.tuple(text, text), { maxLength: 3 }),
  )
  const stream = fc.tuple(fc.uniqueArray(fc.tuple(name, value), { selector: ([n]) => n }), fc.array(entry))
  // Written by hand: an object cannot hold every key as data.
  const object = (members: readonly [string, string][]) =>
    `{${members.map(([n, v]) => `${JSON.stringify(n)} : ${JSON.stringify(v)}`).join(' ,\n')}}`
  fc.assert(
    fc.property(fc.array(stream), (streams) => {
      const json = `{"streams":[${streams.map(
        ([labels, entries]) =>
          `{"stream":${object(labels)},"values":[${entries.map(
            ([ns, line, metadata]) => `["${ns}",${JSON.stringify(line)},${object(metadata)}]`,
          )}]}`,
      )}]}`
      const bytes = convert(json)
      const batch = lokiPush.scan(bytes, watch)
      expect(batch.faults.size).toBe(0)
      const seen = decodeLokiPush(bytes).streams
      expect(seen.length).toBe(streams.length)
      streams.forEach(([labels, entries], i) => {
        const sorted = [...labels].sort(([a], [b]) => (a < b ? -1 : 1))
        expect(lokiPush.labels(batch, i)).toEqual(sorted)
        expect(seen[i]!.entries.map((e) => [e.tsNs, e.line])).toEqual(
          entries.map(([ns, line]) => [ns, wellFormed(line)]),
        )
      })
    }),
  )
})

test('law: any bytes are answered, and what is taken is well formed', () => {
  const whole = Buffer.from(
    '{"streams":[{"stream":{"tenant":"a\\u00e9"},"values":[["17","x\\n",{"k":"v"}],["18","y"]]},{"values":null,"n":-1.5e3}]}',
  )
  const part = fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '\\', 'u', '0', 'null', ' ', '\ud83d', '\x00')
  const change = fc.record({ at: fc.nat(whole.length), cut: fc.nat(3), add: part })
  let taken = 0
  fc.assert(
    fc.property(fc.array(change, { maxLength: 3 }), (changes) => {
      let bytes: Buffer = whole
      for (const { at, cut, add } of changes) {
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(add), bytes.subarray(at + cut)])
      }
      try {
        const batch = lokiPush.scan(lokiJsonToProtobuf(bytes, limit), watch)
        decodeLokiPush(batch.bytes)
        taken++
      } catch (error) {
        expect(error instanceof SluiceError && error.code).toBe('BODY_CORRUPT')
      }
    }),
    { numRuns: 3000 },
  )
  expect(taken).toBeGreaterThan(100)
})
