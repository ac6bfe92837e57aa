import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const heap = JSON.stringify(join(import.meta.dirname, 'heap.ts'))

/** What a process of its own says that has its heap set: `room()` is the room for young objects, in MiB. */
function run(script: string, ...flags: string[]): { rooms: number[]; complaints: string } {
  const whole = `
    import { Session } from 'node:inspector'
    import { getHeapSpaceStatistics } from 'node:v8'
    import { setTimeout as wait } from 'node:timers/promises'
    await import(${heap})
    const room = () => {
      const { space_used_size, space_available_size } =
        getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
      return (space_used_size + space_available_size) / 2 ** 20
    }
    const say = (room) => console.log(room)
    /** Makes many objects that live for a while. */
    const work = (rounds) => {
      const alive = []
      for (let n = 0; n < rounds; n++) alive[n % 50] = Array.from({ length: 10_000 }, (_, k) => ({ k }))
    }
    /** The room between two rounds of work: V8 13 and later take more for a moment now and then. */
    const usualRoom = () => Math.min(...Array.from({ length: 20 }, () => (work(20), room())))
    ${script}`
  const args = [...flags, '--import', 'tsx', '--input-type=module', '--eval', whole]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { rooms: stdout.split('\n').slice(0, -1).map(Number), complaints: stderr }
}

// V8 widens by doubling. What it has on a machine with little time may be anything below 0.65 x 4 MiB, which is widened.
const least = 0.65 * 4
const most = 2 * least

test('this V8 knows every flag, and young objects have the room they are given, however many there are', () => {
  const { rooms, complaints } = run('say(room()); work(500); say(usualRoom())')
  expect(complaints).toBe('')
  for (const room of rooms) expect(room).toBeGreaterThan(least)
  for (const room of rooms) expect(room).toBeLessThan(most)
  expect(rooms.length).toBe(2)
}, 30_000)

test('what V8 took back in a quiet time is there again once there is work', () => {
  const quiet = `
    const session = new Session()
    session.connect()
    for (let n = 0; n < 20 && room() > 2; n++) {
      session.post('HeapProfiler.collectGarbage')
      await wait(50)
    }
    session.disconnect();`
  const busy = `for (let n = 0; n < 40 && room() < ${least}; n++) { work(30); await wait(50) }`
  const { rooms } = run(`${quiet} say(room()); ${busy} say(usualRoom())`)
  expect(rooms[0]).toBeLessThan(least)
  expect(rooms[1]).toBeGreaterThan(least)
  expect(rooms[1]).toBeLessThan(most)
}, 30_000)

test('whoever sets the size of the young generation keeps it', () => {
  const { rooms } = run('work(500); say(usualRoom())', '--max-semi-space-size=2')
  expect(rooms[0]).toBeLessThan(2.5)
}, 30_000)
