import { timeInName } from '../../recorder/playlist.ts'
import { baseName } from '../fileNames.ts'
import { extend, notify } from '../stepBuilder.ts'
import { type ChannelStep, type ChannelTask, unchanged } from './channelTask.ts'

/** A screenshot of each user whose video is received: event 45. None is written. */
export const takeSnapshots = (task: ChannelTask, now: number): ChannelStep => {
  if (task.snapshotMs === null) return unchanged(task)
  const again = extend(
    unchanged(task),
    {},
    { type: 'startTimer', timer: 'snapshot', delayMs: task.snapshotMs },
  )
  const name = baseName(task)
  return task.streams
    .filter(({ media }) => media === 'video')
    .map(({ uid }) => `${name}__uid_s_${uid}__uid_e_video_${timeInName(now)}.jpg`)
    .reduce(
      (step, fileName) => notify(extend(step, { snapshots: step.task.snapshots + 1 }), 45, { fileName }),
      again,
    )
}
