import { nameOf } from './dom.ts'
import { natives } from './natives.ts'

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
  detail?: string | undefined
  /** Since when decoding has been pending, also if the source has changed since; undefined if it is not pending. */
  pendingSince?: number | undefined
  /** Consecutive polls in which a load was under way. */
  loading: number
}

let pictures: WeakMap<HTMLImageElement, Picture> | undefined

const pictureOf = (image: HTMLImageElement): Picture => {
  pictures ??= new natives.WeakMap.type()
  const known = natives.WeakMap.get(pictures, image)
  if (known) return known
  const picture: Picture = { source: '', seen: false, loading: 0 }
  natives.WeakMap.set(pictures, image, picture)
  let loads = 0
  image.addEventListener('load', () => {
    picture.seen ||= ++loads > 1
    picture.loading = 0
    // Decoded anew: setting the same address again ends a decoding that is under way with an error.
    picture.source = ''
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
 *
 * @param met the expectation has been met: an element that replaces another need not have been decoded yet
 */
export const imageFailure = (element: Element, at: number, met: boolean): string | undefined => {
  const name = nameOf(element)
  if (name !== 'img') return `is not an <img> but a <${name}>`
  const image = element as HTMLImageElement
  if (image.complete && !image.naturalWidth) {
    return image.currentSrc ? 'could not be loaded' : 'has no source'
  }
  const picture = pictureOf(image)
  if (!image.complete) {
    return picture.seen && ++picture.loading <= MAX_LOADING_POLLS ? undefined : 'is being loaded'
  }
  decode(image, picture, at)
  picture.loading = 0
  const { detail, pendingSince, seen } = picture
  const isPending = pendingSince !== undefined && at - pendingSince < DECODE_TIMEOUT_MS
  if (isPending && !seen && !met) return 'is being decoded'
  picture.seen = true
  return detail
}
