import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import { BitString, Integer, OctetString, Utf8String } from 'asn1js'
import {
  AltName,
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralSubtree,
  NameConstraints,
} from 'pkijs'
import { AGORA_DOMAINS } from './agoraHosts.ts'

// X.509 as in RFC 5280.

const OID = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extKeyUsage: '2.5.29.37',
  nameConstraints: '2.5.29.30',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const

/** Bits of `keyUsage`, from the left. */
const KEY_CERT_SIGN = 0b0000_0100
const DIGITAL_SIGNATURE = 0b1000_0000

const GENERAL_NAME_DNS = 2
const GENERAL_NAME_IP = 7

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const
const HASH = 'SHA-256'

const MS_IN_DAY = 86_400_000
const CA_DAYS = 3650
/** The longest time for which all clients accept a server's certificate is 398 days. */
const SERVER_DAYS = 397

const CA_NAME = 'Agora emulator on this machine, for tests only'
const SERVER_NAME = 'Agora emulator'

const LOOPBACK_NAME = 'localhost'
const LOOPBACK_IP = [127, 0, 0, 1]
const WHOLE_ADDRESS = [255, 255, 255, 255]

/** A new private key as PEM (PKCS #8). */
export const createKey = async (): Promise<string> => {
  const { privateKey } = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey))
  return String(
    createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' }),
  )
}

/** Named by its source, because Node's types and a browser's differ. */
type SubtleKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

const signingKey = (key: KeyObject): Promise<SubtleKey> =>
  crypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), ALGORITHM, false, ['sign'])

const verifyingKey = (key: KeyObject): Promise<SubtleKey> => {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return crypto.subtle.importKey('spki', der, ALGORITHM, true, ['verify'])
}

interface Asn1 {
  toBER(sizeOnly?: boolean): ArrayBuffer
}

const extension = (extnID: string, value: Asn1, critical = false): Extension =>
  new Extension({ extnID, critical, extnValue: value.toBER(false) })

const keyUsage = (bits: number): Extension =>
  extension(OID.keyUsage, new BitString({ valueHex: Uint8Array.of(bits).buffer }), true)

const dnsName = (value: string): GeneralName => new GeneralName({ type: GENERAL_NAME_DNS, value })
const ipName = (bytes: number[]): GeneralName =>
  new GeneralName({
    type: GENERAL_NAME_IP,
    value: new OctetString({ valueHex: Uint8Array.from(bytes).buffer }),
  })

const named = (commonName: string): AttributeTypeAndValue =>
  new AttributeTypeAndValue({ type: OID.commonName, value: new Utf8String({ value: commonName }) })

/** Identifies a key. Strict clients (Python since 3.13) ask for it in the authority's certificate and the server's. */
const keyIdentifier = (key: KeyObject): OctetString => {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const digest = createHash('sha256').update(der).digest().subarray(0, 20)
  return new OctetString({ valueHex: Uint8Array.from(digest).buffer })
}

interface CertificateRequest {
  commonName: string
  publicKey: KeyObject
  caKey: KeyObject
  days: number
  extensions: Extension[]
}

/** A certificate as PEM. It is valid since yesterday, because clocks differ. */
const sign = async ({
  commonName,
  publicKey,
  caKey,
  days,
  extensions,
}: CertificateRequest): Promise<string> => {
  const certificate = new Certificate()
  certificate.version = 2
  // Positive, as RFC 5280 demands.
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 1
  certificate.serialNumber = new Integer({ valueHex: Uint8Array.from(serial).buffer })
  certificate.issuer.typesAndValues.push(named(CA_NAME))
  certificate.subject.typesAndValues.push(named(commonName))
  certificate.notBefore.value = new Date(Date.now() - MS_IN_DAY)
  certificate.notAfter.value = new Date(Date.now() + (days - 1) * MS_IN_DAY)
  certificate.extensions = extensions
  await certificate.subjectPublicKeyInfo.importKey(await verifyingKey(publicKey))
  await certificate.sign(await signingKey(caKey), HASH)
  const der = Buffer.from(certificate.toSchema(true).toBER(false)).toString('base64')
  return `-----BEGIN CERTIFICATE-----\n${der.replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`
}

/**
 * The certificate of an authority that can vouch for Agora's domains and for this machine only, so that a key that
 * leaks harms no other site.
 */
export const createCaCertificate = (caKeyPem: string): Promise<string> => {
  const caKey = createPrivateKey(caKeyPem)
  const permitted = [
    ...[...AGORA_DOMAINS, LOOPBACK_NAME].map(dnsName),
    ipName([...LOOPBACK_IP, ...WHOLE_ADDRESS]),
  ]
  return sign({
    commonName: CA_NAME,
    publicKey: caKey,
    caKey,
    days: CA_DAYS,
    extensions: [
      extension(
        OID.basicConstraints,
        new BasicConstraints({ cA: true, pathLenConstraint: 0 }).toSchema(),
        true,
      ),
      keyUsage(KEY_CERT_SIGN),
      extension(OID.subjectKeyIdentifier, keyIdentifier(caKey)),
      extension(
        OID.nameConstraints,
        new NameConstraints({
          permittedSubtrees: permitted.map((base) => new GeneralSubtree({ base })),
        }).toSchema(),
        true,
      ),
    ],
  })
}

/** The certificate of the server, for every host of Agora's and for this machine. */
export const createServerCertificate = (keyPem: string, caKeyPem: string): Promise<string> => {
  const caKey = createPrivateKey(caKeyPem)
  return sign({
    commonName: SERVER_NAME,
    publicKey: createPrivateKey(keyPem),
    caKey,
    days: SERVER_DAYS,
    extensions: [
      extension(OID.basicConstraints, new BasicConstraints({ cA: false }).toSchema(), true),
      keyUsage(DIGITAL_SIGNATURE),
      extension(
        OID.authorityKeyIdentifier,
        new AuthorityKeyIdentifier({ keyIdentifier: keyIdentifier(caKey) }).toSchema(),
      ),
      extension(OID.extKeyUsage, new ExtKeyUsage({ keyPurposes: [OID.serverAuth] }).toSchema()),
      extension(
        OID.subjectAltName,
        new AltName({
          altNames: [
            ...[...AGORA_DOMAINS.map((domain) => `*.${domain}`), LOOPBACK_NAME].map(dnsName),
            ipName(LOOPBACK_IP),
          ],
        }).toSchema(),
      ),
    ],
  })
}
