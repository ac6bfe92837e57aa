// The generated codecs behind one small interface: does it accept, and what does it say.

import { type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf'
import { PushRequestSchema } from './gen/loki_pb.ts'
import { PushRequestSchema as RawPushRequestSchema } from './gen/loki_raw_pb.ts'
import { WriteRequestSchema } from './gen/prometheus_pb.ts'
import { WriteRequestSchema as RawWriteRequestSchema } from './gen/prometheus_raw_pb.ts'
import { RequestSchema } from './gen/write_v2_pb.ts'
import { RequestSchema as RawRequestSchema } from './gen/write_v2_raw_pb.ts'

export const schemas = {
  /** Strings as strings: what real receivers' schemas say. */
  writeRequest: WriteRequestSchema,
  /** Strings as bytes: accepts what is not UTF-8 and compares it exactly. */
  writeRequestRaw: RawWriteRequestSchema,
  request2: RequestSchema,
  request2Raw: RawRequestSchema,
  pushRequest: PushRequestSchema,
  pushRequestRaw: RawPushRequestSchema,
} as const

/** The decoded message, or undefined where the generated codec refuses. */
export function decode<S extends DescMessage>(schema: S, bytes: Uint8Array): MessageShape<S> | undefined {
  try {
    return fromBinary(schema, bytes)
  } catch {
    return undefined
  }
}

/** The one encoding of a message that the codec writes: equal bytes mean equal messages, unknown fields included. */
export function encode<S extends DescMessage>(schema: S, message: MessageShape<S>): Uint8Array {
  return toBinary(schema, message)
}
