import { describe, expect, it } from 'vitest'
import { allColumns, shownColumns, usualColumns } from '../../packages/dashboard/src/elements/columns.ts'

const names = (columns: readonly { readonly name: string }[]) => columns.map(({ name }) => name)
const order = { name: 'order', heading: 'Order', render: () => 'x' }
const usual = ['status', 'function', 'id', 'queue', 'retries', 'duration', 'created', 'error']

describe('the columns of the rows', () => {
  it('are the usual ones, and those of the page after them', () => {
    expect(names(usualColumns())).toEqual(usual)
    expect(names(usualColumns({ custom: [order] }))).toEqual([...usual, 'order'])
    expect(names(usualColumns({ hidden: ['error', 'id'] }))).toEqual([
      'status',
      'function',
      'queue',
      'retries',
      'duration',
      'created',
    ])
  })

  it('follow the order of the page', () => {
    const options = { order: ['function', 'order', 'worker', 'nosuch'], custom: [order] }
    expect(names(usualColumns(options))).toEqual(['function', 'order', 'worker'])
    expect(names(allColumns(options)).slice(0, 4)).toEqual(['function', 'order', 'worker', 'status'])
  })

  it('are those that the operator chose, as far as there are any', () => {
    expect(names(shownColumns(['worker', 'nosuch', 'function']))).toEqual(['worker', 'function'])
    expect(names(shownColumns(['nosuch']))).toEqual(usual)
  })
})
