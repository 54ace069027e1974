import type { CallAt, LoadRig } from './loadRig.ts'

/** How long the steps of one recovery took, in milliseconds. */
export interface Recovery {
  /** From the end of `heartbeatTimeout` until the page was suspected. */
  lateness: number
  /** From the suspicion until Agora's answer led to a decision. */
  suspicionToDecision: number
  decisionToStart: number
}

/** The default policy's heartbeatTimeout. */
const HEARTBEAT_TIMEOUT_MS = 30_000

/** The recoveries of these recordings. A recording that has not recovered is left out. */
export const measureRecoveries = async (rig: LoadRig, ids: readonly string[]): Promise<Recovery[]> => {
  const starts = rig.calls.filter(({ call }) => call === 'start')
  const found: Recovery[] = []
  for (const id of ids) {
    const recovery = await measureRecovery(rig, starts, id)
    if (recovery) found.push(recovery)
  }
  return found
}

const measureRecovery = async (
  { api }: LoadRig,
  starts: readonly CallAt[],
  id: string,
): Promise<Recovery | undefined> => {
  const timeline = await api.timeline(id, 0)
  const [first, second] = (await api.get(id)).attempts
  const suspected = timeline.find(({ code }) => code === 'page.silent')
  const decided = timeline.find(({ code }) => code === 'candidate.started')
  const started = starts.find(({ cname, uid }) => cname === id && uid === second?.uid)
  if (!first?.lastBeatAt || !suspected || !decided || !started) return undefined
  const suspectedAt = Date.parse(suspected.at)
  const decidedAt = Date.parse(decided.at)
  return {
    lateness: suspectedAt - Date.parse(first.lastBeatAt) - HEARTBEAT_TIMEOUT_MS,
    suspicionToDecision: decidedAt - suspectedAt,
    decisionToStart: started.at - decidedAt,
  }
}
