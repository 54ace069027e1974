import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import type { Segment } from './ffmpeg.ts'
import { SLICE_NAME, VIDEO_NAME } from './ffmpegArgs.ts'
import { formatPlaylist, type Slice, timeInName } from './playlist.ts'
import type { Upload } from './uploader.ts'

/** Where files are until they are complete. Its name begins with a dot, so it is not served. */
const UNFINISHED = '.unfinished'

export interface RecordedFilesOptions {
  directory: string
  sid: string
  /** Name of the playlist without its extension, with the prefix. */
  baseName: string
  /** Time at which the frame `seconds` after the first one was due, in ms since the epoch. */
  timeOf(seconds: number): number
}

/** A file that can be read and uploaded. */
export interface CompletedFile {
  /** Path in the directory and in the bucket. */
  filename: string
  /** Milliseconds since the epoch. */
  startedAt: number
  /** Whether Agora's lists of files have it: they have the playlist and MP4 files, and no slices. */
  isListed: boolean
  upload: Upload
}

/** The files of one task on disk. All methods throw what the file system does. */
export interface RecordedFiles {
  /** Where ffmpeg writes. */
  folder: string
  createFolders(): void
  /** Gives a file of ffmpeg its name, and lists a slice in the playlist. @returns the files that changed */
  add(segment: Segment): CompletedFile[]
  /** Ends the playlist: no slice follows. @returns the playlist, or nothing if there is no slice */
  complete(): CompletedFile[]
  /** Removes what ffmpeg has not completed. */
  removeUnfinished(): void
}

const isInside = (directory: string, path: string): boolean => path.startsWith(directory + sep)

export const createRecordedFiles = (options: RecordedFilesOptions): RecordedFiles => {
  const { sid, baseName, timeOf } = options
  const directory = resolve(options.directory)
  const folder = join(directory, UNFINISHED, sid)
  const slices: Slice[] = []
  let videos = 0

  const pathOf = (filename: string): string => {
    const path = resolve(directory, filename)
    if (!isInside(directory, path)) throw new Error(`${filename} would be outside the directory`)
    return path
  }

  const move = ({ name }: Segment, filename: string): Upload => {
    const path = pathOf(filename)
    renameSync(join(folder, name), path)
    return { key: filename, path }
  }

  /** Replaces the playlist in one step, so that a player never reads half of it. */
  const writePlaylist = (complete: boolean): CompletedFile[] => {
    const [first] = slices
    if (!first) return []
    const text = formatPlaylist({ slices, complete })
    const filename = `${baseName}.m3u8`
    const temporary = join(folder, 'playlist')
    writeFileSync(temporary, text)
    renameSync(temporary, pathOf(filename))
    return [{ filename, startedAt: first.startedAt, isListed: true, upload: { key: filename, text } }]
  }

  const addSlice = (segment: Segment): CompletedFile[] => {
    const startedAt = timeOf(segment.start)
    const filename = `${baseName}_${timeInName(startedAt)}.ts`
    const upload = move(segment, filename)
    const name = filename.slice(filename.lastIndexOf('/') + 1)
    slices.push({ name, startedAt, seconds: segment.end - segment.start })
    return [{ filename, startedAt, isListed: false, upload }, ...writePlaylist(false)]
  }

  const addVideo = (segment: Segment): CompletedFile[] => {
    const filename = `${baseName}_${videos++}.mp4`
    const upload = move(segment, filename)
    return [{ filename, startedAt: timeOf(segment.start), isListed: true, upload }]
  }

  return {
    folder,
    createFolders: () => {
      mkdirSync(folder, { recursive: true })
      mkdirSync(dirname(pathOf(`${baseName}.m3u8`)), { recursive: true })
    },
    add: (segment) => {
      if (SLICE_NAME.test(segment.name)) return addSlice(segment)
      return VIDEO_NAME.test(segment.name) ? addVideo(segment) : []
    },
    complete: () => writePlaylist(true),
    removeUnfinished: () => rmSync(folder, { recursive: true, force: true }),
  }
}
