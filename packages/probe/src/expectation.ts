/**
 * What a page is expected to be like. It says what to look at by exactly one of `element`, `image`, `media`, `text`,
 * `font`, `test` and `ready`; the rest says how. Plain JSON, so that a recording can carry it to the page.
 *
 * Selectors are CSS, with `>>>` in between for a step into an open shadow root or the document of a frame of the same
 * origin: `#player >>> video`.
 */
export interface Expectation {
  /**
   * What reports call it. Of several expectations with the same name the last one counts: the page's own tag or
   * options come first, then the recording's.
   * @default the selector; with the kind in front (`image #logo`, `font Inter`) where it is not an element or a medium
   */
  name?: string

  /** Selector: something that it matches can be seen. */
  element?: string
  /** Selector: every `<img>` that it matches has its picture, decoded, and can be seen. */
  image?: string
  /** Selector of `<video>` and `<audio>`: every element that it matches plays. */
  media?: string
  /** Words that can be read in the page, or inside of what `in` matches. */
  text?: string
  /** Family of a font that the page declares (`@font-face`, FontFace) and that has been loaded. */
  font?: string
  /** Dotted path from `window` to a value, or a function to be called, that is true when all is well: `app.isReady`. */
  test?: string
  /** The page calls `ready()` of the probe. */
  ready?: true

  /** Seconds that it may take to be met for the first time; beyond them it is told as overdue. Above 0. */
  timeout?: number
  /** Nothing fails without it: the page waits `timeout` (default 10 s) for it, and then only warns. */
  optional?: boolean
  /**
   * Expected only while the page is there: matched with the path, or with the hash when it begins with `#`;
   * `*` stands for anything. `/room/*`, `#/room/*`
   */
  route?: string

  /** Of `element` and `image`: how many can be seen; the least, or the least and the most. Integers from 0. @default 1 */
  count?: number | [least: number, most: number]
  /** Of `element` and `image`: share of its area that must be inside the viewport, 0…1. @default 0, any part of it */
  inView?: number
  /** Of `element` and `image`: keeps its place and size for two frames. */
  stable?: boolean
  /** Of `element` and `image`: nothing covers its middle. */
  uncovered?: boolean
  /** Of `text`: selector of the elements that it is looked for in. @default the whole page */
  in?: string

  /** Of `media`: the picture may stand still (a shared slide). */
  static?: boolean
  /** Of `media`: the element itself need not be painted, as the page draws its frames elsewhere. */
  hidden?: boolean
  /** Of `media`: it must be heard: not muted, and not silent for 30 s. */
  sound?: boolean
  /** Of `media`: seconds that it may stand still, in place of the defaults. Above 0. */
  stall?: number
}

/** What says what is looked at. */
export const KINDS = ['element', 'image', 'media', 'text', 'font', 'test', 'ready'] as const
