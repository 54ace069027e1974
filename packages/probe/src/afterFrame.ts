import type { Clock } from './environment.ts'

/** How long a visible page may go without a frame. */
const FRAME_WAIT_MS = 100

/**
 * Calls back behind the next frame, when the layout is up to date: to read it then costs nothing, while before the frame
 * it would have to be made. Where no frame comes, it calls back all the same.
 *
 * @param callback gets whether a frame came
 */
export type AfterFrame = (callback: (framed: boolean) => void) => void

export const afterFrameOf = (window: Window, { setTimeout, clearTimeout }: Clock): AfterFrame => {
  const requestFrame = window.requestAnimationFrame.bind(window)
  return (callback) => {
    if (window.document.hidden) {
      callback(false)
      return
    }
    const timer = setTimeout(() => {
      window.cancelAnimationFrame(frame)
      callback(false)
    }, FRAME_WAIT_MS)
    const frame = requestFrame(() => {
      clearTimeout(timer)
      setTimeout(() => callback(true), 0)
    })
  }
}
