/** A text in which the user name and password of every URL are replaced by `***`. */
export const withoutUserInfo = (text: string): string => text.replace(/\/\/[^/?#\s]*@/g, '//***@')

/** The same for an endpoint, which is a URL or only a domain. */
export const endpointWithoutUserInfo = (endpoint: string): string =>
  endpoint.replace(/^([a-z]+:\/\/)?[^/?#]*@/i, '$1***@')
