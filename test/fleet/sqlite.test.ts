import { describeFleet } from './describe-fleet.ts'

describeFleet('sqlite', { stormMs: 12_000, server: null })
