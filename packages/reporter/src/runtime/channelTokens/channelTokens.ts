import agora from 'agora-token'
import { type ChannelKeys, type ChannelRequest, keysNeeded } from '../../channelRequest.ts'
import type { Config } from '../../config.ts'
import type { Acceptance } from '../acceptance.ts'
import type { Clock } from '../clock.ts'
import { type ChannelAccess, type Joining, MAX_TOKEN_LIFETIME, TokenError } from './channelAccess.ts'
import { requestAccess } from './requestAccess.ts'
import { createTokenUrlFetch } from './tokenUrlFetch.ts'

/** Makes or fetches what attempts join their channels by. Nothing of it is stored. */
export interface ChannelTokens {
  /** @throws {TokenError} */
  accessFor(
    request: Pick<ChannelRequest, 'tokenUrl' | 'recordingConfig'>,
    joining: Joining,
  ): Promise<ChannelAccess>
}

export interface ChannelTokensOptions {
  config: Pick<Config, 'appCertificate' | 'tokenUrlSecrets' | 'tokenUrlReach'> & {
    agora: Pick<Config['agora'], 'appId'>
  }
  clock: Clock
  acceptance: Pick<Acceptance, 'accepted' | 'refused'>
  fetch?: typeof fetch
}

export const createChannelTokens = (options: ChannelTokensOptions): ChannelTokens => {
  const { config, clock, acceptance } = options
  const { appCertificate, tokenUrlSecrets, tokenUrlReach } = config
  const { fetch = createTokenUrlFetch(tokenUrlReach) } = options

  const ownToken = ({ channel, uid }: Joining): ChannelAccess => {
    if (appCertificate === undefined) return {}
    const token = agora.RtcTokenBuilder.buildTokenWithUid(
      config.agora.appId,
      appCertificate,
      channel,
      Number(uid),
      agora.RtcRole.SUBSCRIBER,
      MAX_TOKEN_LIFETIME,
      MAX_TOKEN_LIFETIME,
    )
    if (token !== '') return { token, validFor: MAX_TOKEN_LIFETIME }
    throw new TokenError('Agora makes no token for this AGORA_APP_ID, which is not 32 hexadecimal digits')
  }

  const fetchAccess = async (
    tokenUrl: string,
    needed: (keyof ChannelKeys)[],
    joining: Joining,
  ): Promise<ChannelAccess> => {
    const secrets = tokenUrlSecrets
    try {
      const given = await requestAccess({ tokenUrl, joining, needed, secrets, now: clock.now(), fetch })
      acceptance.accepted()
      return given
    } catch (error) {
      const why = error instanceof TokenError ? error.message : 'it could not be fetched'
      acceptance.refused(why)
      throw new TokenError(`There is no token for the channel. tokenUrl: ${why}`)
    }
  }

  return {
    accessFor: async ({ tokenUrl, recordingConfig }, joining) => {
      if (tokenUrl === undefined) return ownToken(joining)
      const given = await fetchAccess(tokenUrl, keysNeeded(recordingConfig), joining)
      return { ...(given.token === undefined && ownToken(joining)), ...given }
    },
  }
}
