import { addTimelineEntry, type Draft } from './draft.ts'
import { applyPolicy } from './policyChange.ts'
import { checkSchedule } from './schedule.ts'
import type { RequestedChange } from './signal.ts'

/** The user has changed the request. What was changed is named, and never repeated but for numbers of the policy. */
export const handleChange = (draft: Draft, change: RequestedChange): void => {
  if (draft.recording.desired === 'stopped') return
  const { changes, fields = [], policy, schedule } = change
  if (fields.length > 0) {
    const message = `Changed on request: ${fields.join(', ')}`
    addTimelineEntry(draft, 'recording.changed', null, message, { fields })
  }
  if (policy) applyPolicy(draft, policy)
  if (schedule) {
    draft.recording.schedule = schedule
    checkSchedule(draft)
  }
  if (changes.length > 0) draft.rules.handleSignal(draft, { type: 'changed', changes })
}
