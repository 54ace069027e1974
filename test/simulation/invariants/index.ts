import { changesConfirmed } from './changesConfirmed.ts'
import { channelRecorded } from './channelRecorded.ts'
import { confirmedSilence } from './confirmedSilence.ts'
import type { Invariant } from './context.ts'
import { converges } from './converges.ts'
import { filesReported } from './filesReported.ts'
import { healthyKept } from './healthyKept.ts'
import { idempotentSignals } from './idempotentSignals.ts'
import { ingressOutage } from './ingressOutage.ts'
import { neverAbandoned } from './neverAbandoned.ts'
import { nothingLost } from './nothingLost.ts'
import { oneCurrentAttempt } from './oneCurrentAttempt.ts'
import { onSchedule } from './onSchedule.ts'
import { promptRecovery } from './promptRecovery.ts'
import { quota } from './quota.ts'
import { recordingsApart } from './recordingsApart.ts'
import { resourceExpiry } from './resourceExpiry.ts'
import { restartLimits } from './restartLimits.ts'
import { sessionEnds } from './sessionEnds.ts'
import { storesAgree } from './storesAgree.ts'
import { supersededIgnored } from './supersededIgnored.ts'
import { timelineComplete } from './timelineComplete.ts'
import { twoDocuments } from './twoDocuments.ts'
import { uniqueStart } from './uniqueStart.ts'

/** Nothing bad ever happens, whatever the faults. */
type SafetyName =
  | 'oneCurrentAttempt'
  | 'uniqueStart'
  | 'confirmedSilence'
  | 'healthyKept'
  | 'nothingLost'
  | 'ingressOutage'
  | 'restartLimits'
  | 'quota'
  | 'supersededIgnored'
  | 'idempotentSignals'
  | 'timelineComplete'
  | 'filesReported'
  | 'twoDocuments'
  | 'recordingsApart'
  | 'sessionEnds'
  | 'resourceExpiry'
  | 'changesConfirmed'
  | 'storesAgree'

/** What should happen does happen, once no fault prevents it. */
type LivenessName = 'neverAbandoned' | 'channelRecorded' | 'converges' | 'promptRecovery' | 'onSchedule'

export type InvariantName = SafetyName | LivenessName

export const INVARIANTS: Readonly<Record<InvariantName, Invariant>> = {
  oneCurrentAttempt,
  uniqueStart,
  confirmedSilence,
  healthyKept,
  nothingLost,
  ingressOutage,
  restartLimits,
  quota,
  supersededIgnored,
  idempotentSignals,
  timelineComplete,
  filesReported,
  twoDocuments,
  recordingsApart,
  sessionEnds,
  resourceExpiry,
  changesConfirmed,
  storesAgree,
  neverAbandoned,
  channelRecorded,
  converges,
  promptRecovery,
  onSchedule,
}
