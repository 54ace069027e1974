/** Bits of `leaveCode` in event 41 (Agora's reference of notification events). */
const NO_USERS = 4
const LEFT_ON_REQUEST = 16

/** The channel had no users, or the recorder was asked to leave. */
export const hasLeftForGood = (leaveCode: number | null | undefined): boolean =>
  leaveCode != null && (leaveCode & (NO_USERS | LEFT_ON_REQUEST)) !== 0

/** Somebody has stopped the task. */
export const hasLeftOnRequest = (leaveCode: number | null): boolean =>
  leaveCode !== null && (leaveCode & (NO_USERS | LEFT_ON_REQUEST)) === LEFT_ON_REQUEST
