import { natives } from './natives.ts'

interface Members {
  readonly [name: string]: unknown
  toJSON?: () => unknown
}

/**
 * JSON of plain data. Unlike `JSON.stringify`, it ignores a `toJSON` that the page has added to all lists or objects: an
 * old Prototype.js makes a text of every list (https://github.com/prototypejs/prototype/issues/344). That of another class,
 * such as Date, is respected.
 *
 * @returns undefined if the value cannot be JSON, like a function
 * @throws if the value contains itself, or a bigint
 */
export const toJson = (value: unknown): string | undefined => {
  if (typeof value === 'function') return
  if (typeof value !== 'object' || !value) return natives.JSON.stringify(value)
  const isList = natives.Array.isArray(value)
  // Without the holes and the named members of the list.
  const members = (isList ? [...value] : value) as Members
  const { toJSON } = members
  const isOfAll = toJSON === (natives.Object.type.prototype as Members).toJSON
  if (toJSON && !isList && !isOfAll) return toJson(members.toJSON?.())
  let text = ''
  for (const name of natives.Object.keys(members)) {
    const member = toJson(members[name]) ?? (isList ? 'null' : '')
    if (member) text += (text && ',') + (isList ? '' : `${natives.JSON.stringify(name)}:`) + member
  }
  return isList ? `[${text}]` : `{${text}}`
}
