/** Asks the thread for one checkpoint. */
export const makeCheckpoint = 'checkpoint'
/** Its answer, when that is made. */
export const checkpointDone = 'done'
/** Tells it to let go of its connection and end. */
export const closeCheckpoints = 'close'
