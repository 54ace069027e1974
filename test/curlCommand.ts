/**
 * A `curl` for shell scripts of tests, so that they run where there is none. It ends with 22 when the answer is an error,
 * as with curl's `--fail`.
 */
import { sendCurl } from './curl.ts'

const answer = await sendCurl(process.argv.slice(2))
console.log(await answer.text())
if (!answer.ok) process.exitCode = 22
