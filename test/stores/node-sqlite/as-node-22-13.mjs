// Takes from a newer Node what its SQLite did not have from 22.13 to 22.15.
const { DatabaseSync, StatementSync } = process.getBuiltinModule('node:sqlite')
delete StatementSync.prototype.setReturnArrays
delete DatabaseSync.prototype.isTransaction
