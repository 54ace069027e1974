/* A player that feeds its video by hand (Media Source Extensions), as players of HLS and DASH do. */

const TYPE = 'video/webm; codecs="vp8"'
/** Bytes appended at once: of the teacher's video, half a second. */
const BITE = 2048
/** Seconds that are kept ready: few, so that a player that is not fed any more soon starves. */
const AHEAD = 3

const event = (target, type) =>
  new Promise((resolve) => target.addEventListener(type, resolve, { once: true }))

/**
 * Opens a Media Source as the source of a video.
 * @returns {Promise<MediaSource>}
 */
export async function openSource(video) {
  const source = new MediaSource()
  video.src = URL.createObjectURL(source)
  await event(source, 'sourceopen')
  return source
}

/**
 * Plays a file for ever, bite by bite: at its end it is appended anew, behind what is there.
 * @returns {Promise<{ stop: () => void, go: () => void }>} `stop` lets the video starve, `go` feeds it again
 */
export async function feed(video, url) {
  const response = await fetch(url)
  const file = new Uint8Array(await response.arrayBuffer())
  const source = await openSource(video)
  // Without an end: a hidden page is paused by Chromium at what the file says is its end.
  source.duration = Number.POSITIVE_INFINITY
  const buffer = source.addSourceBuffer(TYPE)
  let position = 0
  let hungry = true
  const bite = () => {
    const { buffered } = buffer
    const end = buffered.length ? buffered.end(buffered.length - 1) : 0
    if (!hungry || buffer.updating || end - video.currentTime > AHEAD) return
    if (position >= file.length) {
      buffer.abort()
      buffer.timestampOffset = end
      position = 0
    }
    buffer.appendBuffer(file.subarray(position, position + BITE))
    position += BITE
  }
  buffer.addEventListener('updateend', bite)
  setInterval(bite, 250)
  bite()
  return {
    stop: () => {
      hungry = false
    },
    go: () => {
      hungry = true
    },
  }
}
