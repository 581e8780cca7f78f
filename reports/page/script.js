"use strict";
// Search and filter. Everything that is shown stands in the page already,
// except what a passed case says at length: that is in the data below and is
// written out when its template is opened.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const form = document.getElementById("filter");
  const at = (id) => document.getElementById(id);
  const many = at("templates").dataset.many;
  const fields = { text: at("f-text"), outcome: at("f-outcome"), template: at("f-template"), requirement: at("f-requirement") };
  const sections = [...document.querySelectorAll(".t")];
  const parts = [...document.querySelectorAll(".part")];
  const number = new Intl.NumberFormat("en");
  const total = data.total;

  const option = (select, value, label) => {
    const o = document.createElement("option");
    o.value = value;
    o.textContent = label;
    select.append(o);
  };
  data.requirements.forEach((id, i) => option(fields.requirement, String(i), id));
  const named = sections.map((s, i) => ({ i, name: s.querySelector("summary h4").textContent }));
  named.sort((a, b) => (a.name < b.name ? -1 : 1)).forEach((t) => option(fields.template, String(t.i), t.name));

  // What people search of a check.
  const said = data.checks.map((c) => [c.name, c.title, ...c.requirements.map((r) => data.requirements[r])].join(" ").toLowerCase());
  const judges = data.checks.map((c) => new Set(c.requirements));

  // Each template's cases: those that are told at length with their element,
  // the others from the data. Gathered when somebody searches.
  const gathered = new Array(sections.length);
  const gather = (i) => {
    if (gathered[i]) return gathered[i];
    const section = sections[i];
    const cases = [];
    for (const el of section.querySelectorAll(".r")) {
      let text = "";
      for (const part of el.matches("article") ? el.querySelectorAll("h5, .lead, dl") : [el]) text += " " + part.textContent;
      const check = Number(el.dataset.c);
      const missed = el.dataset.m === undefined ? null : Number(el.dataset.m);
      const example = el.dataset.o === "pass";
      cases.push({ el, check, missed, outcome: el.dataset.o, example, text: text.toLowerCase() + " " + said[check] });
    }
    for (const [scenario, pass, none] of data.good[section.dataset.t] ?? []) {
      const where = data.scenarios[scenario].toLowerCase() + " ";
      for (const check of pass) cases.push({ check, scenario, outcome: "pass", text: where + said[check] });
      for (const [check, reason] of none) cases.push({ check, scenario, reason, outcome: "not-applicable", text: where + said[check] + " " + data.reasons[reason].toLowerCase() });
    }
    const own = [section.querySelector("summary h4").textContent, ...[...section.querySelectorAll(".body > .about, .body > pre, .body > ul:not(.short)")].map((e) => e.textContent)];
    return (gathered[i] = { cases, own: own.join(" ").toLowerCase() });
  };

  const asked = () => {
    const words = fields.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const requirement = fields.requirement.value === "" ? -1 : Number(fields.requirement.value);
    return { words, requirement, outcome: fields.outcome.value, template: fields.template.value,
      any: words.length > 0 || requirement >= 0 || fields.outcome.value !== "" || fields.template.value !== "" };
  };
  const fits = (c, q, own) => {
    if (q.outcome === "open" ? c.outcome === "pass" || c.outcome === "not-applicable" : q.outcome !== "" && c.outcome !== q.outcome) return false;
    if (q.requirement >= 0 && !(c.missed === undefined || c.missed === null ? judges[c.check].has(q.requirement) : c.missed === q.requirement)) return false;
    return q.words.every((w) => c.text.includes(w) || own.includes(w));
  };

  // write puts the passed cases of a template into a table, at length.
  const element = (name, text, className) => {
    const e = document.createElement(name);
    e.textContent = text;
    if (className) e.className = className;
    return e;
  };
  const row = (c) => {
    const check = data.checks[c.check];
    const tr = document.createElement("tr");
    const head = element("th", data.scenarios[c.scenario]);
    head.scope = "row";
    const cell = element("td", "");
    cell.append(element("span", c.outcome === "pass" ? "✓ pass" : "– not-applicable", "o " + c.outcome), " ", element("code", check.name),
      " " + check.title + (c.reason === undefined ? " " : " (" + data.reasons[c.reason] + ") "),
      element("span", check.requirements.map((r) => data.requirements[r]).join(", "), "n"));
    tr.append(head, cell);
    return tr;
  };
  const write = (i, q) => {
    const old = sections[i].querySelector(".body > .good");
    if (!old) return;
    const { cases, own } = gather(i);
    const table = element("table", "", "good");
    table.setAttribute("aria-labelledby", old.previousElementSibling.id);
    const body = table.createTBody();
    for (const c of cases) if (!c.el && (!q.any || fits(c, q, own))) body.append(row(c));
    old.previousElementSibling.hidden = body.rows.length === 0;
    old.replaceWith(table);
  };

  let query = asked();
  const refresh = () => {
    query = asked();
    let templates = 0;
    let cases = 0;
    sections.forEach((section, i) => {
      const t = query.any ? gather(i) : gathered[i];
      let n = 0;
      const here = query.template === "" || query.template === String(i);
      for (const c of t ? t.cases : []) {
        const shown = !query.any || (here && fits(c, query, t.own));
        if (shown && !c.example) n++;
        // What stands inside another finding needs that one, too.
        const visible = shown || (c.el?.querySelector(".r") && t.cases.some((d) => c.el.contains(d.el) && d.el !== c.el && here && fits(d, query, t.own)));
        if (c.el && c.el.hidden === !!visible) c.el.hidden = !visible;
      }
      const shown = !query.any || n > 0;
      if (section.hidden === shown) section.hidden = !shown;
      if (shown) templates++;
      if (section.open && shown) write(i, query);
      cases += n;
    });
    for (const part of parts) {
      const shown = part.querySelectorAll(".t:not([hidden])").length;
      part.hidden = shown === 0;
      part.querySelector("h3 .n").textContent = `(${number.format(shown)})`;
    }
    at("f-count").textContent = query.any
      ? `${number.format(templates)} of ${number.format(sections.length)} ${many}, ${number.format(cases)} of ${number.format(total)} cases`
      : `All ${number.format(sections.length)} ${many}, ${number.format(total)} cases`;
  };

  let due = 0;
  const soon = () => { clearTimeout(due); due = setTimeout(refresh, 120); };
  form.addEventListener("input", soon);
  form.addEventListener("submit", (e) => { e.preventDefault(); clearTimeout(due); refresh(); });
  form.addEventListener("reset", () => setTimeout(refresh, 0));
  // "toggle" does not bubble; it is caught on its way down.
  document.addEventListener("toggle", (e) => {
    const i = sections.indexOf(e.target);
    if (i >= 0 && e.target.open) write(i, query);
  }, true);

  // "Show all of them" of a finding sets the filter.
  for (const button of document.querySelectorAll("button[data-id]")) {
    button.parentElement.hidden = false;
    button.addEventListener("click", () => {
      form.reset();
      fields.outcome.value = button.dataset.outcome;
      const known = data.requirements.indexOf(button.dataset.id);
      if (known >= 0) fields.requirement.value = String(known);
      else fields.text.value = button.dataset.id;
      setTimeout(() => { refresh(); at("templates").scrollIntoView(); fields.text.focus({ preventScroll: true }); }, 0);
    });
  }

  // A link into the page shows its target whatever is filtered.
  const reveal = () => {
    let target = null;
    try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { return; }
    if (!target || !target.closest(".t")) return;
    if (target.closest("[hidden]")) { form.reset(); refresh(); }
    for (let d = target.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);

  // On paper everything that needs attention is open.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = sections.filter((s) => !s.open && !s.hidden && !s.matches(".good"));
    for (const s of opened) s.open = true;
  });
  addEventListener("afterprint", () => { for (const s of opened) s.open = false; });

  form.hidden = false;
  refresh();
  reveal();
})();
