import type { Area } from './requests/calls.ts'

const outside = 'https://api.agora.io'
const mainland = 'https://api.sd-rtn.com'

/**
 * Agora's hosts in the order in which they are tried: the primary of the area, then its alternate domain
 * (Agora, domain switching).
 */
export function baseUrlsOf(area: Area | undefined): readonly string[] {
  return area === 'CN' ? [mainland, outside] : [outside, mainland]
}
