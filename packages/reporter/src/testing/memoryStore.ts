import type { Store } from '../store/store.ts'
import { emptyTables, operationsOn, type Tables, type Undo, type UndoLog } from './memoryTables.ts'
import { wrapOperations } from './wrapOperations.ts'

/** A store in memory: what a simulated reporter leaves behind when it crashes. */
export interface Memory {
  /** What one process sees of it: each has a connection of its own. */
  connect(): MemoryStore
  /** To be looked at, and not touched. */
  readonly tables: Tables
}

export interface MemoryStore extends Store {
  /** The process is gone: what it has not committed is undone, and nothing that it asked for is answered. */
  disconnect(): void
}

/** For a verb alone: it does not fail half-way. */
const noLog: UndoLog = { push: () => {} }

const never = <T>(): Promise<T> => new Promise(() => {})

export const createMemory = (): Memory => {
  const tables = emptyTables()
  /** While a transaction is open: one writer at a time, and nobody sees what is not committed. */
  let open: { owner: symbol; undo: Undo[]; over: PromiseWithResolvers<void> } | undefined

  const close = (): void => {
    open?.over.resolve()
    open = undefined
  }
  const rollBack = (): void => {
    for (const undo of open?.undo.toReversed() ?? []) undo()
    close()
  }

  const connect = (): MemoryStore => {
    const owner = Symbol('connection')
    let cut = false
    // A verb is done at once, so nothing can come between it and its answer.
    const alive = <T>(job: () => Promise<T>): Promise<T> => (cut ? never() : job())
    const alone = <T>(job: () => Promise<T>): Promise<T> =>
      open ? open.over.promise.then(() => alone(job)) : alive(job)
    return {
      ...wrapOperations(operationsOn(tables, noLog), (_verb, job) => alone(job)),
      transaction: async (work) => {
        while (open) await open.over.promise
        if (cut) return never()
        const undo: Undo[] = []
        open = { owner, undo, over: Promise.withResolvers() }
        try {
          const value = await work(wrapOperations(operationsOn(tables, undo), (_verb, job) => alive(job)))
          if (!cut) close()
          return cut ? never() : value
        } catch (error) {
          if (cut) return never()
          rollBack()
          throw error
        }
      },
      disconnect: () => {
        cut = true
        if (open?.owner === owner) rollBack()
      },
    }
  }
  return { tables, connect }
}
