// A process that changes files while the one under test reads them: no change waits for a reader to be done.

import { apply, type Change } from './change.ts'

process.on('message', (change: Change) => {
  apply(change)
  process.send?.('done')
})
