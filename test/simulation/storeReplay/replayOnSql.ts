import { isDeepStrictEqual } from 'node:util'
import { migrate } from '../../../packages/reporter/src/store/migrate.ts'
import { connectionOf, openSqlite } from '../../../packages/reporter/src/store/sqlite/openSqlite.ts'
import { createSqliteStore } from '../../../packages/reporter/src/store/sqlite/sqliteStore.ts'
import type { StoreOperations } from '../../../packages/reporter/src/store/store.ts'
import type { StoredEffect } from '../../../packages/reporter/src/store/types.ts'
import { BODY_VERSION } from '../../../packages/reporter/src/store/upcast.ts'
import type {
  LoggedGroup,
  LoggedOperation,
  OperationLog,
} from '../../../packages/reporter/src/testing/operationLog.ts'
import type { Kit } from '../kit.ts'

/**
 * Repeats what a run did to the store in memory on the SQL store, in a real SQLite database. A run that gets the same
 * results runs the same way. Whenever a process starts, every row becomes one that a newer version has written: after a
 * rollback it reads as before.
 * @returns the first difference; undefined if there is none
 */
export const replayOnSql = async (log: OperationLog, { sqlOperations }: Kit): Promise<string | undefined> => {
  const db = openSqlite(':memory:')
  try {
    await migrate(db)
    const store = createSqliteStore(db)
    const replay = createReplay()
    const replayGroup = async ({ operations, isTransaction, committed }: LoggedGroup): Promise<void> => {
      if (!isTransaction) {
        for (const each of operations) await replay(sqlOperations(store), each)
        return
      }
      await store.transaction(async (trx) => {
        for (const each of operations) await replay(sqlOperations(trx), each)
        if (!committed) throw ROLLED_BACK
      })
    }
    for (const group of log) {
      if (isStartOfProcess(group)) connectionOf(db).exec(WRITE_AS_NEWER)
      await replayGroup(group).catch((error: unknown) => {
        if (error !== ROLLED_BACK) throw error
      })
    }
    return undefined
  } catch (error) {
    if (error instanceof Difference) return error.message
    throw error
  } finally {
    await db.destroy()
  }
}

const ROLLED_BACK = Symbol('rolled back')

class Difference extends Error {}

/** The body of a version that has added a field to the recording and to its policy. */
const NEWER_BODY = `json_set(body, '$.bodyVersion', ${BODY_VERSION + 1}, '$.addedLater', 'x', '$.policy.addedLater', 7)`

/** And one to its first attempt. A recording that has not begun has none. */
const NEWER_BODY_OF_ATTEMPTS = `json_set(body, '$.attempts[0].addedLater', json('{}'))`

const NEWER_ATTEMPT = `json_set(settled, '$.bodyVersion', ${BODY_VERSION + 1}, '$.addedLater', json('{}'))`

const WRITE_AS_NEWER = `update recordings set body = ${NEWER_BODY};
  update recordings set body = ${NEWER_BODY_OF_ATTEMPTS} where json_array_length(body, '$.attempts') > 0;
  update attempts set settled = ${NEWER_ATTEMPT} where settled is not null`

/** A process that starts ends the claims of its predecessor. */
const isStartOfProcess = ({ operations }: LoggedGroup): boolean =>
  operations.some(({ name }) => name === 'releaseClaims')

/** An operation without its type: the log has them all. */
type AnyOperation = (...args: readonly unknown[]) => Promise<unknown>

/** Repeats one operation and compares the results. The two stores number their effects differently. */
const createReplay = () => {
  /** Ids of effects: of the store in memory, to those of the SQL store. */
  const ids = new Map<number, number>()
  return async (operations: StoreOperations, { name, args, result }: LoggedOperation): Promise<void> => {
    const [id, ...others] = args as [number, ...unknown[]]
    const isAboutEffect = name === 'completeEffect' || name === 'releaseEffect'
    const expected = await settle(result)
    const operation = operations[name] as AnyOperation
    const actual = await settle(operation(...(isAboutEffect ? [ids.get(id) ?? id, ...others] : args)))
    if (name === 'claimEffects') pairIds(ids, expected, actual)
    // How much is removed in one call depends on the time that it takes.
    if (name === 'prune') return
    const [one, other] = [comparable(name, expected), comparable(name, actual)]
    if (isDeepStrictEqual(one, other)) return
    throw new Difference(`${name}: ${JSON.stringify(one)} in memory, ${JSON.stringify(other)} in SQL`)
  }
}

const settle = (result: Promise<unknown>): Promise<unknown> =>
  result.catch((error: unknown) => ({ failed: (error as Error).name }))

const pairIds = (ids: Map<number, number>, inMemory: unknown, inSql: unknown): void => {
  const others = inSql as StoredEffect[]
  for (const [index, { id }] of (inMemory as StoredEffect[]).entries()) ids.set(id, others[index]?.id ?? id)
}

/** Without what differs between the stores although it means the same: the order of fields and rows, and ids of effects. */
const comparable = (name: keyof StoreOperations, result: unknown): unknown => {
  if (name === 'claimEffects') return (result as StoredEffect[]).map(({ id: _, ...effect }) => effect)
  return Array.isArray(result) ? result.map(canonical).toSorted() : canonical(result)
}

/** Columns that the store in memory returns with its rows. */
const COLUMNS: ReadonlySet<string> = new Set(['dueAt', 'updatedAt', 'stateSince'])

/** As JSON, with the fields of every object in order. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each
    const isRow = 'version' in each
    return Object.fromEntries(
      Object.entries(each)
        .filter(([name]) => !isRow || !COLUMNS.has(name))
        .toSorted(([one], [other]) => (one < other ? -1 : 1)),
    )
  }) ?? 'undefined'
