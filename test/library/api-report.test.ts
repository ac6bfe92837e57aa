// The public interface changes only where its reports say so: `npm run api` rewrites them.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { apiReport, entryPoints, reportFile } from '../../scripts/api-report.ts'

test.for([...entryPoints])('etc/%s.api.md is what npm run api makes', (entry) => {
  expect(apiReport(entry)).toBe(readFileSync(reportFile(entry), 'utf8'))
})
