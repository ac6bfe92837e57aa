// `encoding`: JSON, YAML, base64 and URLs. Strings here are texts: bytes that are no UTF-8 are refused, not altered.

import { toText } from '../convert.ts'
import { stringValue } from '../make-value.ts'
import type { StringValue } from '../value.ts'
import { CallError } from '../value-error.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { anyValue, boundedText, fn } from './function.ts'
import { decodeJson } from './json-decode.ts'
import { encodeJson } from './json-encode.ts'
import { escapeQuery, unescapeQuery } from './url-text.ts'
import { decodeYaml } from './yaml-value.ts'

function textOf(bytes: Uint8Array): StringValue {
  try {
    return stringValue(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw new CallError('the decoded bytes are not UTF-8 text')
  }
}

const text = [toText] as const

export const encodingFunctions = [
  fn('encoding.from_json', text, (json) => decodeJson(json)),
  fn('encoding.from_yaml', text, (yaml) => decodeYaml(yaml)),
  fn('encoding.from_base64', text, (encoded) => textOf(decodeBase64(encoded, 'base64'))),
  fn('encoding.from_URLbase64', text, (encoded) => textOf(decodeBase64(encoded, 'base64url'))),
  fn('encoding.to_json', [anyValue] as const, (value) => {
    if (value.type !== 'object') throw new CallError('jsonEncode only supports map')
    return stringValue(encodeJson(value))
  }),
  fn('encoding.to_base64', text, (plain) => boundedText(() => encodeBase64(plain, 'base64'))),
  fn('encoding.to_URLbase64', text, (plain) => boundedText(() => encodeBase64(plain, 'base64url'))),
  fn('encoding.url_encode', text, (plain) => boundedText(() => escapeQuery(plain))),
  fn('encoding.url_decode', text, (escaped) => textOf(unescapeQuery(escaped))),
]
