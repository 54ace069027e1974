import type { PolicyInput } from '../policy.ts'
import type { RecordingIdentity, Revisions } from '../recording.ts'
import type { UpdateOutcome } from '../signal.ts'
import { TrackedRecording } from './trackedRecording.ts'

/** The recording of a channel, whose task Agora ends after `maxIdleTime` seconds without users. */
export class TrackedChannel extends TrackedRecording {
  constructor(policy?: PolicyInput, maxIdleTime = 300, identity: Partial<RecordingIdentity> = {}) {
    super(policy, { kind: 'channel', cname: 'math', maxIdleTime, ...identity })
  }

  changed(...changes: (keyof Revisions)[]): this {
    return this.signal({ type: 'changed', changes })
  }
  joined(uid = '7'): this {
    return this.signal({ type: 'joined', uid })
  }
  changeAnswers(outcome: UpdateOutcome, sent: Partial<Revisions>): this {
    return this.updateAnswered(outcome, sent)
  }
  /** The start that is in flight succeeds, and Agora confirms it. */
  runs(): this {
    return this.acquired().started().confirmed()
  }
}

export const trackChannel = (policy?: PolicyInput, maxIdleTime?: number): TrackedChannel =>
  new TrackedChannel(policy, maxIdleTime)

/** A rolling recording of a channel: attempt 1 is confirmed. */
export const rollingChannel = (policy?: PolicyInput, maxIdleTime?: number): TrackedChannel =>
  trackChannel(policy, maxIdleTime).runs()
