import { SCHEDULES } from './schedules.ts'
import { testMutations } from './testMutations.ts'

testMutations(SCHEDULES)
