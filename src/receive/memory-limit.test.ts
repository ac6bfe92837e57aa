import { expect, test } from 'vitest'
import { defaultInFlightBytes, memoryLimit } from './memory-limit.ts'

const MiB = 1024 * 1024
const GiB = 1024 * MiB

const from = (files: Readonly<Record<string, string>>, physical = 16 * GiB) => ({
  physical,
  readFile: (path: string) => {
    const text = files[path]
    if (text === undefined) throw new Error('ENOENT')
    return text
  },
})

test('the limit of the control group, or physical memory', () => {
  const check = (files: Readonly<Record<string, string>>, want: number) => expect(memoryLimit(from(files))).toBe(want)
  check({}, 16 * GiB)
  check({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': '536870912\n' }, 512 * MiB)
  check({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': 'max\n' }, 16 * GiB)
  check({ '/proc/self/cgroup': '0::/a/b\n', '/sys/fs/cgroup/a/memory.max': `${GiB}` }, GiB)
  check(
    {
      '/proc/self/cgroup': '0::/a/b\n',
      '/sys/fs/cgroup/a/memory.max': `${GiB}`,
      '/sys/fs/cgroup/a/b/memory.max': `${2 * GiB}`,
    },
    GiB,
  )
  const v1 = '12:cpu,cpuacct:/x\n7:memory:/docker/abc\n0::/\n'
  check({ '/proc/self/cgroup': v1, '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${GiB}\n` }, GiB)
  check({ '/proc/self/cgroup': v1, '/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes': `${GiB}\n` }, GiB)
  check({ '/proc/self/cgroup': v1, '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' }, 16 * GiB)
  check({ '/proc/self/cgroup': '0::/../x\n', '/sys/fs/cgroup/memory.max': `${GiB}` }, GiB)
})

test('half of what is left after the process itself, and never too little', () => {
  const check = (physical: number, want: number) => expect(defaultInFlightBytes(from({}, physical))).toBe(want)
  check(160 * MiB + 1000 * MiB, 500 * MiB)
  check(256 * MiB, 64 * MiB)
  check(64 * MiB, 64 * MiB)
})
