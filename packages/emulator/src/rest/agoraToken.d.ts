// The package describes only its builders; its parser, which it uses in its own tests, has no types.
declare module 'agora-token/src/AccessToken2.js' {
  interface RtcService {
    __channel_name: { toString(): string }
    /** Empty for every uid. */
    __uid: { toString(): string }
    /** By privilege, the seconds after `issueTs` in which it ends. */
    __privileges: Record<number, number>
    add_privilege(privilege: number, expire: number): void
  }

  class AccessToken2 {
    constructor(appId: string, appCertificate: string, issueTs: number, expire: number)
    appId: { toString(): string }
    /** Unix seconds. */
    issueTs: number
    /** Seconds after `issueTs`. */
    expire: number
    add_service(service: RtcService): void
    build(): string
    /** Returns false if the text is not a token of version 007. */
    from_string(token: string): boolean
    verifySignature(appCertificate: string): boolean
    getServices(type: number): RtcService[]
  }

  const parser: {
    AccessToken2: typeof AccessToken2
    ServiceRtc: { new (channel: string, uid: string | number): RtcService; kPrivilegeJoinChannel: number }
    kRtcServiceType: number
  }
  export default parser
}
