import type { Emulator } from '@stillrolling/emulator'
import type { RecordingView, TimelineView } from '@stillrolling/reporter'
import { openStage, type Stage, type StageOptions } from './stage.ts'

/** A request for a channel in composite mode. */
export const LESSON = {
  id: 'lesson',
  kind: 'channel',
  mode: 'mix',
  channel: 'room-7',
  recordingConfig: { channelType: 1 },
} as const

/** A recording on a stage, and what Agora has of it. */
export interface Story {
  view(): Promise<RecordingView>
  timeline(): Promise<TimelineView[]>
  /** Of the timeline, oldest first. */
  codes(): Promise<string[]>
  /** The uid of each task, in the order of their starts. */
  uids(): string[]
  /** The uids of the tasks that Agora records at present. */
  running(): string[]
  /** The calls of this kind, oldest first: when (in seconds since the first call of all), with which uid, and the answer. */
  calls(call: 'acquire' | 'start' | 'query' | 'stop' | 'update' | 'updateLayout'): SentCall[]
  /** The sid of the newest attempt. @throws if it has none */
  sid(): Promise<string>
  /** Runs a command of the emulator on the newest attempt's task. */
  run(command: Parameters<Emulator['runCommand']>[1]): Promise<void>
}

export interface SentCall {
  at: number
  uid: string | null
  status: number | null
  body: Record<string, unknown>
}

/** Opens a stage with one user in the channel, and lets its recording run for some seconds. */
export const recordFor = async (
  seconds: number,
  { emulator, ...options }: StageOptions = {},
): Promise<{ stage: Stage; lesson: Story }> => {
  const stage = await openStage({ ...options, emulator: { users: 1, ...emulator } })
  const lesson = await record(stage)
  await stage.pass(seconds)
  return { stage, lesson }
}

/** Creates a recording of a channel. */
export const record = async (
  stage: Stage,
  request: { id?: string; channel?: string; [field: string]: unknown } = {},
): Promise<Story> => {
  const { id, channel } = { ...LESSON, ...request }
  await stage.api.create({ ...LESSON, ...request })
  return storyOf(stage, id, channel)
}

export const storyOf = ({ api, emulator }: Stage, id: string, channel: string = LESSON.channel): Story => {
  const tasks = () => emulator.tasks().filter(({ cname }) => cname === channel)
  const timeline = () => api.timeline(id, 0)
  const [first] = emulator.requests()
  const startedAt = Date.parse(first?.at ?? '')
  const sidOf = async (): Promise<string> => {
    const sid = (await api.get(id)).attempts.at(-1)?.sid
    if (!sid) throw new Error(`The newest attempt of ${id} has no sid`)
    return sid
  }
  return {
    view: () => api.get(id),
    timeline,
    codes: async () => (await timeline()).map(({ code }) => code),
    uids: () => tasks().map(({ uid }) => uid),
    running: () =>
      tasks().flatMap(({ uid, state }) => (state === 'ended' || state === 'exiting' ? [] : [uid])),
    calls: (call) =>
      emulator
        .requests()
        .filter((request) => request.call === call && request.cname === channel)
        .map(({ at, uid, status, body }) => ({
          at: (Date.parse(at) - startedAt) / 1000,
          uid,
          status,
          body: body as Record<string, unknown>,
        })),
    sid: sidOf,
    run: async (command) => {
      await emulator.runCommand(await sidOf(), command)
    },
  }
}
