// A compressed body in the other form of remote write.

import type { Protocol } from '../wire/codecs.ts'
import type { Lost } from '../wire/convert/lost.ts'
import { toRemoteWrite1 } from '../wire/convert/to-v1.ts'
import { toRemoteWrite2 } from '../wire/convert/to-v2.ts'
import { release } from '../wire/release.ts'
import { compress, uncompress } from '../wire/snappy.ts'

export interface ConvertedBody {
  /** Compressed; undefined: the other form can carry nothing of it. */
  readonly body: Uint8Array | undefined
  readonly lost: Readonly<Lost>
}

/** Throws SluiceError BODY_CORRUPT if it can't be read. */
export function converted(packed: Uint8Array, form: Protocol): ConvertedBody {
  const bytes = uncompress(packed, Number.MAX_SAFE_INTEGER)
  try {
    const { body, lost } = form === 'remote-write-1' ? toRemoteWrite1(bytes) : toRemoteWrite2(bytes)
    return { body: body.length === 0 ? undefined : compress(body), lost }
  } finally {
    release(bytes)
  }
}
