import { isDeepStrictEqual } from 'node:util'
import { iso } from '../../../packages/reporter/src/isoTime.ts'
import {
  type RecordingRequest,
  storedRequestSchema,
} from '../../../packages/reporter/src/recordingRequest.ts'
import type { Revise } from '../../../packages/reporter/src/runtime/decisions.ts'
import { mergePolicy, type Policy } from '../../../packages/reporter/src/supervisor/policy.ts'
import type { Observer } from '../observer.ts'
import type { ReporterHost } from '../reporter/host.ts'
import type { Running } from '../reporter/process.ts'
import { type Command, idsOf, type RecordingSpec, type ScheduleSpec } from '../scenario/scenario.ts'
import type { VirtualTime } from '../virtualTime.ts'

/** Requests a recording and sends its commands, each at its time and until it is answered. */
export const requestRecording = (
  spec: RecordingSpec,
  { time, host, observer }: { time: VirtualTime; host: ReporterHost; observer: Observer },
): void => {
  const { id, createAt, commands } = spec
  const request = requestOf(spec, time.now())
  const policy = policyOf(spec)
  const create = async ({ engine }: Running): Promise<unknown> =>
    (await engine.load(id)) ?? engine.create(id, request, policy)
  let isCreated = false
  const onCreated = (): void => {
    isCreated = true
  }
  time.after(createAt, () => host.requestUntilAnswered(create, onCreated))
  for (const [index, { at, command }] of commands.entries()) {
    const send = async ({ engine }: Running): Promise<void> => {
      const revise = reviseBy(command, index)
      const handled =
        typeof revise === 'string'
          ? await engine.command(id, { type: revise })
          : await engine.change(id, revise)
      // One that existed has been removed by retention, and needs no command.
      if (!handled && !isCreated) throw new Error(`${id} does not exist yet`)
    }
    const onAccepted = (): void => {
      for (const each of idsOf(spec)) observer.onCommandAccepted(each, command)
    }
    time.after(at, () => host.requestUntilAnswered(send, onAccepted))
  }
}

/** The change of a command; the command itself if it changes nothing of the request. */
const reviseBy = (command: Command, index: number): Revise | Exclude<Command, Change> => {
  if (command === 'labels') return changeLabels(index)
  return command === 'layout' || command === 'subscription' ? changeTo(command, index) : command
}

type Change = 'layout' | 'subscription' | 'labels'

const changeLabels =
  (number: number): Revise =>
  ({ request, recording }) => {
    const labels = { number: String(number) }
    if (recording.desired === 'stopped' || isDeepStrictEqual(request.labels, labels)) return undefined
    return { request: { ...request, labels }, change: { changes: [], fields: ['labels'] } }
  }

/** As `PATCH /v1/recordings/{id}` does: the same values once more change nothing. Each change has a value of its own. */
const changeTo =
  (change: 'layout' | 'subscription', number: number): Revise =>
  ({ request, recording }) => {
    if (request.kind !== 'channel' || recording.desired === 'stopped') return undefined
    const changes = {
      layout: { mixedVideoLayout: 1, backgroundColor: `#${String(number).padStart(6, '0')}` },
      subscription: { audioUidList: { subscribeAudioUids: [String(number + 1)] } },
    } as const
    if (isDeepStrictEqual(request.changes?.[change], changes[change])) return undefined
    const changed = { ...request, changes: { ...request.changes, [change]: changes[change] } }
    return { request: changed as RecordingRequest, change: { changes: [change] } }
  }

const timesOf = ({ startAt, startAhead, stopAt, maxDuration }: ScheduleSpec, start: number): object => ({
  startAhead,
  ...(startAt !== null && { startAt: iso(start + startAt) }),
  ...(stopAt !== null && { stopAt: iso(start + stopAt) }),
  ...(maxDuration !== null && { maxDuration }),
})

/** @param start of the run */
const requestOf = (
  { id, maxRecordingHour, policy, channel, standby, schedule }: RecordingSpec,
  start: number,
): RecordingRequest => {
  const times = schedule ? timesOf(schedule, start) : {}
  if (channel === null) {
    return storedRequestSchema.parse({
      kind: 'page',
      ...{ id, url: 'https://page.test/', maxRecordingHour, policy, standby },
      ...times,
    })
  }
  const { name, mode, maxIdleTime } = channel
  return storedRequestSchema.parse({
    ...{ id, kind: 'channel', mode, channel: name, resourceExpiredHour: maxRecordingHour, policy, standby },
    ...times,
    recordingConfig: { channelType: 1, maxIdleTime, ...(mode === 'individual' && { subscribeUidGroup: 0 }) },
  })
}

/** As `POST /v1/recordings` stores it: Agora is queried more often than it ends an idle task. */
export const policyOf = ({ policy, channel }: Pick<RecordingSpec, 'policy' | 'channel'>): Policy => {
  const merged = mergePolicy(policy)
  if (channel === null) return merged
  return { ...merged, queryInterval: Math.max(1, Math.min(merged.queryInterval, channel.maxIdleTime - 1)) }
}
