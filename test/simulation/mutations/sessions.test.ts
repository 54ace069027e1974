import { SESSIONS } from './sessions.ts'
import { testMutations } from './testMutations.ts'

testMutations(SESSIONS)
