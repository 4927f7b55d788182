// The table beside the map: one tab a kind of row; sorting, filtering, and both ways to the map.

const GP_PAGE = 200; // rows that are drawn at once; more come on scrolling

function gpTable(view) {
  const { data, words, state } = view;
  const number = (text) => (text === "" || text == null ? null : Number(text));
  const tabs = {
    units: {
      title: words.units,
      rows: () => {
        const measure = view.measure();
        if (!measure) return [];
        return (data.shapes[measure.layer] || []).filter((shape) => measure.classes[shape.id] !== undefined).map((shape) => {
          const [jiedao, people] = (data.units[measure.layer] || {})[shape.id] || ["", null];
          const entry = measure.legend[measure.classes[shape.id]];
          return { key: `${measure.layer}/${shape.id}`, id: shape.id, name: shape.name || shape.id, jiedao, people, kind: entry.label, color: entry.color, hatch: entry.hatch, value: number(measure.values[shape.id]), shown: measure.values[shape.id] || "" };
        });
      },
      columns: [["id", words.id], ["name", words.name], ["jiedao", words.jiedao], ["kind", words.class, "swatch"], ["value", words.value, "shown"], ["people", words.people, "n"]],
      pick: [["kind", words.class]],
    },
    gaps: {
      title: words.gaps,
      rows: () => data.gaps.map((gap) => ({ ...gap, jiedao: jiedaoOf(gap.key), value: gap.m2 })),
      columns: [["id", words.id], ["name", words.name], ["jiedao", words.jiedao], ["level", words.level], ["rule", words.rule], ["kind", words.kind], ["value", words.gap, "gap"], ["people", words.people, "n"], ["why", words.why]],
      pick: [["rule", words.rule], ["kind", words.kind]],
    },
    facilities: {
      title: words.facilities,
      rows: () => data.facilities.map((row) => ({ ...row, key: `facilities/${row.id}`, kind: row.tip })),
      columns: [["id", words.id], ["name", words.name], ["jiedao", words.jiedao], ["kind", words.type], ["status", words.status]],
      pick: [["kind", words.type], ["status", words.status]],
    },
    projects: {
      title: words.projects,
      rows: () => data.project_rows.map((row) => ({ ...row, key: `projects/${row.id}`, kind: row.word })),
      columns: [["id", words.id], ["name", words.name], ["jiedao", words.jiedao], ["kind", words.verdict, "verdict"], ["syncs", words.syncs, "syncs"], ["since", words.since], ["short", words.short]],
      pick: [["kind", words.verdict]],
    },
    programme: {
      title: words.programme,
      rows: () => data.programme.map((row) => ({ ...row, key: `programme/${row.id}`, value: number(row.cost), serves: row.serves.join(data.meta.separator) })),
      columns: [["year", words.year, "n"], ["kind", words.instrument], ["name", words.name], ["m2", "㎡", "n"], ["value", words.cost, "n"], ["serves", words.serves]],
      pick: [["kind", words.instrument]],
    },
  };

  function jiedaoOf(key) {
    const [layer, id] = key.split("/");
    if (layer === "projects") return (data.project_rows.find((row) => row.id === id) || { jiedao: "" }).jiedao;
    return ((data.units[layer] || {})[id] || [""])[0];
  }

  const box = el("section", { id: "gp-table", "aria-label": words.table });
  const head = el("div", { class: "gp-tabs", role: "tablist" });
  const filters = el("div", { class: "gp-filters" });
  const body = el("div", { class: "gp-rows", tabindex: "0" });
  box.append(head, filters, body);
  box.hidden = !state.tableOpen;
  let sort = null;
  let rows = [];
  let picked = {};

  for (const [name, tab] of Object.entries(tabs)) {
    if (name !== "units" && !tab.rows().length) continue;
    const button = el("button", { type: "button", role: "tab", "data-tab": name }, tab.title);
    button.addEventListener("click", () => go(name));
    head.append(button);
  }
  const close = el("button", { type: "button", class: "gp-close", "aria-label": words.close }, "×");
  close.addEventListener("click", () => toggle(false));
  head.append(close);

  function go(name, chosen) {
    state.tab = name;
    sort = null;
    picked = chosen || {};
    draw();
  }

  function toggle(on) {
    state.tableOpen = on;
    box.hidden = !on;
    document.body.classList.toggle("gp-with-table", on);
    view.map.invalidateSize({ animate: false });
    if (on) draw();
    else view.dim(null);
  }

  function draw() {
    const tab = tabs[state.tab] || tabs.units;
    for (const button of head.querySelectorAll("[role=tab]")) button.setAttribute("aria-selected", String(button.dataset.tab === state.tab));
    rows = tab.rows();
    drawFilters(tab);
    list(tab);
  }

  function drawFilters(tab) {
    const text = el("input", { type: "search", placeholder: words.filter, "aria-label": words.filter });
    text.value = picked.text || "";
    text.addEventListener("input", () => { picked.text = text.value; list(tab); });
    const selects = [["jiedao", words.any_jiedao], ...tab.pick.map(([field, title]) => [field, `${title}: ${words.all}`])].map(([field, title]) => {
      const select = el("select", { "aria-label": title, "data-field": field }, el("option", { value: "" }, title));
      for (const value of [...new Set(rows.map((row) => row[field]).filter(Boolean))].sort()) select.append(el("option", { value }, value));
      select.value = picked[field] || "";
      select.addEventListener("change", () => { picked[field] = select.value; list(tab); });
      return select;
    });
    const clear = el("button", { type: "button", class: "gp-link" }, words.clear);
    clear.addEventListener("click", () => { picked = {}; drawFilters(tab); list(tab); });
    filters.replaceChildren(text, ...selects, clear, el("span", { class: "gp-count", "aria-live": "polite" }));
  }

  function wanted(row, tab) {
    const text = (picked.text || "").trim().toLowerCase();
    if (picked.keys && !picked.keys.includes(row.key)) return false;
    if (text && !tab.columns.some(([field]) => String(row[field] ?? "").toLowerCase().includes(text))) return false;
    return ["jiedao", ...tab.pick.map(([field]) => field)].every((field) => !picked[field] || row[field] === picked[field]);
  }

  function list(tab) {
    const found = rows.filter((row) => wanted(row, tab));
    if (sort) {
      const [field, up] = sort;
      const order = (a, b) => (typeof a === "number" || typeof b === "number" ? (a ?? -Infinity) - (b ?? -Infinity) : String(a ?? "").localeCompare(String(b ?? ""), data.meta.language));
      found.sort((a, b) => (up ? 1 : -1) * order(a[field], b[field]));
    }
    filters.querySelector(".gp-count").textContent = `${found.length} ${words.of} ${rows.length} ${words.rows}`;
    view.dim(found.length === rows.length ? null : new Set(found.map((row) => row.key)));
    const heads = el("tr", {}, ...tab.columns.map(([field, title]) => {
      const button = el("button", { type: "button" }, title, sort && sort[0] === field ? (sort[1] ? " ▲" : " ▼") : "");
      button.addEventListener("click", () => {
        const up = sort && sort[0] === field ? !sort[1] : true;
        sort = [field, up];
        list(tab);
        body.querySelectorAll("thead button")[tab.columns.findIndex(([each]) => each === field)].focus();
      });
      const direction = sort && sort[0] === field ? (sort[1] ? "ascending" : "descending") : "none";
      return el("th", { scope: "col", "aria-sort": direction }, button);
    }));
    const lines = el("tbody", {});
    let drawn = 0;
    const more = () => {
      for (const row of found.slice(drawn, drawn + GP_PAGE)) lines.append(line(row, tab));
      drawn = Math.min(found.length, drawn + GP_PAGE);
    };
    more();
    body.onscroll = () => { if (drawn < found.length && body.scrollTop + body.clientHeight > body.scrollHeight - 400) more(); };
    body.replaceChildren(el("table", {}, el("thead", {}, heads), lines));
    body.scrollTop = 0;
    box.showRow = (key) => {
      const at = found.findIndex((row) => row.key === key);
      while (at >= drawn) more();
      mark(key);
    };
  }

  function line(row, tab) {
    const node = el("tr", { tabindex: "0", "data-key": row.key }, ...tab.columns.map(([field, , how]) => cell(row, field, how)));
    const visit = () => { view.fly(row.key); mark(row.key); };
    node.addEventListener("click", visit);
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); visit(); }
      if (event.key === "ArrowDown" && node.nextSibling) { event.preventDefault(); node.nextSibling.focus(); }
      if (event.key === "ArrowUp" && node.previousSibling) { event.preventDefault(); node.previousSibling.focus(); }
    });
    return node;
  }

  function cell(row, field, how) {
    const value = row[field];
    if (how === "swatch") return el("td", {}, view.swatch(row), " ", value);
    if (how === "verdict") return el("td", {}, badgeOf(data, row.verdict, value));
    if (how === "syncs") return el("td", {}, syncBadge(data, value));
    if (how === "shown" || how === "gap") return el("td", { class: "n" }, row[how]);
    if (how === "n") return el("td", { class: "n" }, value == null ? "" : typeof value === "number" && field !== "year" ? value.toLocaleString("en-US") : String(value));
    return el("td", {}, value == null ? "" : String(value));
  }

  function mark(key) {
    for (const node of body.querySelectorAll("tr.here")) node.classList.remove("here");
    const node = [...body.querySelectorAll("tbody tr")].find((each) => each.dataset.key === key);
    if (node) { node.classList.add("here"); node.scrollIntoView({ block: "nearest" }); }
  }

  if (state.tableOpen) draw();
  return { box, go, toggle, draw, show: (key) => { if (state.tableOpen && box.showRow) box.showRow(key); } };
}
