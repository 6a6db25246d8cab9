import Database from 'better-sqlite3'

export interface StoredFile {
  readonly id: string
  readonly name: string
  readonly kind: 'image' | 'list'
  readonly path: string
  readonly bytes: number
  readonly uploadedAt: number
  readonly sha256: string | null
  readonly width: number | null
  readonly height: number | null
  readonly hasThumbnail: 0 | 1
  /** Rows imported so far, for lists. */
  readonly rowCount: number
}

export interface Order {
  readonly id: number
  readonly customer: string
  readonly email: string
  readonly product: string
  readonly quantity: number
  readonly partner: string
  readonly placedAt: number
  readonly mailedAt: number | null
  readonly deliveredAt: number | null
}

export interface Mail {
  readonly id: number
  readonly receivedAt: number
  readonly sender: string
  readonly recipient: string
  readonly subject: string
  readonly text: string
}

export interface ListRow {
  readonly line: number
  readonly data: string
}

/** The shop's own memory. It knows nothing of background work. */
export type ShopDb = ReturnType<typeof openShopDb>

const schema = `
  CREATE TABLE IF NOT EXISTS files (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, path TEXT NOT NULL, bytes INTEGER NOT NULL,
    uploaded_at INTEGER NOT NULL, sha256 TEXT, width INTEGER, height INTEGER, has_thumbnail INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE IF NOT EXISTS list_rows (
    file_id TEXT NOT NULL, line INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (file_id, line)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY AUTOINCREMENT, customer TEXT NOT NULL, email TEXT NOT NULL, product TEXT NOT NULL,
    quantity INTEGER NOT NULL, partner TEXT NOT NULL, placed_at INTEGER NOT NULL, mailed_at INTEGER,
    delivered_at INTEGER);
  CREATE TABLE IF NOT EXISTS mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT, received_at INTEGER NOT NULL, sender TEXT NOT NULL, recipient TEXT NOT NULL,
    subject TEXT NOT NULL, text TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS beats (at INTEGER PRIMARY KEY, free_bytes INTEGER NOT NULL, used_bytes INTEGER NOT NULL);
  INSERT OR IGNORE INTO sqlite_sequence (name, seq) SELECT 'orders', 1000
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'orders');
`

const fileColumns = `id, name, kind, path, bytes, uploaded_at AS uploadedAt, sha256, width, height,
  has_thumbnail AS hasThumbnail, (SELECT count(*) FROM list_rows WHERE file_id = files.id) AS rowCount`
const orderColumns = `id, customer, email, product, quantity, partner, placed_at AS placedAt, mailed_at AS mailedAt,
  delivered_at AS deliveredAt`

export function openShopDb(path: string) {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.exec(schema)
  const insertFile = db.prepare(
    'INSERT INTO files (id, name, kind, path, bytes, uploaded_at) VALUES (@id, @name, @kind, @path, @bytes, @uploadedAt)',
  )
  const insertOrder = db.prepare(
    `INSERT INTO orders (customer, email, product, quantity, partner, placed_at)
     VALUES (@customer, @email, @product, @quantity, @partner, @placedAt)`,
  )
  const insertMail = db.prepare(
    `INSERT INTO mails (received_at, sender, recipient, subject, text)
     VALUES (@receivedAt, @sender, @recipient, @subject, @text)`,
  )
  const insertRow = db.prepare('INSERT OR REPLACE INTO list_rows (file_id, line, data) VALUES (?, ?, ?)')

  const insertRows = db.transaction((fileId: string, firstLine: number, rows: readonly object[]) => {
    for (const [index, row] of rows.entries()) insertRow.run(fileId, firstLine + index, JSON.stringify(row))
  })

  return {
    addFile: (file: Omit<StoredFile, 'sha256' | 'width' | 'height' | 'hasThumbnail' | 'rowCount'>) =>
      void insertFile.run(file),
    files: (kind: StoredFile['kind']) =>
      db
        .prepare(`SELECT ${fileColumns} FROM files WHERE kind = ? ORDER BY uploaded_at DESC, name LIMIT 200`)
        .all(kind) as StoredFile[],
    file: (id: string) => db.prepare(`SELECT ${fileColumns} FROM files WHERE id = ?`).get(id) as StoredFile | undefined,
    setChecksum: (id: string, sha256: string) =>
      void db.prepare('UPDATE files SET sha256 = ? WHERE id = ?').run(sha256, id),
    setThumbnail: (id: string, width: number, height: number) =>
      void db.prepare('UPDATE files SET width = ?, height = ?, has_thumbnail = 1 WHERE id = ?').run(width, height, id),

    clearRows: (fileId: string) => void db.prepare('DELETE FROM list_rows WHERE file_id = ?').run(fileId),
    addRows: (fileId: string, firstLine: number, rows: readonly object[]) => void insertRows(fileId, firstLine, rows),
    rows: (fileId: string, limit: number) =>
      db
        .prepare('SELECT line, data FROM list_rows WHERE file_id = ? ORDER BY line LIMIT ?')
        .all(fileId, limit) as ListRow[],

    addOrder: (order: Omit<Order, 'id' | 'mailedAt' | 'deliveredAt'>) => Number(insertOrder.run(order).lastInsertRowid),
    order: (id: number) => db.prepare(`SELECT ${orderColumns} FROM orders WHERE id = ?`).get(id) as Order | undefined,
    orders: () => db.prepare(`SELECT ${orderColumns} FROM orders ORDER BY id DESC LIMIT 100`).all() as Order[],
    setMailed: (id: number, at: number) => void db.prepare('UPDATE orders SET mailed_at = ? WHERE id = ?').run(at, id),
    setDelivered: (id: number, at: number) =>
      void db.prepare('UPDATE orders SET delivered_at = ? WHERE id = ?').run(at, id),

    addMail: (mail: Omit<Mail, 'id'>) => void insertMail.run(mail),
    mails: () =>
      db
        .prepare(
          'SELECT id, received_at AS receivedAt, sender, recipient, subject, text FROM mails ORDER BY id DESC LIMIT 100',
        )
        .all() as Mail[],

    addBeat: (at: number, freeBytes: number, usedBytes: number) => {
      db.prepare('INSERT OR REPLACE INTO beats VALUES (?, ?, ?)').run(at, freeBytes, usedBytes)
      db.prepare('DELETE FROM beats WHERE at < ?').run(at - 7 * 86_400_000)
    },
    figures: () =>
      db
        .prepare(
          `SELECT (SELECT count(*) FROM orders) AS orders, (SELECT coalesce(sum(quantity), 0) FROM orders) AS pieces,
            (SELECT count(*) FROM orders WHERE delivered_at IS NULL) AS undelivered,
            (SELECT count(*) FROM files WHERE kind = 'image') AS images, (SELECT count(*) FROM list_rows) AS rows,
            (SELECT count(*) FROM mails) AS mails, (SELECT count(*) FROM beats) AS beats`,
        )
        .get() as Record<'orders' | 'pieces' | 'undelivered' | 'images' | 'rows' | 'mails' | 'beats', number>,
    close: () => void db.close(),
  }
}
