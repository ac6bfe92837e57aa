// Quoted strings as PromQL and LogQL write them ("…" and '…' with escapes, `…` raw), read in place.
// An escape may stand for one raw byte (\x, octal), so a value need not be UTF-8; what is not escaped must be.

const BACKSLASH = 0x5c

/** What `readEscape` found: a code point, or one raw byte where `raw` is set. */
const decoded: { value: number; raw: boolean } = { value: 0, raw: false }

const single = new Map<number, number>(
  Object.entries({ a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': BACKSLASH }).map(([c, v]) => [
    c.charCodeAt(0),
    v,
  ]),
)

/**
 * Reads the escape whose backslash is at `at`; returns how many bytes it takes, 0 if it is not one that a string
 * between `quote`s may hold: unknown, cut off, over a byte (octal), or no Unicode scalar value.
 */
export function readEscape(bytes: Uint8Array, at: number, end: number, quote: number): number {
  if (at + 1 >= end) return 0
  const kind = bytes[at + 1]!
  decoded.raw = false
  if (kind === quote) {
    decoded.value = quote
    return 2
  }
  const known = single.get(kind)
  if (known !== undefined) {
    decoded.value = known
    return 2
  }
  if (kind >= 0x30 && kind <= 0x37) {
    decoded.raw = true
    return readDigits(bytes, at + 1, end, 3, 8) && decoded.value <= 255 ? 4 : 0
  }
  const digits = kind === 0x78 ? 2 : kind === 0x75 ? 4 : kind === 0x55 ? 8 : 0
  if (digits === 0 || !readDigits(bytes, at + 2, end, digits, 16)) return 0
  decoded.raw = digits === 2
  const { value } = decoded
  return value > 0x10ffff || (value >= 0xd800 && value < 0xe000) ? 0 : digits + 2
}

function readDigits(bytes: Uint8Array, at: number, end: number, count: number, base: number): boolean {
  if (at + count > end) return false
  let value = 0
  for (let k = 0; k < count; k++) {
    const digit = hexDigit(bytes[at + k]!)
    if (digit >= base) return false
    value = value * base + digit
  }
  decoded.value = value
  return true
}

/** Value of a hexadecimal digit; 16 for any other byte. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : 16
}

/** The text that the inside of a quoted string stands for. Expects escapes that `readEscape` accepted. */
export function unquote(bytes: Uint8Array, at: number, end: number, quote: number): Uint8Array {
  const out = new Uint8Array(end - at)
  let q = 0
  for (let p = at; p < end; ) {
    if (bytes[p] !== BACKSLASH) {
      out[q++] = bytes[p++]!
      continue
    }
    p += readEscape(bytes, p, end, quote)
    if (decoded.raw) out[q++] = decoded.value
    else q = writeUtf8(out, q, decoded.value)
  }
  return out.subarray(0, q)
}

/** Bytes of the UTF-8 sequence at `at`, 1 to 4; 0 if it is malformed. */
export function utf8Size(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!
  if (lead < 0x80) return 1
  const size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (size === 0 || at + size > end) return 0
  const second = bytes[at + 1]!
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  if (second < low || second > high) return 0
  for (let k = 2; k < size; k++) if ((bytes[at + k]! & 0xc0) !== 0x80) return 0
  return size
}

/** Writes a code point as UTF-8 (a surrogate as three bytes); returns where it ended. Room must be there. */
export function writeUtf8(out: Uint8Array, at: number, code: number): number {
  let p = at
  if (code < 0x80) {
    out[p++] = code
    return p
  }
  if (code < 0x800) {
    out[p++] = 0xc0 | (code >> 6)
  } else {
    if (code < 0x10000) {
      out[p++] = 0xe0 | (code >> 12)
    } else {
      out[p++] = 0xf0 | (code >> 18)
      out[p++] = 0x80 | ((code >> 12) & 0x3f)
    }
    out[p++] = 0x80 | ((code >> 6) & 0x3f)
  }
  out[p++] = 0x80 | (code & 0x3f)
  return p
}
