import { mainIdOf, twinIdOf } from '../../../packages/reporter/src/standbyId.ts'
import { supervisedAttempts } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Attempt } from '../../../packages/reporter/src/supervisor/recording.ts'
import { isRunning } from '../environment/task.ts'
import { type Invariant, storedRecording } from './context.ts'

/**
 * Recordings do not touch each other, nor do those of one channel, nor a recording and its standby: a notification is for the
 * recording whose task it is about. Twins are recorded in different regions: they acquire in turn, and an acquire names all
 * resources under which the other one records or may. Only a command reaches both, and it reaches both or neither.
 */
export const recordingsApart: Invariant = (context) => {
  const { world, breach } = context
  const acquiring = new Set<string>()
  return {
    onSend: (call, { recordingId = '', excludeResourceIds = [] }) => {
      const twin = storedRecording(context, twinIdOf(recordingId))
      if (call !== 'acquire' || !twin) return
      if (acquiring.has(twin.id)) breach(`${recordingId} acquires while ${twin.id} does`)
      acquiring.add(recordingId)
      const resourceIds = twin.attempts.filter(mayRecord).map(({ resourceId }) => resourceId)
      const missing = resourceIds.find((each) => each !== null && !excludeResourceIds.includes(each))
      if (missing) breach(`${recordingId} does not avoid ${missing}, under which ${twin.id} records`)
    },
    onAnswer: (call, { recordingId = '' }) => {
      if (call === 'acquire') acquiring.delete(recordingId)
    },
    // A process that died receives no more answers.
    onFault: ({ kind, phase }) => {
      if (kind === 'crash' && phase === 'began') acquiring.clear()
    },
    onTask: ({ recordingId, sid, region }, change) => {
      const twin = storedRecording(context, twinIdOf(recordingId))
      if (change !== 'started' || !twin) return
      const sids = new Set(supervisedAttempts(twin).map((attempt) => attempt.sid))
      const others = world.agora.tasks.filter((task) => task.recordingId === twin.id && isRunning(task))
      if (others.some((task) => sids.has(task.sid) && task.region === region)) {
        breach(`${recordingId}: ${sid} runs in the region of its twin`)
      }
    },
    onCommit: ({ after, signal }) => {
      if (signal.type === 'notification') {
        const task = world.agora.tasks.find(({ sid }) => sid === signal.notification.sid)
        if (task?.recordingId !== after.id)
          breach(`${after.id}: a notification is about ${task?.recordingId}`)
      }
      const mainId = mainIdOf(after.id)
      // The standby is stored after the recording, in the same transaction.
      if (signal.type !== 'stop' || mainId === undefined) return
      if (storedRecording(context, mainId)?.desired === 'running')
        breach(`${after.id} stops without ${mainId}`)
    },
    onCommandAccepted: (id, command) => {
      const twin = storedRecording(context, twinIdOf(id))
      if (command === 'stop' && twin?.desired === 'running') breach(`${id} is to stop, and ${twin.id} is not`)
    },
  }
}

/** Also one that is being started, or whose start may have gone through. */
const mayRecord = ({ state, postponed }: Attempt): boolean =>
  ['starting', 'current', 'candidate', 'orphaned'].includes(state) && !postponed
