/** The users of every channel. A channel exists whether or not it is recorded. */
export interface Channels {
  usersOf(cname: string): readonly string[]
  /** All that recorders of the channel learn of. */
  setUsers(cname: string, users: readonly string[]): void
  /** Makes the channel have this number of users: the last ones leave, or further ones come. */
  setCount(cname: string, count: number): void
  /** Calls `onUsers` when users come or leave. Returns a function that ends it. */
  watch(cname: string, onUsers: (users: readonly string[]) => void): () => void
  /** The channels whose users have been set, and those that are recorded, in the order of their first mention. */
  names(): string[]
}

/** The first uids that are not taken, from 1 on. */
const newUids = (taken: readonly string[], count: number): string[] => {
  const uids: string[] = []
  for (let uid = 1; uids.length < count; uid++) {
    if (!taken.includes(String(uid))) uids.push(String(uid))
  }
  return uids
}

/** @param count the users of a channel whose users have not been set */
export const createChannels = (count: number): Channels => {
  const channels = new Map<string, readonly string[]>()
  const watchers = new Map<string, Set<(users: readonly string[]) => void>>()

  const usersOf = (cname: string): readonly string[] => {
    const known = channels.get(cname)
    if (known) return known
    const users = newUids([], count)
    channels.set(cname, users)
    return users
  }

  const setUsers = (cname: string, users: readonly string[]): void => {
    channels.set(cname, users)
    for (const onUsers of [...(watchers.get(cname) ?? [])]) onUsers(users)
  }

  return {
    usersOf,
    setUsers,
    setCount: (cname, size) => {
      const users = usersOf(cname)
      const further = newUids(users, Math.max(0, size - users.length))
      setUsers(cname, [...users.slice(0, size), ...further])
    },
    watch: (cname, onUsers) => {
      const all = watchers.get(cname) ?? new Set()
      watchers.set(cname, all.add(onUsers))
      return () => {
        all.delete(onUsers)
        if (all.size === 0) watchers.delete(cname)
      }
    },
    names: () => [...channels.keys()],
  }
}
