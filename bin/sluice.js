#!/usr/bin/env node
import '../dist/cli/heap.js'

await import('../dist/cli/main.js')
