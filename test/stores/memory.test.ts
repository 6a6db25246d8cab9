import { memory } from '@taskloom/engine/store'
import { describeStore } from '@taskloom/testkit'

describeStore('memory', memory)
