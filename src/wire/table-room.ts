// Memory for the columns of a table, all in one piece: nine of four bytes, one of two and one of one.

export const bytesPerRow = 39

interface TableRoom {
  /** The column of this number, from 0 to 8. */
  words(n: number): Uint32Array
  readonly which: Int16Array
  readonly flags: Uint8Array
}

/** For `count` rows, all zero; `buffer`: memory that is zero for so many. */
export function tableRoom(count: number, buffer: ArrayBuffer = new ArrayBuffer(count * bytesPerRow)): TableRoom {
  return {
    words: (n) => new Uint32Array(buffer, n * count * 4, count),
    which: new Int16Array(buffer, count * 36, count),
    flags: new Uint8Array(buffer, count * 38, count),
  }
}
