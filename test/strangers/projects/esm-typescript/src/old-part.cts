import engine = require('@taskloom/engine')

/** A part of the host that is CommonJS still. */
function createTasks(): engine.TaskManager {
  return new engine.TaskManager({ store: engine.memory() })
}

export = { createTasks }
