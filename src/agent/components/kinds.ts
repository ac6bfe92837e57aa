// All components that there are. One that is not here does not exist for `run`, `validate`, `explain` and the rest.

import type { AnyKind } from '../graph/component.ts'
import { lokiWriteKind } from './loki/write/write.ts'
import { receiveHttp } from './prometheus/receive-http/receive-http.ts'
import { relabel } from './prometheus/relabel/relabel.ts'
import { remoteWriteKind } from './prometheus/remote-write/remote-write.ts'

export const kinds: readonly AnyKind[] = [receiveHttp, relabel, remoteWriteKind, lokiWriteKind]
