// Bytes of a configuration file as text, so that nothing wrong with them is lost: the scanner reports it in place.

import { decodeUtf8 } from './utf8.ts'

/** Each byte that is not UTF-8 becomes half of a surrogate pair, which no text holds otherwise. A byte order mark stays. */
export function textOfBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return decodeUtf8(bytes, (byte) => String.fromCharCode(0xdc00 + byte))
  }
}
