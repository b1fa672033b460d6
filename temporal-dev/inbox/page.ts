/** The inbox's only page: a list, a mail, a search box. All text enters through `textContent`. */
export const INBOX_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inbox</title>
<style>
  :root { color-scheme: light dark; --line: light-dark(#ddd, #3a3a3a); --soft: light-dark(#666, #aaa); --pick: light-dark(#eef4ff, #1d2b45); }
  * { box-sizing: border-box; }
  body { margin: 0; font: 15px/1.5 system-ui, sans-serif; height: 100vh; display: grid; grid-template-rows: auto 1fr; }
  header { display: flex; gap: 1rem; align-items: center; padding: .6rem 1rem; border-bottom: 1px solid var(--line); }
  h1 { font-size: 1rem; margin: 0; }
  input { flex: 1; max-width: 28rem; padding: .35rem .6rem; font: inherit; }
  button { font: inherit; padding: .25rem .7rem; cursor: pointer; }
  main { display: grid; grid-template-columns: minmax(16rem, 26rem) 1fr; min-height: 0; }
  nav { overflow: auto; border-right: 1px solid var(--line); }
  nav button.mail { display: block; width: 100%; text-align: left; background: none; border: 0; border-bottom: 1px solid var(--line); padding: .6rem 1rem; color: inherit; }
  nav button.mail[aria-current=true] { background: var(--pick); }
  .mail b, .mail span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .soft { color: var(--soft); font-size: .85rem; }
  article { overflow: auto; padding: 1rem; display: flex; flex-direction: column; gap: .8rem; }
  article h2 { margin: 0; font-size: 1.2rem; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 .8rem; margin: 0; }
  dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; font-size: .85rem; }
  iframe { flex: 1; min-height: 22rem; border: 1px solid var(--line); background: #fff; }
  .empty { padding: 2rem 1rem; color: var(--soft); text-align: center; }
</style>
</head>
<body>
<header>
  <h1>Inbox</h1><span id="count" class="soft" role="status"></span>
  <input id="search" type="search" aria-label="Search" placeholder="Search subject, sender, recipient">
  <button id="empty" type="button">Empty</button>
</header>
<main>
  <nav id="list" aria-label="Mails"></nav>
  <article id="mail" aria-live="polite"><p class="empty">Pick a mail to read it.</p></article>
</main>
<script>
const el = (tag, props = {}, ...children) => { const node = Object.assign(document.createElement(tag), props); node.append(...children); return node; };
const byId = (id) => document.getElementById(id);
let picked = null, shown = '', nextCursor = null, older = [];

async function page(cursor) {
  const query = new URLSearchParams({ limit: '100', q: byId('search').value.trim() });
  if (cursor) query.set('cursor', cursor);
  return (await fetch('/api/messages?' + query)).json();
}

async function refresh() {
  try {
    const { items, total, nextCursor: next } = await page();
    byId('count').textContent = total === 1 ? '1 mail' : total + ' mails';
    if (older.length === 0) nextCursor = next;
    const first = items.length ? Number(items.at(-1).id) : 0;
    draw([...items, ...older.filter((mail) => Number(mail.id) < first)]);
  } catch { byId('count').textContent = 'The inbox does not answer; trying again.'; }
}

function draw(mails) {
  const key = JSON.stringify([picked, nextCursor, mails.map((mail) => mail.id)]);
  if (key === shown) return;
  shown = key;
  const rows = mails.map((mail) => {
    const row = el('button', { className: 'mail', type: 'button', onclick: () => show(mail.id) },
      el('b', { textContent: mail.subject || '(no subject)' }),
      el('span', { textContent: mail.to.join(', ') }),
      el('span', { className: 'soft', textContent: new Date(mail.receivedAt).toLocaleString() + ' from ' + mail.from }));
    row.setAttribute('aria-current', String(mail.id === picked));
    return row;
  });
  if (rows.length === 0) rows.push(el('p', { className: 'empty', textContent: byId('search').value ? 'No mail matches.' : 'No mail yet. What Sundial sends appears here.' }));
  if (nextCursor) rows.push(el('button', { type: 'button', textContent: 'Older mails', onclick: more }));
  byId('list').replaceChildren(...rows);
}

async function more() {
  const { items, nextCursor: next } = await page(nextCursor);
  older = [...older, ...items]; nextCursor = next;
  await refresh();
}

async function show(id) {
  picked = id;
  const response = await fetch('/api/messages/' + id);
  if (!response.ok) return;
  const mail = await response.json();
  const list = el('dl');
  for (const [name, value] of [['From', mail.from], ['To', mail.to.join(', ')], ['Received', new Date(mail.receivedAt).toLocaleString()], ['Message-ID', mail.messageId ?? 'none']]) {
    list.append(el('dt', { textContent: name }), el('dd', { textContent: value }));
  }
  const parts = [el('h2', { textContent: mail.subject || '(no subject)' }), list];
  if (mail.html !== null) {
    const frame = el('iframe', { title: 'The HTML part' });
    frame.setAttribute('sandbox', '');
    frame.srcdoc = mail.html;
    parts.push(frame);
  }
  if (mail.text !== null) parts.push(el('section', {}, el('h3', { textContent: 'Text' }), el('pre', { textContent: mail.text })));
  for (const file of mail.attachments) parts.push(el('p', { className: 'soft', textContent: 'Attachment: ' + (file.filename ?? 'unnamed') + ' (' + file.mimeType + ')' }));
  parts.push(el('details', {}, el('summary', { textContent: 'Source' }), el('pre', { textContent: mail.raw })));
  byId('mail').replaceChildren(...parts);
  await refresh();
}

byId('search').oninput = () => { older = []; void refresh(); };
byId('empty').onclick = async () => {
  if (!confirm('Delete every mail in this inbox?')) return;
  await fetch('/api/messages', { method: 'DELETE' });
  older = []; picked = null;
  byId('mail').replaceChildren(el('p', { className: 'empty', textContent: 'Pick a mail to read it.' }));
  await refresh();
};
setInterval(refresh, 2000);
void refresh();
</script>
</body>
</html>
`;
