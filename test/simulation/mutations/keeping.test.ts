import { KEEPING } from './keeping.ts'
import { testMutations } from './testMutations.ts'

testMutations(KEEPING)
