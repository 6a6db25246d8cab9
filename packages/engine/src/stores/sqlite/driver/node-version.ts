/** The way out where nothing can be installed. */
export const nodeWithSqlite = `Node 22.13 or newer, which has SQLite built in; this is Node ${process.versions.node}`
