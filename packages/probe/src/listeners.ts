import { guard } from './guard.ts'

/** Listens on the window, until the listeners' signal is aborted. */
export type Listen = <E extends keyof WindowEventMap>(
  type: E,
  handle: (event: WindowEventMap[E]) => void,
) => void

/**
 * Listeners are called on the way down: failed loads of images and media do not bubble.
 *
 * @param tell receives what a listener throws
 */
export const listenOn =
  (window: Window, signal: AbortSignal, tell: (fault: unknown) => void): Listen =>
  (type, handle) =>
    window.addEventListener(type, guard(handle, tell), { capture: true, signal })
