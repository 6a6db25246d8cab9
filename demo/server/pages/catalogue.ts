import type { ListRow, StoredFile } from '../shop-db.ts'
import { html } from './html.ts'
import { bytes, layout } from './layout.ts'

export function cataloguePage(
  images: readonly StoredFile[],
  lists: readonly StoredFile[],
  reports: readonly string[],
): string {
  return layout({
    title: 'Catalogue',
    section: '/admin/catalogue',
    body: html`<h1>Catalogue</h1>
      <div class="columns">
        <section class="card">
          <h2>Upload</h2>
          <form method="post" action="/admin/uploads" enctype="multipart/form-data" class="fields stack">
            <label
              >Pictures (JPEG, PNG) and address lists (CSV), up to 10 MB each
              <input type="file" name="files" multiple required accept=".jpg,.jpeg,.png,.csv"
            /></label>
            <button class="button ink">Upload</button>
          </form>
        </section>
        <section class="card">
          <h2>Or try it with ours</h2>
          <p class="quiet">
            Nine pictures, one of them damaged, and three lists of open data with some thousand rows each.
          </p>
          <form method="post" action="/admin/samples">
            <button class="button ink">Upload the sample folder</button>
          </form>
          ${reports.length > 0 && html`<p class="quiet">Nightly reports: ${reports.map((name) => html`<a href="/reports/${name}">${name}</a> `)}</p>`}
        </section>
      </div>
      <h2>Pictures</h2>
      ${
        images.length === 0
          ? html`<p class="empty">No pictures yet.</p>`
          : html`<ul class="pictures">
              ${images.map(picture)}
            </ul>`
      }
      <h2>Lists</h2>
      ${lists.length === 0 ? html`<p class="empty">No lists yet.</p>` : listTable(lists)}`,
  })
}

export function listPage(file: StoredFile, rows: readonly ListRow[]): string {
  const records = rows.map(({ data }) => JSON.parse(data) as Record<string, string>)
  const columns = Object.keys(records[0] ?? {})
  return layout({
    title: file.name,
    section: '/admin/catalogue',
    body: html`<h1>${file.name}</h1>
      <p class="quiet">${file.rowCount.toLocaleString('en')} rows imported; the first ${rows.length} are shown.</p>
      <div class="card table">
        <table>
          <thead>
            <tr>
              ${columns.map((column) => html`<th>${column}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${records.map(
              (record) =>
                html`<tr>
                  ${columns.map((column) => html`<td>${record[column] ?? ''}</td>`)}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`,
  })
}

function picture(file: StoredFile) {
  return html`<li class="card">
    ${
      file.hasThumbnail
        ? html`<img src="/thumbnails/${file.id}.jpg" alt="" loading="lazy" />`
        : html`<span class="no-picture">no thumbnail yet</span>`
    }
    <strong>${file.name}</strong>
    <span class="quiet">${file.width === null ? '' : `${file.width} × ${file.height} · `}${bytes(file.bytes)}</span>
    <code>${file.sha256 === null ? '…' : file.sha256.slice(0, 16)}</code>
  </li>`
}

function listTable(lists: readonly StoredFile[]) {
  return html`<div class="card table">
    <table>
      <thead>
        <tr>
          <th>List</th>
          <th class="number">Rows</th>
          <th class="number">Size</th>
          <th>SHA-256</th>
        </tr>
      </thead>
      <tbody>
        ${lists.map(
          (file) =>
            html`<tr>
              <td><a href="/admin/catalogue/${file.id}">${file.name}</a></td>
              <td class="number">${file.rowCount.toLocaleString('en')}</td>
              <td class="number">${bytes(file.bytes)}</td>
              <td><code>${file.sha256?.slice(0, 16) ?? '…'}</code></td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
