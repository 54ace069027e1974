import type { Logger } from 'pino'
import { mainIdOf } from '../standbyId.ts'

/**
 * Tells those who wait for it that a recording may have changed. It is only a hint to read the store: hints about one
 * recording are merged, and what a recording was in between may never be seen.
 */
export interface Changes {
  /**
   * To be called once a change of a recording or of its standby is stored. It neither waits nor throws: the listeners are
   * called in a later turn of the event loop.
   */
  changed(id: string): void
  /** The same when it is not known what has changed, for instance after a lost connection to the database. */
  anyChanged(): void
  /**
   * Calls the listener after changes of this recording, those of its standby included.
   * @returns ends it
   */
  follow(id: string, listener: () => void): () => void
  /**
   * Calls the listener after changes of any recording.
   * @returns ends it
   */
  followAll(listener: () => void): () => void
}

/** Ids that wait to be passed on. With more of them, all listeners are called, as if anything had changed. */
const MAX_PENDING = 10_000

type Listeners = Set<() => void>

export const createChanges = (log: Pick<Logger, 'error'>): Changes => {
  const byId = new Map<string, Listeners>()
  const ofAll: Listeners = new Set()
  const pending = new Set<string>()
  let anyPending = false
  let scheduled = false

  /** What one listener throws keeps nothing from the others. */
  const call = (listener: () => void): void => {
    try {
      listener()
    } catch (err) {
      log.error({ err }, 'a listener of changes failed')
    }
  }

  const passOn = (): void => {
    scheduled = false
    const ids = anyPending ? [...byId.keys()] : [...pending]
    pending.clear()
    anyPending = false
    const listeners = [...ids.flatMap((id) => [...(byId.get(id) ?? [])]), ...ofAll]
    listeners.forEach(call)
  }

  const schedule = (): void => {
    if (scheduled || (byId.size === 0 && ofAll.size === 0)) return
    scheduled = true
    setImmediate(passOn)
  }

  return {
    changed: (id) => {
      if (byId.size > 0 && !anyPending) pending.add(mainIdOf(id) ?? id)
      if (pending.size > MAX_PENDING) {
        anyPending = true
        pending.clear()
      }
      schedule()
    },
    anyChanged: () => {
      anyPending = true
      pending.clear()
      schedule()
    },
    follow: (id, listener) => {
      const listeners: Listeners = byId.get(id) ?? new Set()
      byId.set(id, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && byId.get(id) === listeners) byId.delete(id)
      }
    },
    followAll: (listener) => {
      ofAll.add(listener)
      return () => {
        ofAll.delete(listener)
      }
    },
  }
}
