/**
 * One thing the page is expected to show or do. Exactly one of `element`, `image`, `media`, `text`, `font`, `test` and
 * `ready` says what; the other fields say how. Plain JSON, so that a recording can carry it to the page.
 *
 * Selectors are CSS. `>>>` steps into an open shadow root or into the document of a same-origin frame:
 * `#player >>> video`.
 */
export interface Expectation {
  /**
   * Name used in reports. If several expectations share a name, the last one counts: first come those of the page (tag
   * or options), then those of the recording.
   * @default the selector of an `element` or `media`; otherwise kind and value (`image #logo`, `font Inter`)
   */
  name?: string

  /** Selector: at least one matching element is visible. */
  element?: string
  /** Selector: every matching `<img>` is loaded, decoded and visible. */
  image?: string
  /** Selector of `<video>` and `<audio>`: every matching element plays. */
  media?: string
  /** Text that is visible in the page, or inside the elements that `in` matches. */
  text?: string
  /** Family of a font that the page declares (`@font-face`, FontFace) and that has been loaded. */
  font?: string
  /** Dotted path from `window` to a value or function of the page that is, or returns, something truthy: `app.isReady`. */
  test?: string
  /** The page has called `ready()` of the probe. */
  ready?: true

  /** Seconds until it must be met for the first time; after that it is reported as overdue. Above 0. */
  timeout?: number
  /** Loading waits `timeout` (default 10 s) for it; it never fails a page, and is only warned about. */
  optional?: boolean
  /**
   * The expectation applies only on this route: a pattern for the path, for the hash if it begins with `#`, or for both;
   * `*` matches anything. `/room/*`, `#/room/*`, `/room?view=board`
   */
  route?: string

  /** For `element` and `image`: how many must be visible, as a minimum or as minimum and maximum. Integers from 0. @default 1 */
  count?: number | [min: number, max: number]
  /** For `element` and `image`: share of the area that must be inside the viewport, 0…1. @default 0, any part of it */
  inView?: number
  /** For `element` and `image`: place and size do not change for two frames. */
  stable?: boolean
  /** For `element` and `image`: nothing covers the middle. */
  uncovered?: boolean
  /** For `text`: selector of the elements to search. @default the whole page */
  in?: string

  /** For `media`: the picture may stand still (a shared slide). */
  static?: boolean
  /** For `media`: the element itself need not be visible, because the page draws its frames elsewhere. */
  hidden?: boolean
  /** For `media`: it must be audible: not muted, and not silent for 30 s. */
  sound?: boolean
  /** For `media`: seconds it may stand still, instead of the defaults. Above 0. */
  stall?: number
}

/** The fields that say what is expected. */
export const KINDS = ['element', 'image', 'media', 'text', 'font', 'test', 'ready'] as const
