import { isDeepStrictEqual } from 'node:util'
import { type ChannelChanges, type ChannelRequest, mistakesInTask } from '../../channelRequest.ts'
import { policyOf } from '../../commonRequest.ts'
import type { Config } from '../../config.ts'
import { fieldErrors } from '../../fieldErrors.ts'
import type { RecordingChanges } from '../../recordingChanges.ts'
import type { RecordingRequest } from '../../recordingRequest.ts'
import type { Revise, Revision } from '../../runtime/decisions.ts'
import { changedConfig } from '../../runtime/kinds/channel.ts'
import { type ScheduleFields, scheduleErrors, scheduleOf } from '../../schedule.ts'
import type { StoredRecording } from '../../store/types.ts'
import type { PolicyInput } from '../../supervisor/policy.ts'
import type { Time } from '../../supervisor/recording.ts'
import { requireMatch } from '../etag.ts'
import { invalidRequest, Problem } from '../problem.ts'
import { differences } from './differences.ts'
import { policyOr422 } from './policyOf.ts'

export interface ReviseOptions {
  /** Of the recording; its standby changes with it. */
  id: string
  ifMatch: string | undefined
  config: Pick<Config, 'notificationSecrets'>
  now(): Time
}

/**
 * What a recording becomes by changes of its request. The same values once more change nothing.
 * @throws {Problem} 409 if the recording cannot have the change, 412 if it is based on another version, 422 if a value is wrong
 */
export const reviseBy =
  (changes: RecordingChanges, { id, ifMatch, config, now }: ReviseOptions): Revise =>
  (stored) => {
    const { request, recording } = stored
    refuseOtherKind(request, changes, id)
    if (recording.desired === 'stopped') {
      throw new Problem(
        'recording_stopped',
        `The recording "${id}" was stopped, which is permanent, and cannot be changed.`,
      )
    }
    if (recording.id === id) requireMatch(ifMatch, stored)
    const steps = [
      changedPolicy(stored, changes, config),
      changedSchedule(stored, changes, now()),
      changedValues(request, changes),
    ]
    const channel = changedChannel(request, changes)
    const fields = steps.flatMap((step) => step.fields)
    if (fields.length === 0 && channel.changes.length === 0) return undefined
    const values = Object.assign({}, ...steps.map((step) => step.values))
    const original = { ...originalsOf(request, Object.keys(values)), ...request.original }
    return {
      request: {
        ...request,
        ...values,
        ...channel.values,
        ...(Object.keys(original).length > 0 && { original }),
      },
      change: { changes: channel.changes, fields, ...Object.assign({}, ...steps.map(({ facts }) => facts)) },
    }
  }

/** A part of a change: what the request has from now on, the paths that differ, and what the supervisor is to know. */
interface Step {
  values: Partial<RecordingRequest>
  fields: string[]
  facts?: Partial<Revision['change']>
}

const ONLY_OF_PAGES = ['expect', 'media'] as const
const ONLY_OF_CHANNELS = ['layout', 'subscription'] as const

const refuseOtherKind = (request: RecordingRequest, changes: RecordingChanges, id: string): void => {
  const names = request.kind === 'page' ? ONLY_OF_CHANNELS : ONLY_OF_PAGES
  if (names.some((name) => changes[name] !== undefined)) {
    const has = request.kind === 'page' ? 'a page, which has' : 'a channel, which has'
    throw new Problem(
      'change_unsupported',
      `The recording "${id}" records ${has} no ${names.join(' and no ')}.`,
    )
  }
  if (request.kind === 'channel' && request.mode !== 'mix' && changes.layout !== undefined) {
    throw new Problem(
      'change_unsupported',
      `The recording "${id}" is in individual mode, which has no layout.`,
    )
  }
}

