"use strict";
(() => {
  const journal = document.getElementById("journal");
  const live = document.getElementById("live");
  if (!journal || !live || !window.EventSource) return;
  const most = 500;
  const cell = (row, text, name) => {
    const td = row.insertCell();
    td.textContent = text;
    if (name) td.className = name;
    return td;
  };
  const refresh = async () => {
    const reply = await fetch("/");
    if (!reply.ok) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").getElementById("state");
    const state = document.getElementById("state");
    if (!fresh || !state) return;
    const open = new Map([...state.querySelectorAll("details")].map((d) => [d.id, d.open]));
    for (const d of fresh.querySelectorAll("details")) if (open.has(d.id)) d.open = open.get(d.id);
    state.replaceWith(document.importNode(fresh, true));
  };
  const source = new EventSource("/live?since=" + encodeURIComponent(journal.dataset.next) +
    "&state=" + encodeURIComponent(document.getElementById("state").dataset.state));
  source.onopen = () => { live.textContent = "Live: what happens shows at once."; };
  source.onerror = () => { live.textContent = "The mock does not answer; this is what was seen last."; };
  source.addEventListener("state", () => { refresh().catch(() => {}); });
  source.addEventListener("entry", (message) => {
    const e = JSON.parse(message.data);
    const row = journal.insertRow(0);
    row.className = e.kind;
    cell(row, String(e.number));
    cell(row, e.time);
    cell(row, e.kind);
    const what = cell(row, "", "data");
    if (e.tenant) {
      const tenant = document.createElement("span");
      tenant.className = "soft";
      tenant.textContent = e.tenant;
      what.append(tenant, " ");
    }
    what.append(e.summary);
    while (journal.rows.length > most) journal.deleteRow(-1);
  });
})();
