import { mainIdOf } from '../standbyId.ts'
import type { StoredRecording } from '../store/types.ts'
import type { CommandOptions } from './decisions.ts'
import type { Engine } from './engine.ts'
import { kindOf } from './kinds/kindOf.ts'

/** What a person asks of a recording. */
export const COMMANDS = ['stop', 'pause', 'resume', 'restart'] as const
export type Command = (typeof COMMANDS)[number]

/** Why a recording is not commanded: the code of the problem, and its detail. */
export interface Refusal {
  code: 'recording_not_found' | 'recording_stopped' | 'standby_command' | 'pause_unsupported'
  detail: string
}

/** Carries out a command to a recording and its standby. */
export const carryOut = async (
  engine: Pick<Engine, 'load' | 'command'>,
  { id, command }: { id: string; command: Command },
  options: CommandOptions = {},
): Promise<{ stored: StoredRecording } | { refusal: Refusal }> => {
  const before = await engine.load(id)
  const refusal = before ? refusalOf(before, command) : unknownRecording(id)
  if (refusal) return { refusal }
  const stored = await engine.command(id, { type: command }, options)
  return stored ? { stored } : { refusal: unknownRecording(id) }
}

const refusalOf = ({ recording, request }: StoredRecording, command: Command): Refusal | undefined => {
  const { id, desired } = recording
  if (mainIdOf(id) !== undefined) return standbyRefusal(id)
  if (desired === 'stopped' && command !== 'stop') {
    const detail = `The recording "${id}" was stopped, which is permanent. Create a new one with another id.`
    return { code: 'recording_stopped', detail }
  }
  if (command === 'pause' && !kindOf(request).canPause) {
    const detail = `The recording "${id}" is of a channel, which Agora cannot pause. Stop it, and record the rest with another id.`
    return { code: 'pause_unsupported', detail }
  }
  return undefined
}

export const unknownRecording = (id: string): Refusal => ({
  code: 'recording_not_found',
  detail: `No recording has the id "${id}". GET /v1/recordings lists all of them.`,
})

/** Commands go to a recording, and reach its standby with it. */
export const standbyRefusal = (id: string): Refusal => {
  const mainId = mainIdOf(id)
  const detail = `"${id}" is the standby of the recording "${mainId}". Send the command to "${mainId}": both carry it out.`
  return { code: 'standby_command', detail }
}
