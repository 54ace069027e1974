/** The path of a request, with its parameters in the order in which it names them. @throws {TypeError} if one is no name */
export const fillPath = (path: string, parameters: readonly unknown[]): string => {
  const left = [...parameters]
  return path.replaceAll(/{(\w+)}/g, (_, name: string) => {
    const value = left.shift()
    // As parts of a path these would lead to another route.
    if (typeof value !== 'string' || ['', '.', '..'].includes(value)) {
      throw new TypeError(`The ${name} of ${path} must be a name, and is ${JSON.stringify(value)}.`)
    }
    return encodeURIComponent(value)
  })
}

/** Lists are repeated parameters, and labels are parameters with names of their own. Empty without any. */
export const queryString = (query: object = {}): string => {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue
    if (Array.isArray(value)) for (const each of value) parameters.append(name, String(each))
    else if (typeof value !== 'object') parameters.append(name, String(value))
    else for (const [label, text] of Object.entries(value)) parameters.append(`label.${label}`, String(text))
  }
  const text = parameters.toString()
  return text && `?${text}`
}
