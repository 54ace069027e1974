import { readFileSync } from 'node:fs'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

/** A request as curl's arguments describe it. */
export interface CurlRequest {
  url: string
  method: string
  headers: Record<string, string>
  body: string | undefined
  /** File with the certificate of an authority that is trusted beside the known ones. */
  caFile: string | undefined
  /** What comes is printed as it comes. */
  isStream: boolean
}

/** Splits a command line as a shell does: quotes, escaped line ends, no expansion. */
export const splitWords = (line: string): string[] =>
  [...line.replaceAll('\\\n', ' ').matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  )

/**
 * Reads the flags that our documents use, so that their lines are checked on machines without curl.
 * @throws at any other flag
 */
export const parseCurl = (args: readonly string[]): CurlRequest => {
  const words = [...args]
  const request: CurlRequest = {
    ...{ url: '', method: '', headers: {}, body: undefined, caFile: undefined },
    isStream: false,
  }
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--cacert') request.caFile = words.shift()
    else if (word === '-X') request.method = words.shift() ?? ''
    else if (word === '-d') {
      request.body = words.shift() ?? ''
      request.headers['content-type'] ??= 'application/x-www-form-urlencoded'
    } else if (word === '-H') {
      const [name = '', value = ''] = (words.shift() ?? '').split(/:\s*/, 2)
      request.headers[name.toLowerCase()] = value
    } else if (word === '-s') continue
    else if (word === '-N') request.isStream = true
    else if (word === '-u' || word === '-su') {
      request.headers.authorization = `Basic ${btoa(words.shift() ?? '')}`
    } else if (word.startsWith('-')) throw new Error(`unknown flag ${word} of curl`)
    else request.url = word.includes('://') ? word : `http://${word}`
  }
  request.method ||= request.body === undefined ? 'GET' : 'POST'
  return request
}

/** Sends the request that curl would send with these arguments. `--cacert` counts for the whole process. */
export const sendCurl = (args: readonly string[]): Promise<Response> => {
  const { url, caFile, isStream: _, ...request } = parseCurl(args)
  if (caFile !== undefined) {
    setDefaultCACertificates([...getCACertificates(), readFileSync(caFile, 'utf8')])
  }
  return fetch(url, { ...request, signal: AbortSignal.timeout(30_000) })
}

/** Sends the request of a line, `curl …`. */
export const runCurl = (line: string): Promise<Response> => sendCurl(splitWords(line).slice(1))
