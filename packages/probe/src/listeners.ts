import { guard } from './guard.ts'

/** Adds a listener to the window. */
export type Listen = <E extends keyof WindowEventMap>(
  type: E,
  handle: (event: WindowEventMap[E]) => void,
) => void

/** The probe's listeners on the window. */
export interface Listeners {
  listen: Listen
  /**
   * Adds all of them again, which changes nothing for those that are there: `document.open()` removes the listeners of the
   * window, without an event (https://html.spec.whatwg.org/multipage/dynamic-markup-insertion.html#document-open-steps).
   */
  renew(): void
  remove(): void
}

/**
 * Listeners run in the capture phase, because failed loads of images and media do not bubble.
 *
 * @param onInternalError receives what a listener throws
 */
export const createListeners = (window: Window, onInternalError: (fault: unknown) => void): Listeners => {
  const add = window.addEventListener.bind(window)
  const remove = window.removeEventListener.bind(window)
  let listeners: [type: string, listener: EventListener][] = []
  const renew = () => {
    for (const [type, listener] of listeners) add(type, listener, true)
  }
  return {
    listen(type, handle) {
      listeners = [...listeners, [type, guard(handle, onInternalError) as EventListener]]
      renew()
    },
    renew,
    remove() {
      for (const [type, listener] of listeners) remove(type, listener, true)
    },
  }
}
