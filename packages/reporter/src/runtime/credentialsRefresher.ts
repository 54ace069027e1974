import {
  type CallOptions,
  type CloudRecording,
  type RefreshEvent,
  refreshCredentials,
  type UpdateAnswer,
  type UpdateRequest,
} from '@stillrolling/rest-core'
import type { Logger } from 'pino'
import { isTemporary, profileOf, type StorageProfiles } from '../storageProfile.ts'
import { findAttempt, supervisedAttempts } from '../supervisor/attempts.ts'
import type { Attempt, Recording } from '../supervisor/recording.ts'
import type { Clock } from './clock.ts'
import { taskOf, tryResources } from './effects/task.ts'
import type { Engine } from './engine.ts'
import { storageOfAttempt } from './kinds/storageOfAttempt.ts'
import type { StorageCredentials } from './storageCredentials.ts'

/** Renews the temporary storage credentials of running attempts at Agora, which requires new ones every 60 minutes. */
export interface CredentialsRefresher {
  /** To be called with each recording after a decision. */
  observe(recording: Recording): void
  /** Ends all refreshes; a refresh under way is not waited for. */
  stop(): void
}

export interface CredentialsRefresherOptions {
  engine: Pick<Engine, 'load'>
  agora: CloudRecording
  credentials: StorageCredentials
  profiles: StorageProfiles
  clock: Clock
  log: Pick<Logger, 'debug' | 'warn'>
  random?: () => number
}

/** An attempt that started longer ago was taken up from an earlier process, in milliseconds. */
const OWN_START_MS = 60_000
/**
 * When the earlier process refreshed an attempt is not known: it is refreshed within 5 minutes, at a random moment, so that
 * thousands of attempts do not use up the quota. In milliseconds before now, of the 50 minutes between two refreshes.
 */
const TAKEN_UP_MS = { min: 45 * 60_000, max: 50 * 60_000 }

const MESSAGES: Record<RefreshEvent['kind'], string> = {
  refreshed: 'Agora has new storage credentials',
  failed: 'Agora has no new storage credentials yet: they are requested again in a minute',
}

export const createCredentialsRefresher = (options: CredentialsRefresherOptions): CredentialsRefresher => {
  const { engine, agora, credentials, profiles, clock, log, random = Math.random } = options
  const isNeeded = Object.values(profiles).some(isTemporary)
  /** By recording, then by attempt and sid. */
  const running = new Map<string, Map<string, AbortController>>()

  const refreshedAt = ({ startedAt }: Attempt): number => {
    const now = clock.now()
    if (startedAt !== null && now - startedAt < OWN_START_MS) return startedAt
    return now - (TAKEN_UP_MS.min + random() * (TAKEN_UP_MS.max - TAKEN_UP_MS.min))
  }

  const keepFresh = async (id: string, number: number, signal: AbortSignal): Promise<void> => {
    const stored = await engine.load(id)
    const attempt = findAttempt(stored?.recording, number)
    const task = await taskOf(engine, id, number)
    const name = stored?.request.storage ?? ''
    const profile = profileOf(profiles, name)
    if (!attempt || !task || !profile || !isTemporary(profile)) return
    const { credentials: _, ...storage } = profile
    const [resourceId = ''] = task.resourceIds
    let isFailing = false
    await refreshCredentials(
      { ...agora, update: (request, callOptions) => updateTask({ id, number }, request, callOptions) },
      {
        ...{ resourceId, sid: task.sid, cname: task.cname, uid: task.uid, mode: task.mode },
        // The first credentials are the recipe's to fetch; these are never sent.
        storageConfig: storageOfAttempt({ ...storage, accessKey: '-', secretKey: '-' }, id, number),
        credentials: () => credentials.refresh(name),
        refreshedAt: refreshedAt(attempt),
        onEvent: (event) => {
          const why = event.kind === 'failed' ? event.error.message : undefined
          const level = event.kind === 'failed' && !isFailing ? 'warn' : 'debug'
          isFailing = event.kind === 'failed'
          log[level]({ recordingId: id, attempt: number, why }, MESSAGES[event.kind])
        },
      },
      { signal },
    )
  }

  /** Which resource the sid belongs to may have become known meanwhile. */
  const updateTask = async (
    { id, number }: { id: string; number: number },
    request: UpdateRequest,
    callOptions: CallOptions | undefined,
  ): Promise<UpdateAnswer> => {
    const task = await taskOf(engine, id, number)
    const resourceIds = task?.sid === request.sid ? task.resourceIds : [request.resourceId]
    const { answer } = await tryResources({ resourceIds }, (resourceId) =>
      agora.update({ ...request, resourceId }, callOptions),
    )
    return answer
  }

  return {
    observe: (recording) => {
      if (!isNeeded) return
      const { id, desired } = recording
      const known = running.get(id) ?? new Map<string, AbortController>()
      const attempts = desired === 'running' ? supervisedAttempts(recording) : []
      const desiredKeys = new Map(
        attempts.flatMap(({ number, sid }) => (sid ? [[`${number} ${sid}`, number]] : [])),
      )
      for (const [key, controller] of known) {
        if (desiredKeys.has(key)) continue
        controller.abort()
        known.delete(key)
      }
      for (const [key, number] of desiredKeys) {
        if (known.has(key)) continue
        const controller = new AbortController()
        known.set(key, controller)
        void keepFresh(id, number, controller.signal)
          .catch((err: unknown) => {
            log.warn({ err, recordingId: id, attempt: number }, 'Storage credentials are not refreshed')
          })
          // Agora denied the task, or the store failed: while the attempt is supervised, the next decision tries again.
          .finally(() => {
            if (known.get(key) === controller) known.delete(key)
          })
      }
      if (known.size > 0) running.set(id, known)
      else running.delete(id)
    },
    stop: () => {
      for (const known of running.values()) for (const controller of known.values()) controller.abort()
      running.clear()
    },
  }
}
