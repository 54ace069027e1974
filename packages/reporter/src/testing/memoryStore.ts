import type { Store, StoreOperations } from '../store/store.ts'
import { operationsOn } from './memoryOperations.ts'
import { emptyTables, type Tables } from './memoryTables.ts'
import { type LoggedGroup, logOperations, type OperationLog } from './operationLog.ts'
import type { Undo, UndoLog } from './undoLog.ts'
import { wrapOperations } from './wrapOperations.ts'

/** A store in memory that outlives the simulated process that uses it. */
export interface Memory {
  /** Opens a connection. Each simulated process has its own. */
  connect(): MemoryStore
  /** For assertions; do not change. */
  readonly tables: Tables
}

export interface MemoryStore extends Store {
  /** Simulates the death of the process: its open transaction is rolled back, and its pending calls never resolve. */
  disconnect(): void
}

/** Operations outside a transaction need no undo: they do not fail half-way. */
const noLog: UndoLog = { push: () => {} }

const never = <T>(): Promise<T> => new Promise(() => {})

/** @param log to which everything that happens to the store is added */
export const createMemory = (log?: OperationLog): Memory => {
  const tables = emptyTables()
  const openGroup = (isTransaction: boolean): LoggedGroup | undefined => {
    const group = log && { operations: [], isTransaction, committed: !isTransaction }
    if (group) log.push(group)
    return group
  }
  const record = (operations: StoreOperations, group: () => LoggedGroup | undefined): StoreOperations =>
    log ? logOperations(operations, { push: (each) => group()?.operations.push(each) }) : operations
  /** The open transaction. All other calls wait for its end, so that no one sees uncommitted rows. */
  let open: { owner: symbol; undo: Undo[]; ended: PromiseWithResolvers<void> } | undefined

  const close = (): void => {
    open?.ended.resolve()
    open = undefined
  }
  const rollBack = (): void => {
    for (const undo of open?.undo.toReversed() ?? []) undo()
    close()
  }

  const connect = (): MemoryStore => {
    const owner = Symbol('connection')
    let disconnected = false
    // An operation is synchronous, so it needs no check after it.
    const ifConnected = <T>(job: () => Promise<T>): Promise<T> => (disconnected ? never() : job())
    const outsideTransactions = <T>(job: () => Promise<T>): Promise<T> =>
      open ? open.ended.promise.then(() => outsideTransactions(job)) : ifConnected(job)
    return {
      ...wrapOperations(
        record(operationsOn(tables, noLog), () => openGroup(false)),
        (_operation, job) => outsideTransactions(job),
      ),
      transaction: async (work) => {
        while (open) await open.ended.promise
        if (disconnected) return never()
        const undo: Undo[] = []
        open = { owner, undo, ended: Promise.withResolvers() }
        const group = openGroup(true)
        try {
          const recorded = record(operationsOn(tables, undo), () => group)
          const operations = wrapOperations(recorded, (_operation, job) => ifConnected(job))
          const value = await work(operations)
          if (!disconnected) {
            if (group) group.committed = true
            close()
          }
          return disconnected ? never() : value
        } catch (error) {
          if (disconnected) return never()
          rollBack()
          throw error
        }
      },
      disconnect: () => {
        disconnected = true
        if (open?.owner === owner) rollBack()
      },
    }
  }
  return { tables, connect }
}
