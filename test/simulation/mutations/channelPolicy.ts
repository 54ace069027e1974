import { decide } from '../../../packages/reporter/src/supervisor/decide.ts'
import type { Policy } from '../../../packages/reporter/src/supervisor/policy.ts'
import type { Signal } from '../../../packages/reporter/src/supervisor/signal.ts'
import { type Kit, REAL_KIT } from '../kit.ts'

/** Decides on channels by another policy, which is not stored. */
export const withChannelPolicy = (change: (policy: Policy, signal: Signal) => Partial<Policy>): Kit => ({
  ...REAL_KIT,
  decide: (before, signal, moment) => {
    const { policy, kind } = before
    if (kind !== 'channel') return decide(before, signal, moment)
    const altered = { ...before, policy: { ...policy, ...change(policy, signal) } }
    const decision = decide(altered, signal, moment)
    return { ...decision, recording: { ...decision.recording, policy } }
  },
})
