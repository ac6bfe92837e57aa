// All components that there are. One that is not here does not exist for `run`, `validate`, `explain` and the rest.

import type { AnyKind } from '../graph/component.ts'
import { localFile } from './local/file/local-file.ts'
import { sourceApi } from './loki/source-api/source-api.ts'
import { lokiWriteKind } from './loki/write/write.ts'
import { echo } from './prometheus/echo/echo.ts'
import { receiveHttp } from './prometheus/receive-http/receive-http.ts'
import { relabel } from './prometheus/relabel/relabel.ts'
import { remoteWriteKind } from './prometheus/remote-write/remote-write.ts'

export const kinds: readonly AnyKind[] = [
  echo,
  localFile,
  lokiWriteKind,
  receiveHttp,
  relabel,
  remoteWriteKind,
  sourceApi,
]
