/** The picture of the files. Both sides are even, as H.264 with 4:2:0 requires. */
export interface Size {
  width: number
  height: number
}

export interface FfmpegOptions {
  size: Size
  fps: number
  stereo: boolean
  mp4: boolean
  /** Shortest length of a slice; it ends at the next key frame. */
  sliceSeconds: number
  /** Shortest length of an MP4 file; it ends at the next key frame. */
  videoSeconds: number
}

/** Names of the files in ffmpeg's working folder. */
export const SLICE_NAME: RegExp = /^slice\d+\.ts$/
export const VIDEO_NAME: RegExp = /^video\d+\.mp4$/

const even = (pixels: number): number => Math.max(2, Math.round(pixels / 2) * 2)

/** The largest even size of the same shape whose longest side is at most `longestSide`; never larger than the page. */
export const fitSize = ({ width, height }: Size, longestSide: number): Size => {
  const scale = Math.min(1, longestSide / Math.max(width, height))
  return { width: even(width * scale), height: even(height * scale) }
}

/** Slices end at key frames, so there are three in each slice: a player can seek, and MP4 files end in time. */
const framesBetweenKeyFrames = ({ fps, sliceSeconds }: FfmpegOptions): number =>
  Math.max(1, Math.round((fps * sliceSeconds) / 3))

/**
 * One of the outputs of the tee muxer, which encodes once for all of them. Each file is listed on stdout as
 * `name,start,end` when it is complete; the colon in `pipe:1` is escaped for tee and for its option list.
 */
const output = (name: string, options: Record<string, string | number>): string => {
  const all = {
    f: 'segment',
    segment_list: 'pipe\\\\:1',
    segment_list_type: 'csv',
    // Half a frame at 10 fps: the time of a key frame may be rounded to just before the end of a slice.
    segment_time_delta: 0.05,
    ...options,
  }
  const list = Object.entries(all).map(([option, value]) => `${option}=${value}`)
  return `[${list.join(':')}]${name}`
}

/** JPEG pictures at a constant rate on stdin become slices and MP4 files with silence as their sound. */
export const ffmpegArgs = (options: FfmpegOptions): string[] => {
  const { size, fps, stereo, mp4, sliceSeconds, videoSeconds } = options
  const keyFrames = String(framesBetweenKeyFrames(options))
  const slices = output('slice%06d.ts', { segment_format: 'mpegts', segment_time: sliceSeconds })
  const videos = output('video%06d.mp4', {
    segment_format: 'mp4',
    segment_time: videoSeconds,
    reset_timestamps: 1,
    segment_format_options: 'movflags=+faststart',
  })
  return [
    ...['-hide_banner', '-nostats', '-nostdin', '-loglevel', 'error', '-y'],
    // Starts with the first picture instead of waiting for 5 MB of them.
    ...[
      '-f',
      'mjpeg',
      '-framerate',
      String(fps),
      '-probesize',
      '32',
      '-analyzeduration',
      '0',
      '-i',
      'pipe:0',
    ],
    ...['-f', 'lavfi', '-i', `anullsrc=r=48000:cl=${stereo ? 'stereo' : 'mono'}`],
    ...['-map', '0:v', '-map', '1:a', '-shortest'],
    ...['-vf', `scale=${size.width}:${size.height},setsar=1`, '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-threads', '1'],
    ...['-g', keyFrames, '-keyint_min', keyFrames, '-sc_threshold', '0', '-flags', '+global_header'],
    ...['-c:a', 'aac', '-b:a', '48k'],
    ...['-f', 'tee', mp4 ? `${slices}|${videos}` : slices],
  ]
}
