/** A decode that takes longer says nothing: it stays pending for pictures that the browser has no use for now. */
const DECODE_WAIT_MS = 3000

interface Decoding {
  source: string
  since: number
  /** Why it is not decoded. */
  detail: string | undefined
}

const decodings = new WeakMap<HTMLImageElement, Decoding>()

/**
 * Why an image has no picture; undefined when it has. A broken image is `complete` and has no width, one without a
 * source too; `decode()` can stay pending for ever, so it is never waited for.
 */
export const whyNoPicture = (element: Element, at: number): string | undefined => {
  if (element.localName !== 'img') return `is no image but <${element.localName}>`
  const image = element as HTMLImageElement
  if (!image.complete) return 'is being loaded'
  if (!image.naturalWidth) return image.currentSrc ? 'could not be loaded' : 'has no source'
  const known = decodings.get(image)
  const decoding = known?.source === image.currentSrc ? known : decode(image, at)
  return at - decoding.since < DECODE_WAIT_MS || decoding.detail !== PENDING ? decoding.detail : undefined
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
