import type { ChannelScript } from '../scenario/scenario.ts'
import type { VirtualTime } from '../virtualTime.ts'

/** The users in the RTC channels, as they come and go by the scenario's scripts. Agora's recorders are none of them. */
export interface Channels {
  readonly names: readonly string[]
  /** Whether this is the uid of a user, and not of a recorder. */
  isUser(uid: string): boolean
  /** How many users are in the channel. */
  usersIn(name: string): number
  /** The uids of those who send audio and video. */
  publishersIn(name: string): readonly string[]
  /** Since when the channel has been empty; null while users are in it. */
  emptySince(name: string): number | null
  /** Since when users have been in the channel without interruption; null while it is empty. */
  busySince(name: string): number | null
}

export interface ChannelHooks {
  /** The uid has joined the channel. */
  onJoined(name: string, user: ChannelUser): void
  onLeft(name: string, user: ChannelUser): void
}

export interface ChannelUser {
  uid: string
  publishes: boolean
}

/** The users' uids begin here: none of them is that of an attempt. */
const FIRST_USER = 101
const FIRST_RECORDER = 900_000

export const createChannels = (
  time: VirtualTime,
  scripts: readonly ChannelScript[],
  hooks: ChannelHooks,
): Channels => {
  const begun = time.now()
  const present = new Map<string, Set<ChannelUser>>(scripts.map(({ name }) => [name, new Set()]))
  /** Since when the channel has been empty, or not empty. */
  const since = new Map<string, number>()
  const sizeOf = (name: string): number => present.get(name)?.size ?? 0

  for (const { name, visits } of scripts) {
    for (const [index, { from, to, publishes }] of visits.entries()) {
      const user = { uid: String(FIRST_USER + index), publishes }
      time.after(from, () => {
        if (sizeOf(name) === 0) since.set(name, time.now())
        present.get(name)?.add(user)
        hooks.onJoined(name, user)
      })
      time.after(to, () => {
        present.get(name)?.delete(user)
        if (sizeOf(name) === 0) since.set(name, time.now())
        hooks.onLeft(name, user)
      })
    }
  }
  return {
    names: scripts.map(({ name }) => name),
    isUser: (uid) => Number(uid) < FIRST_RECORDER,
    usersIn: sizeOf,
    publishersIn: (name) =>
      [...(present.get(name) ?? [])].filter(({ publishes }) => publishes).map(({ uid }) => uid),
    emptySince: (name) => (sizeOf(name) === 0 ? (since.get(name) ?? begun) : null),
    busySince: (name) => (sizeOf(name) === 0 ? null : (since.get(name) ?? begun)),
  }
}
