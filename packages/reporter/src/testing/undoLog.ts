/** Reverts one write. */
export type Undo = () => void
/** Collects the undo functions of writes. */
export interface UndoLog {
  push(undo: Undo): unknown
}

export const put = <K, V>(map: Map<K, V>, key: K, value: V, undo: UndoLog): void => {
  const before = map.get(key)
  undo.push(() => (before === undefined ? map.delete(key) : map.set(key, before)))
  map.set(key, value)
}

export const remove = <K, V>(map: Map<K, V>, key: K, undo: UndoLog): void => {
  const before = map.get(key)
  if (before === undefined) return
  undo.push(() => map.set(key, before))
  map.delete(key)
}
