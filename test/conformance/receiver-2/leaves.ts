// All cases of the receiver suite that push a body of 2.0, at each of their levels.

import { leavesOf } from '../../support/receiver-case.ts'
import { combined } from './combined.ts'
import { exemplars } from './exemplars.ts'
import { histograms } from './histograms.ts'
import { metadata } from './metadata.ts'
import { metrics } from './metrics.ts'

export const leaves = leavesOf([...metrics, ...exemplars, ...histograms, ...metadata, ...combined])
