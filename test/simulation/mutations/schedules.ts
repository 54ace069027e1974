import type { RecordingDeadlineName } from '../../../packages/reporter/src/supervisor/recording.ts'
import { alterDecision, type Mutation } from './mutation.ts'

const without = (name: RecordingDeadlineName) =>
  alterDecision((decision) => {
    const { [name]: _, ...deadlines } = decision.recording.deadlines
    return { ...decision, recording: { ...decision.recording, deadlines } }
  })

/** Mistakes with the times at which recordings begin and end. */
export const SCHEDULES: readonly Mutation[] = [
  {
    breaks: 'onSchedule',
    what: 'the beginning of a recording has no deadline',
    kit: without('beginAt'),
    seeds: 'schedules',
  },
  {
    breaks: 'onSchedule',
    what: 'the end of a recording has no deadline',
    kit: without('endAt'),
    seeds: 'schedules',
  },
]
