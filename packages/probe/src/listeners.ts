import { guard } from './guard.ts'

/** Adds a listener to the window, which is removed when the listeners' signal is aborted. */
export type Listen = <E extends keyof WindowEventMap>(
  type: E,
  handle: (event: WindowEventMap[E]) => void,
) => void

/**
 * Listeners run in the capture phase, because failed loads of images and media do not bubble.
 *
 * @param onInternalError receives what a listener throws
 */
export const listenOn =
  (window: Window, signal: AbortSignal, onInternalError: (fault: unknown) => void): Listen =>
  (type, handle) =>
    window.addEventListener(type, guard(handle, onInternalError), { capture: true, signal })
