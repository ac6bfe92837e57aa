import { expect, test } from 'vitest'
import { stringOf } from './unquote.ts'

const check = (text: string, want: string): void =>
  expect(stringOf({ kind: 'literal', type: 'string', text, start: 0, end: text.length })).toBe(want)

test('escapes', () => {
  check('""', '')
  check('"plain ü 𝒳"', 'plain ü 𝒳')
  check(String.raw`"\a\b\f\n\r\t\v\\\""`, '\x07\b\f\n\r\t\v\\"')
  check(String.raw`"\101\x41\u0041\U00000041"`, 'AAAA')
  check(String.raw`"\u00e9\U0001d4b3"`, 'é𝒳')
  check(String.raw`"\\x41\\n"`, '\\x41\\n')
})

test('bytes are read as UTF-8 with what is around them; each one that is broken shows as U+FFFD', () => {
  check(String.raw`"\xc3\xa9"`, 'é')
  check(String.raw`"\303\251"`, 'é')
  check(String.raw`"é\xf0\x9d\x92\xb3\n"`, 'é𝒳\n')
  check(String.raw`"a\xffb"`, 'a\ufffdb')
  check(String.raw`"\xf0\x9d\x92"`, '\ufffd\ufffd\ufffd')
  check(String.raw`"\xed\xa0\x80"`, '\ufffd\ufffd\ufffd')
  check(String.raw`"\xc0\x80\u0041"`, '\ufffd\ufffdA')
  check(String.raw`"\xf4\x90\x80\x80"`, '\ufffd\ufffd\ufffd\ufffd')
  check(String.raw`"\xef\xbb\xbfx"`, '\ufeffx')
})

test('raw strings', () => {
  check('``', '')
  check('`a\\n"b\n\tc`', 'a\\n"b\n\tc')
  check('`a\r\nb\r`', 'a\nb')
})

test('what the scanner refused is read as far as it goes', () => {
  check('"abc', 'abc')
  check('"', '')
  check(String.raw`"\q\x4"`, '\\q\\x4')
  check(String.raw`"\UFFFFFFFF"`, '\\UFFFFFFFF')
})
