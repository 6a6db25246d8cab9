/** Rows as CSV (RFC 4180); a text that a spreadsheet would take for a formula is kept from being one. Pure. */
export function toCsv(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => row.map(cell).join(',')).join('\r\n')
}

function cell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return text !== value || /[\r\n",]|^ | $/.test(text) ? `"${text.replace(/"/g, '""')}"` : text
}
