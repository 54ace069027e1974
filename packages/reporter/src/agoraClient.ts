import { type CloudRecording, createCloudRecording, createQuota } from '@stillrolling/rest-core'
import type { Logger } from 'pino'
import { createAgoraFetch } from './agoraFetch.ts'
import type { Config } from './config.ts'

/** The client for Agora as the configuration says: account, hosts, quota, proxy, log. */
export const createAgoraClient = async (
  config: Pick<Config, 'agora' | 'proxy'>,
  log: Logger,
): Promise<CloudRecording> => {
  const { qps, ...account } = config.agora
  return createCloudRecording({
    ...account,
    fetch: await createAgoraFetch(config),
    quota: createQuota({ perSecond: qps }),
    log: ({ level, message, ...fields }) => log[level]({ agora: fields }, message),
  })
}
