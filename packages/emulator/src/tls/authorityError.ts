/** The files of the certificate authority cannot be read or written. */
export class AuthorityError extends Error {
  override name = 'AuthorityError'
}
