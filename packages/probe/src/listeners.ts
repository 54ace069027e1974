import { guard } from './guard.ts'

/** Listeners on a window that are taken off together. */
export interface Listeners {
  on<E extends keyof WindowEventMap>(
    type: E,
    handle: (event: WindowEventMap[E]) => void,
    capture?: boolean,
  ): void
  end(): void
}

/** @param tell receives what a listener throws */
export const createListeners = (window: Window, tell: (fault: unknown) => void): Listeners => {
  const remove: (() => void)[] = []
  return {
    on(type, handle, capture = false) {
      const listener = guard(handle, tell)
      window.addEventListener(type, listener, capture)
      remove.push(() => window.removeEventListener(type, listener, capture))
    },
    end() {
      for (const one of remove) one()
    },
  }
}
