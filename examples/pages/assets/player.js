/* A player that appends the video's data itself (Media Source Extensions), as players of HLS and DASH do. */

const TYPE = 'video/webm; codecs="vp8"'
/** Bytes per append: half a second of the teacher's video. */
const CHUNK_BYTES = 2048
/** Seconds that are buffered: few, so that the video soon stalls when appending stops. */
const BUFFER_SECONDS = 3

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
 * Plays a file in a loop: after its end it is appended again, behind the data before.
 * @returns {Promise<{ stop: () => void, go: () => void }>} `stop` ends appending, so that the video stalls; `go` resumes it
 */
export async function feed(video, url) {
  const response = await fetch(url)
  const file = new Uint8Array(await response.arrayBuffer())
  const source = await openSource(video)
  // Without an end: a hidden page is paused by Chromium at what the file says is its end.
  source.duration = Number.POSITIVE_INFINITY
  const buffer = source.addSourceBuffer(TYPE)
  let position = 0
  let isAppending = true
  const appendChunk = () => {
    const { buffered } = buffer
    const end = buffered.length ? buffered.end(buffered.length - 1) : 0
    if (!isAppending || buffer.updating || end - video.currentTime > BUFFER_SECONDS) return
    if (position >= file.length) {
      buffer.abort()
      buffer.timestampOffset = end
      position = 0
    }
    buffer.appendBuffer(file.subarray(position, position + CHUNK_BYTES))
    position += CHUNK_BYTES
  }
  buffer.addEventListener('updateend', appendChunk)
  setInterval(appendChunk, 250)
  appendChunk()
  return {
    stop: () => {
      isAppending = false
    },
    go: () => {
      isAppending = true
    },
  }
}
