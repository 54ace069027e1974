/** What a page's recorder tells its task. */
export type PageSignal = 'navigating' | 'notifyReady' | 'crashed' | 'browserDied'

export interface PageOptions {
  url: string
  width: number
  height: number
  mobile: boolean
}

/** A page in a browser of the emulator. */
export interface RecordedPage {
  /**
   * Opens the page, and when called again reloads it (a crashed one is opened anew).
   * @throws {AccessError} if the URL cannot be reached
   * @throws {EngineError} if no browser can be launched
   */
  load(): Promise<void>
  /** Kills the renderer. The page stays there, dead. */
  crash(): Promise<void>
  /** Halts the page's main thread: no script, timer or frame callback of it runs any more. */
  freeze(): Promise<void>
  /** No request of the page comes through any more. */
  cutOff(): Promise<void>
  close(): Promise<void>
}

/** Where the pages of all tasks are opened. */
export interface Recorder {
  createPage(order: PageOptions, tell: (news: PageSignal) => void): RecordedPage
  close(): Promise<void>
}

/** The page's URL could not be reached: event 71 code 5. */
export class AccessError extends Error {
  override name = 'AccessError'
}

/** The browser could not be launched: event 71 code 3. */
export class EngineError extends Error {
  override name = 'EngineError'
}

/** Tasks without pages: each counts as opened at once. */
export const noBrowser: Recorder = {
  createPage: (_, tell) => ({
    load: async () => tell('navigating'),
    crash: async () => {},
    freeze: async () => {},
    cutOff: async () => {},
    close: async () => {},
  }),
  close: async () => {},
}
