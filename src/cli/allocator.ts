// One word to the system's allocator, by the only means that JavaScript has: glibc returns the top of its heap to the
// kernel once more than twice its "mmap threshold" is free there, and raises that threshold to the size of any mapped
// block (up to 32 MiB) that is freed (mallopt(3), M_MMAP_THRESHOLD). At its start the threshold is 128 KiB, so that
// each push of a megabyte unpacked gives its pages back and faults them in again: measured, a quarter of the CPU time
// of a push for one tenant. Elsewhere than on glibc this does nothing.

// Larger would do, but what giant bodies used is to go back at once.
const block = 8 << 20

/** Makes the allocator keep up to 16 MiB that pushes have used. The block itself is never touched: it takes no memory. */
export function keepFreedMemory(): void {
  Buffer.allocUnsafeSlow(block)
}
