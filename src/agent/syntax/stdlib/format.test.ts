import { expect, test } from 'vitest'
import {
  arrayValue,
  boolValue,
  floatValue,
  intValue,
  nullValue,
  objectValue,
  stringValue,
  uintValue,
} from '../make-value.ts'
import type { Value } from '../value.ts'
import { format } from './format.ts'

const check = (spec: string, args: readonly Value[], want: string) =>
  expect([spec, format(spec, args)]).toEqual([spec, want])
const int = intValue
const float = floatValue
const text = stringValue
const list = arrayValue([int(1), text('two'), nullValue()])
const object = objectValue([
  ['b', int(1)],
  ['a', text('x')],
])

test('whole numbers', () => {
  check(
    '%d|%5d|%-5d|%05d|%+d|% d',
    [int(42), int(42), int(42), int(-42), int(42), int(42)],
    '42|   42|42   |-0042|+42| 42',
  )
  check('%b|%#b|%o|%#o|%O|%x|%X|%#x|%#X', Array(9).fill(int(255)), '11111111|0b11111111|377|0377|0o377|ff|FF|0xff|0XFF')
  check('%.5d|%8.3d|%.0d|%x', [int(42), int(-7), int(0), int(-255)], '00042|    -007||-ff')
  check(
    '%c|%q|%U|%#U|%c',
    [int(65), int(39), int(0x1f600), int(0x1f600), int(-1)],
    "A|'\\''|U+1F600|U+1F600 '😀'|\ufffd",
  )
  check(
    '%v|%#v|%T|%T|%#v',
    [int(1), int(1), int(1), uintValue(2n ** 64n - 1n), uintValue(2n ** 64n - 1n)],
    '1|1|int|uint64|0xffffffffffffffff',
  )
})

test('floats', () => {
  check('%v|%v|%v|%v', [float(1e6), float(1e20), float(0.00001), float(123456)], '1e+06|1e+20|1e-05|123456')
  check(
    '%e|%E|%.2e|%.0e',
    [float(1234.5678), float(0), float(0.5), float(2.5)],
    '1.234568e+03|0.000000E+00|5.00e-01|2e+00',
  )
  check(
    '%f|%.0f|%.0f|%.1f|%8.2f|%-8.1f|',
    [float(1.5), float(0.5), float(2.5), float(0.25), float(-3.14259), float(2)],
    '1.500000|0|2|0.2|   -3.14|2.0     |',
  )
  check(
    '%g|%.3g|%G|%#g|%#.3g',
    [float(1e-7), float(1234.5678), float(1e100), float(1), float(100)],
    '1e-07|1.23e+03|1E+100|1.00000|100.',
  )
  check(
    '%08.3f|%+.1f|% .1f|%06d',
    [float(-3.14259), float(1), float(1), float(1)],
    '-003.143|+1.0| 1.0|%!d(float64=000001)',
  )
  check(
    '%x|%.1x|%X|%b',
    [float(1.5), float(1.999), float(-10), float(1)],
    '0x1.8p+00|0x1.0p+01|-0X1.4P+03|4503599627370496p-52',
  )
  check(
    '%v|%5v|%05v|%v',
    [float(Number.NaN), float(Number.POSITIVE_INFINITY), float(Number.NEGATIVE_INFINITY), float(-0)],
    'NaN| +Inf| -Inf|-0',
  )
  check('%.20e|%.20g', [float(1e23), float(1e23)], '9.99999999999999916114e+22|9.9999999999999991611e+22')
  check('%.2e|%.3g', [float(9.999), float(999.96)], '1.00e+01|1e+03')
  check('%.25f', [float(0.1)], '0.1000000000000000055511151')
  check('%f', [float(1e22)], '10000000000000000000000.000000')
})

test('texts', () => {
  check(
    '%s|%5s|%-5s|%.2s|%05s',
    [text('hi'), text('hi'), text('hi'), text('é😀x'), text('hi')],
    'hi|   hi|hi   |é😀|000hi',
  )
  check(
    '%q|%+q|%#q|%#q|%.1q',
    [text('h"é\n'), text('é😀'), text('a"b'), text('a`b'), text('hi')],
    '"h\\"é\\n"|"\\u00e9\\U0001f600"|`a"b`|"a`b"|"h"',
  )
  check('%x|%X|% x|%#x|% #X|%.1x', Array(6).fill(text('hé')), '68c3a9|68C3A9|68 c3 a9|0x68c3a9|0X68 0XC3 0XA9|68')
  check('%v|%#v|%T', [text('a'), text('a'), text('a')], 'a|"a"|string')
})

test('the rest', () => {
  check(
    '%t|%v|%6t|%#v',
    [boolValue(true), boolValue(false), boolValue(true), boolValue(true)],
    'true|false|  true|true',
  )
  check('%v|%6v|%d|%T', [nullValue(), nullValue(), nullValue(), nullValue()], '<nil>| <nil>|%!d(<nil>)|<nil>')
  check(
    '%v|%d|%s|%q',
    [list, list, list, list],
    '[1 two <nil>]|[1 %!d(string=two) <nil>]|[%!s(int=1) two <nil>]|[\'\\x01\' "two" <nil>]',
  )
  check('%#v|%T', [list, list], '[]interface {}{1, "two", interface {}(nil)}|[]interface {}')
  check('%v|%#v', [object, object], 'map[a:x b:1]|map[string]interface {}{"a":"x", "b":1}')
  check('%3v', [list], '[  1 two <nil>]')
})

test('mistakes are in the text', () => {
  check('%d', [text('x')], '%!d(string=x)')
  check('%5d', [text('x')], '%!d(string=    x)')
  check('%z|%t|%s', [int(1), int(1), boolValue(true)], '%!z(int=1)|%!t(int=1)|%!s(bool=true)')
  check('%d %d', [int(1)], '1 %!d(MISSING)')
  check('%d', [int(1), text('x'), nullValue()], '1%!(EXTRA string=x, <nil>)')
  check('100%', [], '100%!(NOVERB)')
  check('%%|%5%', [], '%|%')
  check('%!', [int(1)], '%!!(int=1)')
  check('%é', [int(1)], '%!é(int=1)')
  check('%w', [list], '%!w([]interface {}=[1 two <nil>])')
})

test('arguments by number, widths from arguments', () => {
  check('%[2]d %[1]d', [int(1), int(2)], '2 1')
  check('%[1]d %d %d', [int(1), int(2)], '1 2 %!d(MISSING)')
  check('%[3]d|%[x]d|%[', [int(1)], '%!d(BADINDEX)|%!d(BADINDEX)|%!(NOVERB)')
  check('%[2]*[1]d|', [int(5), int(4)], '   5|')
  check('%*d|%-*d|%*d|', [int(4), int(7), int(4), int(7), int(-4), int(7)], '   7|7   |7   |')
  check('%.*f', [int(2), float(1.239)], '1.24')
  check('%*d', [text('x'), int(7)], '%!(BADWIDTH)7')
  check('%.*d', [int(-1), int(7)], '%!(BADPREC)7')
  check('%9999999d', [int(7)], '%!(NOVERB)%!(EXTRA int=7)')
})
