const TIMEOUT_MS = 5000
const PROBE_TAG = /<script\b[^>]*\bsrc\s*=\s*["']?[^"'\s>]*\/probe(\.\w+)?\.js\b[^>]*>/i

/** Says why a page may send no reports: it does not answer, or its HTML loads no probe, or one of another reporter. */
export const diagnosePage = async (url: string, reporterUrl: string): Promise<string> => {
  const page = await fetchPage(url)
  if ('problem' in page) return page.problem
  const [tag] = PROBE_TAG.exec(page.html) ?? []
  if (tag === undefined)
    return 'The HTML of the page has no script tag that loads probe.js. (If a script adds the tag, or a bundle holds the probe, see the console of the page.)'
  if (!namesReporter(tag, reporterUrl))
    return `The page loads the probe of another reporter: ${tag} This reporter is at ${reporterUrl}.`
  if (!isLocal(url))
    return `The page has the script tag, but a page that is not on this machine may not load from ${reporterUrl}: browsers keep pages from private addresses.`
  return 'The page has the script tag. Open the page in a browser and see its console: a Content Security Policy or an error may keep the probe from running.'
}

const fetchPage = async (url: string): Promise<{ html: string } | { problem: string }> => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (!answer.ok) return { problem: `The server of the page answers ${answer.status} to GET ${url}.` }
    return { html: await answer.text() }
  } catch (error) {
    const { cause, message } = error as Error & { cause?: NodeJS.ErrnoException }
    return { problem: `The page cannot be reached: GET ${url} failed (${cause?.code ?? message}).` }
  }
}

/** Both names of this machine lead to the reporter. */
const namesReporter = (tag: string, reporterUrl: string): boolean =>
  tag.includes(reporterUrl) || tag.includes(reporterUrl.replace('127.0.0.1', 'localhost'))

const isLocal = (url: string): boolean =>
  /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname)
