/** One block of a stream of server-sent events. */
export interface StreamBlock {
  /** The last event id from here on; undefined if the block names none. */
  id: string | undefined
  /** Undefined: the block only says something about the stream. */
  data: string | undefined
  /** Milliseconds before a client comes back. */
  retry: number | undefined
}

/** An event has a few kilobytes. */
const MAX_BLOCK_LENGTH = 1024 * 1024

/**
 * Reads blocks from the text of a stream, however it is cut into pieces.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export const createBlockReader = (): ((piece: string) => StreamBlock[]) => {
  let rest = ''
  let lines: string[] = []
  let isFirst = true
  return (piece) => {
    rest += piece
    if (isFirst && rest !== '') {
      rest = rest.replace(/^\uFEFF/, '')
      isFirst = false
    }
    if (rest.length > MAX_BLOCK_LENGTH) throw new RangeError('A line of the stream is too long.')
    const blocks: StreamBlock[] = []
    // A carriage return at the end may be the first half of a line break.
    for (let end = /\r\n|\n|\r(?!$)/.exec(rest); end; end = /\r\n|\n|\r(?!$)/.exec(rest)) {
      const line = rest.slice(0, end.index)
      rest = rest.slice(end.index + end[0].length)
      if (line !== '') lines.push(line)
      else if (lines.length > 0) {
        blocks.push(blockOf(lines))
        lines = []
      }
    }
    return blocks
  }
}

const blockOf = (lines: readonly string[]): StreamBlock => {
  const values = (field: string): string[] =>
    lines.flatMap((line) => {
      const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
      return name === field ? [value] : []
    })
  const data = values('data')
  const retry = values('retry').findLast((value) => /^\d+$/.test(value))
  return {
    id: values('id').findLast((value) => !value.includes('\0')),
    data: data.length === 0 ? undefined : data.join('\n'),
    retry: retry === undefined ? undefined : Number(retry),
  }
}

/**
 * The blocks of a response, until it ends.
 * @param idleTimeoutMs without a byte, after which the connection counts as broken: the reporter sends heartbeats
 */
export async function* readBlocks(
  body: ReadableStream<Uint8Array>,
  idleTimeoutMs: number,
): AsyncGenerator<StreamBlock> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const read = createBlockReader()
  try {
    for (;;) {
      const { done, value } = await withinTime(reader.read(), idleTimeoutMs)
      if (done) return
      yield* read(decoder.decode(value, { stream: true }))
    }
  } finally {
    // Also when whoever reads has enough. A connection that is broken already has nothing to cancel.
    reader.cancel().catch(() => {})
  }
}

const withinTime = async <Result>(promise: Promise<Result>, ms: number): Promise<Result> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Nothing has arrived within ${ms / 1000} s.`)), ms)
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}