/** The policy is merged: over what was requested, and over the complete one, so that no other value changes with it. */
const changedPolicy = (
  { request, recording }: StoredRecording,
  { policy: input }: RecordingChanges,
  config: ReviseOptions['config'],
): Step => {
  if (input === undefined) return { values: {}, fields: [] }
  const { error } = policyOf(request.kind).safeParse(input)
  if (error) {
    throw invalidRequest(fieldErrors(error).map((each) => ({ ...each, path: `policy.${each.path}` })))
  }
  const policy = policyOr422(request, [recording.policy, input], config)
  const fields = differences(recording.policy, policy, ['policy'])
  if (fields.length === 0) return { values: {}, fields }
  return { values: { policy: merged(request.policy, input) }, fields, facts: { policy } }
}

const merged = (before: PolicyInput = {}, input: PolicyInput): PolicyInput => ({
  ...before,
  ...input,
  ...(input.restart && { restart: { ...before.restart, ...input.restart } }),
  ...(input.onStopCode && { onStopCode: { ...before.onStopCode, ...input.onStopCode } }),
})

const TIMES = ['startAt', 'startAhead', 'stopAt', 'maxDuration'] as const

/**
 * Only until it has begun, a recording can begin at another time.
 * @throws {Problem} 409 if it has, 422 if a time has passed
 */
const changedSchedule = (
  { request, recording }: StoredRecording,
  changes: RecordingChanges,
  now: Time,
): Step => {
  const fields = TIMES.filter(
    (name) => changes[name] !== undefined && changes[name] !== (request[name] ?? null),
  )
  if (fields.length === 0) return { values: {}, fields }
  if (!recording.awaitsStart && fields.some((name) => name === 'startAt' || name === 'startAhead')) {
    throw new Problem(
      'change_unsupported',
      `The recording "${recording.id}" has begun, and neither startAt nor startAhead can change any more.`,
    )
  }
  const values: Partial<ScheduleFields> = Object.fromEntries(
    fields.map((name) => [name, changes[name] ?? undefined]),
  )
  const schedule = scheduleOf({ ...request, ...values })
  const { createdAt } = recording
  const errors = scheduleErrors(schedule, { now, createdAt })
  if (errors.length > 0) throw invalidRequest(errors)
  return { values, fields, facts: { schedule } }
}

const REPLACED = ['labels', 'metadata', ...ONLY_OF_PAGES] as const

const changedValues = (request: RecordingRequest, changes: RecordingChanges): Step => {
  const fields = REPLACED.filter(
    (name) =>
      changes[name] !== undefined &&
      !isDeepStrictEqual(changes[name], (request as Partial<RecordingChanges>)[name]),
  )
  return { values: Object.fromEntries(fields.map((name) => [name, changes[name]])), fields }
}

/** The fields as they are in the request, for one that changes them for the first time; null if they were left out. */
const originalsOf = (request: RecordingRequest, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    names.map((name) => [name, (request as unknown as Record<string, unknown>)[name] ?? null]),
  )

/** @throws {Problem} 422 if Agora would refuse the change */
const changedChannel = (
  request: RecordingRequest,
  { layout, subscription }: RecordingChanges,
): { values: Pick<ChannelRequest, 'changes'>; changes: (keyof ChannelChanges)[] } => {
  if (request.kind !== 'channel') return { values: {}, changes: [] }
  const given = { ...(layout && { layout }), ...(subscription && { subscription }) }
  const changes = ONLY_OF_CHANNELS.filter(
    (name) => given[name] !== undefined && !isDeepStrictEqual(given[name], request.changes?.[name]),
  )
  if (changes.length === 0) return { values: {}, changes }
  const values = { changes: { ...request.changes, ...given } }
  refuseMistakes({ ...request, ...values })
  return { values, changes }
}

/** Each change alone is as Agora allows it; with the request it may not be. */
const refuseMistakes = (request: ChannelRequest): void => {
  const recordingConfig = changedConfig(request.recordingConfig, request.changes)
  const issues = mistakesInTask({ ...request, recordingConfig } as ChannelRequest)
  if (issues.length === 0) return
  throw invalidRequest(
    fieldErrors({ issues }).map(({ path, message }) => ({
      path: 'subscription',
      message: `does not go with the recording: ${path} ${message}`,
    })),
  )
}
