/** Asks the thread for a checkpoint beside which others read and write. */
export const makeCheckpoint = 'checkpoint'
/** Asks it for one after which the log begins anew: others wait to write meanwhile. */
export const restartLog = 'restart'
/** Its answer, when that is made. */
export const checkpointDone = 'done'
/** Tells it to let go of its connection and end. */
export const closeCheckpoints = 'close'
