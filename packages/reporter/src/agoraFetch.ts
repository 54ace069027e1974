import type { Config } from './config.ts'
import { isLoopback } from './networkAddress.ts'

/** The proxies for requests to Agora. */
export interface ProxyConfig {
  /** For http; also for https if there is no other. May contain credentials. */
  http?: string
  https?: string
  /** Hosts that are reached without, as NO_PROXY has them. */
  except: string
}

/**
 * A `fetch` for requests to Agora that uses the configured proxy, with a tunnel (CONNECT). This machine is always reached
 * without. Node's own `fetch` knows proxies only for the whole process.
 * @returns undefined if there is no proxy
 */
export const createAgoraFetch = async ({
  proxy,
}: Pick<Config, 'proxy'>): Promise<typeof fetch | undefined> => {
  if (proxy === undefined) return undefined
  const undici = await import('undici')
  const dispatcher = new undici.EnvHttpProxyAgent({
    httpProxy: proxy.http ?? '',
    httpsProxy: proxy.https ?? proxy.http ?? '',
    noProxy: proxy.except,
    proxyTunnel: true,
  })
  const throughProxy = ((input: string, init?: object) =>
    undici.fetch(input, { ...init, dispatcher })) as unknown as typeof fetch
  return (input, init) => {
    const { hostname } = new URL(input instanceof Request ? input.url : input)
    return isLoopback(hostname) ? fetch(input, init) : throughProxy(input, init)
  }
}
