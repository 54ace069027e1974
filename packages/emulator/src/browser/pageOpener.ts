import type { Screencast } from '../recorder/recorder.ts'

/** What a page reports to its task. */
export type PageSignal = 'navigating' | 'notifyReady' | 'crashed' | 'browserDied'

export interface PageOptions {
  url: string
  /** Size in CSS pixels. */
  width: number
  height: number
  mobile: boolean
  /** Where the page's pictures go; none are taken without it. */
  screencast?: Screencast
}

/** The page of a task. */
export interface RecordedPage {
  /**
   * Opens the page; called again, reloads it, or opens it anew if it crashed.
   *
   * @throws {AccessError} if the URL cannot be reached
   * @throws {EngineError} if no browser can be launched
   */
  load(): Promise<void>
  /** Kills the renderer. */
  crash(): Promise<void>
  /** Halts the main thread: no script, timer or animation frame of the page runs afterwards. */
  freeze(): Promise<void>
  /** Takes the page offline: none of its requests succeeds afterwards. */
  cutOff(): Promise<void>
  close(): Promise<void>
}

/** Opens the pages of all tasks. */
export interface PageOpener {
  createPage(options: PageOptions, onSignal: (signal: PageSignal) => void): RecordedPage
  close(): Promise<void>
}

/** The page's URL could not be reached: event 71, code 5. */
export class AccessError extends Error {
  override name = 'AccessError'
}

/** No browser could be launched: event 71, code 3. */
export class EngineError extends Error {
  override name = 'EngineError'
}

/** For tasks without pages: every load succeeds immediately. */
export const noBrowser: PageOpener = {
  createPage: (_, onSignal) => ({
    load: async () => onSignal('navigating'),
    crash: async () => {},
    freeze: async () => {},
    cutOff: async () => {},
    close: async () => {},
  }),
  close: async () => {},
}
