/**
 * A `curl` for shell scripts of tests, so that they run where there is none. It ends with 22 when the answer is an error,
 * as with curl's `--fail`. Of a stream (`-N`), which has no end, it prints the first part.
 */
import { parseCurl, sendCurl } from './curl.ts'

const args = process.argv.slice(2)
const answer = await sendCurl(args)
if (answer.ok && parseCurl(args).isStream) {
  for await (const part of answer.body ?? []) {
    console.log(new TextDecoder().decode(part))
    break
  }
} else console.log(await answer.text())
if (!answer.ok) process.exitCode = 22
