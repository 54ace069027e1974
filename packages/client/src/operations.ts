import type { ClientOptions, Perform } from './call.ts'
import { followStream } from './followStream.ts'
import type { Operations } from './generated/operations.ts'
import { OPERATIONS } from './generated/tables.ts'
import { linkSignals } from './linkSignals.ts'
import { createPages } from './pages.ts'
import { fillPath, queryString } from './target.ts'
import type { CallOptions, OperationRow, Page } from './types.ts'

/** What a method was called with, as the request has it. */
interface Arguments {
  path: string
  headers: Record<string, string>
  body: unknown
  query: Record<string, unknown>
  options: CallOptions & Record<string, unknown>
}

/** A method for each operation, as the table says what it sends. */
export const createOperations = (perform: Perform, client: ClientOptions): Operations => {
  const request = async (
    row: OperationRow,
    { path, headers, body, query, options }: Arguments,
  ): Promise<unknown> => {
    const { method, raw = false, accepts = [] } = row
    const linked = linkSignals([client.signal, options.signal])
    try {
      return await perform({
        sent: { method, target: path + queryString(query), ...bodyOf(body, headers) },
        idempotent: mayRepeat(row, options),
        signal: linked.signal,
        options,
        read: async (response) => (raw ? response : await response.json()),
        accepts: ({ ok, status }) => ok || accepts.includes(status),
      })
    } finally {
      // A raw answer is read later, and ends with the signals as well.
      if (!raw) linked.unlink()
    }
  }

  const methodOf = (row: OperationRow) => {
    const { cursor, stream } = row
    if (stream) {
      return (...given: unknown[]) => {
        const { path, headers, query, options } = argumentsOf(row, given)
        return followStream(perform, client, { target: path + queryString(query), headers, options })
      }
    }
    if (cursor === undefined) {
      return async (...given: unknown[]) => request(row, argumentsOf(row, given))
    }
    return (...given: unknown[]) => {
      const sent = argumentsOf(row, given)
      return createPages((at: unknown) => {
        const query = at === undefined ? sent.query : { ...sent.query, [cursor]: at }
        return request(row, { ...sent, query }) as Promise<Page<unknown, unknown>>
      })
    }
  }

  // Each row of the table was made with the method's declaration.
  return Object.fromEntries(
    Object.entries(OPERATIONS).map(([name, row]) => [name, methodOf(row)]),
  ) as unknown as Operations
}

/** Path parameters, body, query, options: what the operation has of these. */
const argumentsOf = (row: OperationRow, given: readonly unknown[]): Arguments => {
  const left = [...given]
  const parameters = left.splice(0, row.path.match(/{/g)?.length ?? 0)
  const body = row.body ? left.shift() : undefined
  const query = (row.query ? left.shift() : undefined) ?? {}
  const options = (left.shift() ?? {}) as Arguments['options']
  // With an id the same request creates one thing, however often it is sent. A key of the caller's does the same.
  const needsId = row.needsId && options.idempotencyKey === undefined
  return {
    path: fillPath(row.path, parameters),
    headers: headersOf(row, options),
    body: needsId ? { id: createId(), ...(body as object) } : body,
    query: query as Record<string, unknown>,
    options,
  }
}

const headersOf = ({ headers = {}, idempotent = false }: OperationRow, options: Arguments['options']) =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([option, header]): [string, string][] => {
      // A call that is not idempotent becomes so by a key.
      const generated = option === 'idempotencyKey' && !idempotent ? createId() : undefined
      const value = options[option] ?? generated
      return value === undefined ? [] : [[header, String(value)]]
    }),
  )

/** With a condition about the version, what succeeded and was not answered would fail the second time. */
const mayRepeat = (
  { idempotent = false, headers = {} }: OperationRow,
  { ifMatch }: Arguments['options'],
): boolean => (idempotent || 'idempotencyKey' in headers) && ifMatch === undefined

const bodyOf = (body: unknown, headers: Record<string, string>) =>
  body === undefined
    ? { headers }
    : { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }

/** 24 characters, as those that the reporter generates. */
const createId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
