import { guard } from './guard.ts'
import { natives } from './natives.ts'
import type { ProbeEvents } from './probeTypes.ts'

type Listener = (...args: unknown[]) => void

export interface Events {
  /** @returns removes the listener */
  on<E extends keyof ProbeEvents>(event: E, listener: ProbeEvents[E]): () => void
  /** Calls the listeners of an event; what one throws goes to the console. */
  emit<E extends keyof ProbeEvents>(event: E, ...args: Parameters<ProbeEvents[E]>): void
}

export const createEvents = (): Events => {
  let listeners: (readonly [event: string, listener: Listener])[] = []
  return {
    on(event, listener) {
      const added = [event, guard(listener as Listener)] as const
      listeners = [...listeners, added]
      return () => {
        listeners = natives.Array.filter(listeners, (one) => one !== added)
      }
    },
    emit(event, ...args) {
      for (const [name, listener] of listeners) if (name === event) listener(...args)
    },
  }
}
