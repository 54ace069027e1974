/** After this time a pending decode counts as done: it stays pending for images that the browser does not need now. */
const DECODE_TIMEOUT_MS = 3000

interface Decoding {
  source: string
  since: number
  /** Why the image is not decoded; undefined if it is. */
  detail: string | undefined
}

const decodings = new WeakMap<HTMLImageElement, Decoding>()

/**
 * Explains why an image has no picture; undefined if it has one. A broken image, or one without a source, is `complete`
 * but has no width (https://developer.mozilla.org/docs/Web/API/HTMLImageElement/naturalWidth).
 */
export const imageFailure = (element: Element, at: number): string | undefined => {
  if (element.localName !== 'img') return `is not an <img> but a <${element.localName}>`
  const image = element as HTMLImageElement
  if (!image.complete) return 'is being loaded'
  if (!image.naturalWidth) return image.currentSrc ? 'could not be loaded' : 'has no source'
  const known = decodings.get(image)
  const decoding = known?.source === image.currentSrc ? known : decode(image, at)
  return at - decoding.since < DECODE_TIMEOUT_MS || decoding.detail !== PENDING ? decoding.detail : undefined
}

const PENDING = 'is being decoded'

const decode = (image: HTMLImageElement, since: number): Decoding => {
  const decoding: Decoding = { source: image.currentSrc, since, detail: PENDING }
  decodings.set(image, decoding)
  image.decode().then(
    () => {
      decoding.detail = undefined
    },
    (fault) => {
      decoding.detail = `cannot be decoded: ${fault}`
    },
  )
  return decoding
}
