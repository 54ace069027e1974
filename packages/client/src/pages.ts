import type { Page, Pages } from './types.ts'

/** @param read one page; without a cursor the first one */
export const createPages = <Item, Cursor>(
  read: (cursor: Cursor | undefined) => Promise<Page<Item, Cursor>>,
): Pages<Item, Cursor> => ({
  // Awaited, it is its first page. Nothing is requested before it is awaited or read.
  // biome-ignore lint/suspicious/noThenProperty: that it can be awaited is its purpose
  then: (onPage, onError) => read(undefined).then(onPage, onError),
  async *[Symbol.asyncIterator]() {
    for (let cursor: Cursor | undefined; ; ) {
      const { items, next } = await read(cursor)
      yield* items
      if (next === null) return
      cursor = next
    }
  },
})
