import { recordingRequestSchema } from '../../../packages/reporter/src/recordingRequest.ts'
import { mergePolicy } from '../../../packages/reporter/src/supervisor/policy.ts'
import type { Observer } from '../observer.ts'
import type { ReporterHost } from '../reporter/host.ts'
import type { Running } from '../reporter/process.ts'
import type { RecordingSpec } from '../scenario/scenario.ts'
import type { VirtualTime } from '../virtualTime.ts'

/** Requests a recording and sends its commands, each at its time and until it is answered. */
export const requestRecording = (
  { id, createAt, policy, maxRecordingHour, commands }: RecordingSpec,
  { time, host, observer }: { time: VirtualTime; host: ReporterHost; observer: Observer },
): void => {
  const request = recordingRequestSchema.parse({ id, url: 'https://page.test/', maxRecordingHour, policy })
  const create = async ({ engine }: Running): Promise<unknown> =>
    (await engine.load(id)) ?? engine.create(id, request, mergePolicy(policy))
  let isCreated = false
  const onCreated = (): void => {
    isCreated = true
  }
  time.after(createAt, () => host.requestUntilAnswered(create, onCreated))
  for (const { at, command } of commands) {
    const send = async ({ engine }: Running): Promise<void> => {
      const handled = await engine.command(id, { type: command })
      // One that existed has been removed by retention, and needs no command.
      if (!handled && !isCreated) throw new Error(`${id} does not exist yet`)
    }
    time.after(at, () => host.requestUntilAnswered(send, () => observer.onCommandAccepted(id, command)))
  }
}
