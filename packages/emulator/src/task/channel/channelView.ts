import type { ChannelTaskView } from '../../types.ts'
import { iso, statusOf } from '../status.ts'
import { channelFiles } from './channelFiles.ts'
import { type ChannelTask, hasFailed } from './channelTask.ts'

export const channelStatus = (task: ChannelTask): number => statusOf(task.state, hasFailed(task))

/** A task as the control API shows it. */
export const viewChannelTask = (task: ChannelTask, now: number): ChannelTaskView => ({
  mode: task.mode,
  sid: task.sid,
  resourceId: task.resourceId,
  cname: task.cname,
  uid: task.uid,
  state: task.state,
  status: channelStatus(task),
  users: [...task.users],
  idleSince: iso(task.idleSince),
  subscription: task.subscription,
  layout: task.layout && { ...task.layout },
  startedAt: new Date(task.startedAt).toISOString(),
  recordingAt: iso(task.recordingAt),
  endedAt: iso(task.endedAt),
  exit: task.exit && { ...task.exit },
  failovers: task.session.failovers,
  uploads: task.uploads,
  files: channelFiles(task, now),
})
