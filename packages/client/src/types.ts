/** Of one call; what is absent is as in the client's options. */
export interface CallOptions {
  /** Ends the call, which then rejects with the signal's reason. */
  signal?: AbortSignal
  /** How often the request is sent again at most. */
  retries?: number
  /** Seconds for one try. */
  timeout?: number
}

/** One page of a list. */
export interface Page<Item, Cursor> {
  items: Item[]
  /** What the next page begins with; null on the last one. */
  next: Cursor | null
}

/** A list: `await` reads one page, and `for await` all items, page by page. */
export interface Pages<Item, Cursor> extends PromiseLike<Page<Item, Cursor>>, AsyncIterable<Item> {}

/** What a method of the client sends. */
export interface OperationRow {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `{id}` and the like, which are the first arguments. */
  path: string
  /** The next argument is the body. */
  body?: boolean
  /** The next argument is the query. */
  query?: boolean
  /** The query parameter with which the next page is asked for. */
  cursor?: string
  /** It may be sent again if its answer was lost. */
  idempotent?: boolean
  /** But only if its body has an id, which the client generates where there is none. */
  needsId?: boolean
  /** Options that are sent as headers. */
  headers?: Readonly<Record<string, string>>
  /** Statuses besides 2xx that are no errors. */
  accepts?: readonly number[]
  /** The answer is a stream of events without an end. */
  stream?: boolean
  /** The answer is no JSON. */
  raw?: boolean
}
