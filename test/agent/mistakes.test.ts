// A file with ten mistakes of ten kinds: one run tells of all of them, each at its place.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runSluice } from '../support/sluice.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const config = `logging {
  level = "verbose"
}

prometheus.receive_http "in" {
  http {
    listen_port = "eighty"
  }
  forward_to = [prometheus.relabel.cluster.reciever]
}

prometheus.relabel "cluster" {
  forward_to = [prometheus.remote_write.nowhere.receiver]

  rule {
    source_labels = ["namespace"]
    regex         = "team-(.*"
    target_label  = "__tenant_id__"
  }
}

prometheus.scrape "apps" {
  targets = []
}

prometheus.remote_wirte "old" { }

prometheus.remote_write "mimir" {
  endpoint {
    url = "http://mimir:8080/api/v1/push"

    tenancy {
      on_missing = "default"
      keep_lable = true
    }
  }
}

prometheus.relabel "cluster" {
  forward_to = []
}
`

const said = `Error: mistakes.alloy:2:11: unrecognized log level verbose

1 | logging {
2 |   level = "verbose"
  |           ^^^^^^^^^
3 | }
hint: the values are debug, info, warn, error

Error: mistakes.alloy:7:19: expected number, got string

6 |   http {
7 |     listen_port = "eighty"
  |                   ^^^^^^^^
8 |   }

Error: mistakes.alloy:9:17: field "reciever" does not exist

 8 |   }
 9 |   forward_to = [prometheus.relabel.cluster.reciever]
   |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
10 | }
hint: did you mean \`receiver\`?

Error: mistakes.alloy:13:17: component "prometheus.remote_write.nowhere.receiver" does not exist or is out of scope

12 | prometheus.relabel "cluster" {
13 |   forward_to = [prometheus.remote_write.nowhere.receiver]
   |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
14 | 
hint: did you mean \`prometheus.remote_write.mimir.receiver\`?

Error: mistakes.alloy:17:21: error parsing regexp: missing closing ): \`^(?s:team-(.*)$\`

16 |     source_labels = ["namespace"]
17 |     regex         = "team-(.*"
   |                     ^^^^^^^^^^
18 |     target_label  = "__tenant_id__"
hint: mend it; the syntax is that of RE2

Error: mistakes.alloy:22:1: cannot find the definition of component name "prometheus.scrape"

21 | 
22 | prometheus.scrape "apps" {
   | ^^^^^^^^^^^^^^^^^
23 |   targets = []
hint: Alloy has it, Sluice not yet; \`sluice validate --coverage\` lists what there is

Error: mistakes.alloy:26:1: cannot find the definition of component name "prometheus.remote_wirte"

25 | 
26 | prometheus.remote_wirte "old" { }
   | ^^^^^^^^^^^^^^^^^^^^^^^
27 | 
hint: did you mean \`prometheus.remote_write\`?

Error: mistakes.alloy:33:20: "default" is not one of the values

32 |     tenancy {
33 |       on_missing = "default"
   |                    ^^^^^^^^^
34 |       keep_lable = true
hint: the values are reject, drop

Error: mistakes.alloy:34:7: unrecognized attribute name "keep_lable"

33 |       on_missing = "default"
34 |       keep_lable = true
   |       ^^^^^^^^^^^^^^^^^
35 |     }
hint: did you mean \`keep_label\`?

Error: mistakes.alloy:39:1: block prometheus.relabel.cluster already declared at mistakes.alloy:12:1

38 | 
39 | prometheus.relabel "cluster" {
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^
40 |   forward_to = []
hint: give it another label, or take one of them out
`

const started = async (command: string, ...flags: readonly string[]) => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'mistakes.alloy'), config)
  return runSluice([command, 'mistakes.alloy', ...flags], { cwd })
}

test('validate tells of all ten', async () => {
  expect(await started('validate')).toEqual({ code: 78, stdout: '', stderr: said })
})

test('run says the same, and starts nothing', async () => {
  expect(await started('run')).toEqual({ code: 78, stdout: '', stderr: said })
})
