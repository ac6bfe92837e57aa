// A remote-write client that knows nothing of tenants becomes multi-tenant by its `fetch` alone.
//
//   PUSH_URL=http://127.0.0.1:9009/api/v1/push node --import tsx examples/library/remote-write.ts

import { type MinimalFetch, pushTimeseries } from 'prometheus-remote-write'
import { tenantFetch } from 'sluice/fetch'

const url = process.env.PUSH_URL ?? 'http://127.0.0.1:9009/api/v1/push'

const result = await pushTimeseries(
  [
    { labels: { __name__: 'up', team: 'search' }, samples: [{ value: 1 }] },
    { labels: { __name__: 'up', team: 'checkout' }, samples: [{ value: 1 }] },
  ],
  { url, fetch: tenantFetch(fetch as MinimalFetch, { labels: ['team'] }) },
)
console.log(result.status) // 204
