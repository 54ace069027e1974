import { generateKeyPairSync, sign } from 'node:crypto'

export interface Certificate {
  /** PEM. */
  key: string
  /** PEM. */
  cert: string
}

/**
 * Makes a self-signed certificate for 127.0.0.1, or for the DNS name `name`. Node can read certificates but not make them,
 * so this writes the DER of RFC 5280 by hand.
 */
export const makeCertificate = ({ from, to, name }: { from: Date; to: Date; name?: string }): Certificate => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = sequence(der(SET, sequence(oid(COMMON_NAME), der(UTF8_STRING, Buffer.from('test')))))
  const address =
    name === undefined ? der(IP_ADDRESS, Buffer.from([127, 0, 0, 1])) : der(DNS_NAME, Buffer.from(name))
  const alternativeNames = sequence(oid(ALTERNATIVE_NAME), der(OCTET_STRING, sequence(address)))
  const body = sequence(
    der(EXPLICIT_0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([1])),
    sequence(oid(ECDSA_WITH_SHA256)),
    issuer,
    sequence(time(from), time(to)),
    issuer,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(EXPLICIT_3, sequence(alternativeNames)),
  )
  const signature = der(BIT_STRING, Buffer.from([0]), sign('sha256', body, privateKey))
  const certificate = sequence(body, sequence(oid(ECDSA_WITH_SHA256)), signature)
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  }
}

const INTEGER = 0x02
const BIT_STRING = 0x03
const OCTET_STRING = 0x04
const OBJECT_IDENTIFIER = 0x06
const UTF8_STRING = 0x0c
const GENERALIZED_TIME = 0x18
const SEQUENCE = 0x30
const SET = 0x31
const DNS_NAME = 0x82
const IP_ADDRESS = 0x87
const EXPLICIT_0 = 0xa0
const EXPLICIT_3 = 0xa3

/** 2.5.4.3 */
const COMMON_NAME = '550403'
/** 2.5.29.17 */
const ALTERNATIVE_NAME = '551d11'
/** 1.2.840.10045.4.3.2 */
const ECDSA_WITH_SHA256 = '2a8648ce3d040302'

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts)
  const { length } = content
  const header = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...header]), content])
}

const sequence = (...parts: Buffer[]): Buffer => der(SEQUENCE, ...parts)

const oid = (hex: string): Buffer => der(OBJECT_IDENTIFIER, Buffer.from(hex, 'hex'))

/** `20270115080007Z` */
const time = (date: Date): Buffer =>
  der(GENERALIZED_TIME, Buffer.from(`${date.toISOString().replaceAll(/[-:T]|\.\d+/g, '')}`))
