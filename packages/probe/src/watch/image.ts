/** After this time a pending decode counts as done: it stays pending for images that the browser does not need now. */
const DECODE_TIMEOUT_MS = 3000

/** Consecutive polls in which a load may be under way, once there was a picture. */
const MAX_LOADING_POLLS = 10

/** What is known of an image. */
interface Picture {
  source: string
  /** It has had a picture, which is shown until the next one is there. */
  seen: boolean
  /** Why it cannot be decoded; undefined if it can, or if that is not known yet. */
  detail: string | undefined
  /** Since when decoding has been pending, also if the source has changed since; undefined if it is not pending. */
  pendingSince: number | undefined
  /** Consecutive polls in which a load was under way. */
  loading: number
}

/** What the images of one expectation share between polls. */
export interface ImagePoll {
  at: number
  /** The expectation has been met before. */
  met: boolean
  /** Consecutive polls, with this one, that may have found a new image being loaded. */
  polls: number
  /** A new image is being loaded. */
  isNewLoading: boolean
}

const pictures = new WeakMap<HTMLImageElement, Picture>()

const pictureOf = (image: HTMLImageElement): Picture => {
  const known = pictures.get(image)
  if (known) return known
  const picture: Picture = { source: '', seen: false, detail: undefined, pendingSince: undefined, loading: 0 }
  pictures.set(image, picture)
  let loads = 0
  image.addEventListener('load', () => {
    picture.seen ||= ++loads > 1
    picture.loading = 0
  })
  return picture
}

/** Starts decoding a new source. The result counts unless the source has changed by then. */
const decode = (image: HTMLImageElement, picture: Picture, at: number): void => {
  const { currentSrc } = image
  if (picture.source === currentSrc) return
  picture.source = currentSrc
  picture.detail = undefined
  picture.pendingSince ??= at
  const settle = (detail?: string) => {
    if (picture.source !== image.currentSrc) return
    picture.detail = detail
    picture.pendingSince = undefined
    picture.seen ||= !detail
  }
  image.decode().then(
    () => settle(),
    (fault) => settle(`cannot be decoded: ${fault}`),
  )
}

/**
 * Explains why an image has no picture; undefined if it has one. A broken image, or one without a source, is `complete`
 * but has no width (https://developer.mozilla.org/docs/Web/API/HTMLImageElement/naturalWidth).
 *
 * While another source is being loaded, an image is not `complete`, but still shows the picture it had
 * (https://html.spec.whatwg.org/multipage/images.html#updating-the-image-data), and a page may change it many times a
 * second. So once there was a picture, a load or decode under way is no fault for a while.
 */
export const imageFailure = (element: Element, poll: ImagePoll): string | undefined => {
  if (element.localName !== 'img') return `is not an <img> but a <${element.localName}>`
  const image = element as HTMLImageElement
  if (image.complete && !image.naturalWidth) {
    return image.currentSrc ? 'could not be loaded' : 'has no source'
  }
  const picture = pictureOf(image)
  const { seen } = picture
  const isTolerant = seen || poll.met
  if (!image.complete) {
    // A page that replaces its elements shows nothing while the new one is being loaded.
    if (!seen) poll.isNewLoading = true
    const polls = seen ? ++picture.loading : poll.polls
    return isTolerant && polls <= MAX_LOADING_POLLS ? undefined : 'is being loaded'
  }
  decode(image, picture, poll.at)
  picture.loading = 0
  const { detail, pendingSince } = picture
  const isPending = pendingSince !== undefined && poll.at - pendingSince < DECODE_TIMEOUT_MS
  if (isPending && !isTolerant) return 'is being decoded'
  picture.seen = true
  return detail
}
