import type { Clock } from './clock.ts'

/** How long a visible page may go without a frame. */
const FRAME_TIMEOUT_MS = 100

/**
 * Calls back just after the next animation frame, when the layout is up to date: reading it then costs nothing, whereas
 * reading it before the frame forces a layout (https://gist.github.com/paulirish/5d52fb081b3570c81e3a).
 * If no frame comes within 100 ms, or the page is hidden, it calls back without one.
 *
 * @param callback receives whether a frame came
 */
export type AfterFrame = (callback: (painted: boolean) => void) => void

export const afterFrameOf = (window: Window, { setTimeout, clearTimeout }: Clock): AfterFrame => {
  const requestFrame = window.requestAnimationFrame.bind(window)
  const cancelFrame = window.cancelAnimationFrame.bind(window)
  return (callback) => {
    if (window.document.hidden) {
      callback(false)
      return
    }
    const timer = setTimeout(() => {
      cancelFrame(frame)
      callback(false)
    }, FRAME_TIMEOUT_MS)
    const frame = requestFrame(() => {
      clearTimeout(timer)
      setTimeout(() => callback(true), 0)
    })
  }
}
