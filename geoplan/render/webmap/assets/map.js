// The page's own script: it shows what stands in #geoplan-data and computes no figure.

function geoplanStart(map, options) {
  const node = document.getElementById("geoplan-data");
  if (node.type === "application/json") geoplanShow(map, options, JSON.parse(node.textContent));
  else gpUnpack(node.textContent).then((held) => geoplanShow(map, options, held));
}

// Large data is deflated; shapes come as whole steps from corner to corner.
async function gpUnpack(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

function gpRings(shape) {
  if (shape.rings) return shape.rings;
  return shape.steps.map((steps) => {
    const ring = [];
    let [lat, lng] = [0, 0];
    for (let at = 0; at < steps.length; at += 2) ring.push([(lat += steps[at]) / 1e5, (lng += steps[at + 1]) / 1e5]);
    return ring;
  });
}

function geoplanShow(map, options, held) {
  const state = { at: 0, language: 0, theme: null, overlays: {}, tab: "units", tableOpen: false, panel: 0 };
  const ground = gpGround(map, options);
  for (const [name, level] of [["fill", 400], ["roads", 410], ["outlines", 420], ["marks", 450]]) map.createPane(name).style.zIndex = level;
  map.getPane("roads").style.pointerEvents = map.getPane("outlines").style.pointerEvents = "none";
  L.control.zoom({ position: "bottomright" }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 160, position: "bottomleft" }).addTo(map);
  map.attributionControl.setPrefix(false);
  const draw = () => {
    for (const id of ["gp-panel", "gp-north", "gp-legend", "gp-table", "gp-tools", "gp-time"]) { const node = document.getElementById(id); if (node) node.remove(); }
    map.closePopup();
    map.eachLayer((layer) => { if (!ground.includes(layer)) layer.remove(); });
    geoplanDraw(map, held, state, draw);
    gpGroundNotes(map, options, ground);
  };
  draw();
}

// One view of the page: a language and a moment. Whatever the reader chose stays in `state`.
function geoplanDraw(map, held, state, redraw) {
  const data = { shapes: held.shapes, roads: held.roads, focus: held.focus, ...held.views[state.at * held.languages.length + state.language] };
  const words = data.words;
  const view = { data, words, state, map };
  document.documentElement.lang = data.meta.language === "zh" ? "zh-CN" : "en";
  const badge = (verdict, text) => badgeOf(data, verdict, text);
  // Marks of the size that leaves ground between them: dots while hundreds share the screen.
  view.radius = 8;
  function sizeMarks() {
    const many = data.facilities.length + data.projects.length;
    if (many < 400 || !focus) return;
    const [a, b] = [map.latLngToContainerPoint(focus.getNorthWest()), map.latLngToContainerPoint(focus.getSouthEast())];
    view.radius = Math.max(1.6, Math.min(8, Math.sqrt(Math.abs((b.x - a.x) * (b.y - a.y)) / many) / 3));
    for (const layer of Object.values(byKey)) if (layer.setRadius) layer.setRadius(view.radius);
  }
  const halves = [data.meta.marks.elder[0], data.meta.marks.childcare[0]];

  // ---------------------------------------------------------------------- the ground
  const canvas = { padding: 0.4 };
  const renderers = Object.fromEntries(["fill", "roads", "outlines", "marks"].map((pane) => [pane, new GpCanvas({ ...canvas, pane })]));
  renderers.marks.options.below = renderers.fill;
  view.renderers = renderers;

  const places = []; // everything that can be found by name: {key, name, kind, bounds or at, measure}
  const polygons = {};
  const byKey = {};
  const kinds = { divisions: 0, communities: 1, residential_communities: 2, compounds: 3 };
  for (const [layer, shapes] of Object.entries(data.shapes)) {
    polygons[layer] = shapes.filter((shape) => data.popups[`${layer}/${shape.id}`]).map((shape) => {
      const polygon = L.polygon(gpRings(shape), { pane: "fill", renderer: renderers.fill, weight: 1, color: "#4a5560", fillOpacity: 0.72, fillRule: "evenodd" });
      const key = `${layer}/${shape.id}`;
      polygon.unit = shape.id;
      polygon.key = key;
      byKey[key] = polygon;
      polygon.on("click", (event) => { if (map.gpMeasuring) return; L.DomEvent.stopPropagation(event); open(key, event.latlng); });
      polygon.bindTooltip(() => textNode(shape.name || shape.id), { sticky: true });
      places.push({ key, id: shape.id, name: shape.name || shape.id, kind: data.popups[key].subtitle, bounds: polygon.getBounds(), at: inside(polygon), rank: kinds[layer] });
      return polygon;
    });
  }

  function inside(polygon) { return polygon.getBounds().getCenter(); }

  const roads = L.layerGroup(data.roads.length ? [L.polyline(data.roads, { pane: "roads", renderer: renderers.roads, color: "#8b959e", weight: 0.8, opacity: 0.75, interactive: false })] : []);

  function walkLayer(walk) {
    return L.layerGroup([L.polygon(walk.rings, { pane: "outlines", renderer: renderers.outlines, color: walk.color, weight: 2, dashArray: "5 3", fillColor: walk.color, fillOpacity: 0.18, fillRule: "evenodd", interactive: false })]);
  }

  const outlines = L.layerGroup();
  const minors = L.layerGroup();
  const names = L.layerGroup();
  const labels = [];
  // Of many names those are shown that fit into their unit on the screen.
  function placeNames() {
    const seen = map.getBounds();
    for (const [text, bounds, tooltip] of labels) {
      const [a, b] = [map.latLngToContainerPoint(bounds.getNorthWest()), map.latLngToContainerPoint(bounds.getSouthEast())];
      const fits = labels.length <= 40 || (seen.intersects(bounds) && b.x - a.x > 15 * text.length && b.y - a.y > 20);
      if (fits) names.addLayer(tooltip); else names.removeLayer(tooltip);
    }
  }
  for (const [layer, weight, minor] of [["communities", 1.2, true], ["divisions", 2.6, false]]) {
    for (const shape of data.shapes[layer] || []) {
      const outline = L.polygon(gpRings(shape), { pane: "outlines", renderer: renderers.outlines, fill: false, color: "#1f2933", weight, opacity: minor ? 0.45 : 0.9, dashArray: minor ? "4 3" : null, interactive: false });
      if ((data.shapes[layer] || []).length > 40) outline.setStyle({ weight: minor ? 0.6 : 1.2 });
      (minor ? minors : outlines).addLayer(outline);
      if (!minor) labels.push([shape.name || shape.id, outline.getBounds(), L.tooltip({ permanent: true, direction: "center", className: "gp-name", interactive: false }).setLatLng(outline.getBounds().getCenter()).setContent(textNode(shape.name || shape.id))]);
    }
  }

  const facilities = L.layerGroup(data.facilities.map((row) => mark(row, `facilities/${row.id}`, data.meta.marks[row.mark], { look: row.look, halves: row.mark === "combined" ? halves : [] }, `${row.name} · ${row.tip}`, row.tip)));
  const projects = L.layerGroup(data.projects.map((row) => mark(row, `projects/${row.id}`, [data.meta.colors[row.verdict], "circle", gpSigns[row.verdict]], { look: "solid", quarters: row.syncs.map((verdict) => data.meta.colors[verdict]) }, row.name, words.projects)));

  // Popups of what the judgement does not know: premises and steps of a programme.
  const extra = {};
  const plain = (title, subtitle, lines) => ({ title, subtitle, badges: [], lines, facilities: [], quotes: [] });
  const premises = L.layerGroup(data.premises.map((row) => {
    const key = `premises/${row.id}`;
    extra[key] = plain(row.name, row.id, row.lines);
    return mark(row, key, ["#00798c", "square", data.meta.language === "zh" ? "房" : "V"], { look: "hollow" }, `${row.name} · ${words.premises}`, words.premises);
  }));
  const programme = L.layerGroup(data.programme.map((row) => {
    const key = `programme/${row.id}`;
    extra[key] = plain(row.name, `${row.year} ${row.kind}`, [[words.year, String(row.year)], [words.instrument, row.kind], ["㎡", row.m2], [words.cost, row.cost], ...row.serves.map((line) => [words.serves, line])]);
    return mark({ ...row, at: row.point }, key, ["#b5179e", "circle", String(row.year).slice(-2)], { look: "solid" }, `${row.year} ${row.kind} ${row.name}`, words.programme);
  }));

  // Gaps as circles: 100, 300 and 600 m² are the breaks.
  const sizes = [[100, 7], [300, 11], [600, 16], [Infinity, 22]];
  function gapLayer(care) {
    const color = data.meta.marks[care][0];
    return L.layerGroup(data.gaps.filter((gap) => gap.care === care && gap.m2 && byKey[gap.key] && byKey[gap.key].getBounds).map((gap) => {
      const radius = sizes.find(([most]) => gap.m2 <= most)[1];
      const circle = L.circleMarker(byKey[gap.key].getBounds().getCenter(), { pane: "marks", renderer: renderers.marks, radius, color: "#c3271b", weight: 2, fillColor: color, fillOpacity: 0.45 });
      circle.bindTooltip(() => textNode(`${gap.name} ${gap.kind} ${words.gap} ${gap.gap}`));
      circle.on("click", (event) => { if (map.gpMeasuring) return; L.DomEvent.stopPropagation(event); open(gap.key, event.latlng); });
      return circle;
    }));
  }

  function mark(row, key, look, how, tip, kind) {
    const layer = new GpMark(row.at, { pane: "marks", renderer: renderers.marks, radius: 8, mark: look, ...how });
    layer.key = key;
    byKey[key] = layer;
    layer.bindTooltip(() => textNode(tip), { direction: "top", offset: [0, -8] });
    layer.on("click", (event) => { if (map.gpMeasuring) return; L.DomEvent.stopPropagation(event); open(key, row.at); });
    places.push({ key, id: row.id, name: row.name, kind, at: row.at, rank: 4 });
    return layer;
  }

  // ---------------------------------------------------------------------- popups
  function open(key, at) {
    const content = popup(data.popups[key] || extra[key]);
    table.show(key);
    L.popup({ maxWidth: 420, minWidth: 280, autoPanPadding: [24, 24] }).setLatLng(at).setContent(content).openOn(map);
  }

  function popup(text) {
    const root = el("div", { class: "gp-popup" }, el("h3", {}, text.title), el("p", { class: "sub" }, text.subtitle));
    if (text.syncs) root.append(syncBadge(data, text.syncs));
    if (text.badges.length) root.append(el("div", { class: "badges" }, ...text.badges.map(([verdict, word]) => badge(verdict, word))));
    root.append(el("table", {}, ...text.lines.map(([label, value]) => el("tr", {}, el("th", {}, label), el("td", {}, value)))));
    if (text.facilities.length) root.append(el("h4", {}, words.credited), el("ul", {}, ...text.facilities.map((line) => el("li", {}, line))));
    if (text.quotes.length) {
      root.append(el("h4", {}, words.quotes));
      for (const [where, sentence] of text.quotes.map((at) => data.quotes[at])) root.append(el("blockquote", {}, el("cite", {}, where), sentence));
    }
    return root;
  }

  // ---------------------------------------------------------------------- the panel
  const panel = el("aside", { id: "gp-panel" });
  document.body.append(panel, el("div", { id: "gp-north" }, words.north));
  panel.append(
    el("h1", {}, data.meta.study),
    metaLine(words.policy, data.meta.policy),
    metaLine(words.as_of, data.meta.as_of),
    metaLine(words.crs, data.meta.crs),
    el("p", { class: "gp-note" }, data.meta.note),
    ...(data.meta.left_off ? [el("p", { class: "gp-note", id: "gp-left-off" }, data.meta.left_off)] : []),
    searchBox(), headline(), scorecard(), themeSwitch(), overlaySwitch(),
  );
  document.body.append(legendBox(), toolBar());
  if (held.moments > 1) document.body.append(timeSlider());

  // What a leader reads in five seconds: how many fall short; a click lists and shows them.
  function headline() {
    const box = el("section", { id: "gp-headline" });
    for (const part of data.headline) {
      const isOpen = part.state === "open"; // nothing was judged: a dash, never 0 / 0
      const tile = el("button", { type: "button", class: part.state }, el("b", {}, isOpen ? "—" : String(part.count)), el("i", {}, isOpen ? "" : ` / ${part.total}`), el("span", {}, part.label));
      tile.addEventListener("click", () => {
        const measure = data.measures.find((each) => each.id === part.theme);
        if (measure) choose(measure);
        table.toggle(true);
        table.go(part.tab, { keys: part.keys });
        const shapes = part.keys.map((key) => byKey[key]).filter(Boolean);
        const bounds = L.latLngBounds([]);
        for (const shape of shapes) bounds.extend(shape.getBounds ? shape.getBounds() : shape.getLatLng());
        if (bounds.isValid()) map.fitBounds(bounds.pad(0.2), { animate: false, maxZoom: 16 });
      });
      box.append(tile);
    }
    return box;
  }

  function toolBar() {
    const bar = el("nav", { id: "gp-tools" });
    const open_ = el("button", { type: "button", id: "gp-open-table", "aria-expanded": String(state.tableOpen) }, words.table);
    open_.addEventListener("click", () => { table.toggle(!state.tableOpen); open_.setAttribute("aria-expanded", String(state.tableOpen)); });
    const [measuring, said, stop] = gpMeasure(map, words);
    const [printing, layout] = gpPrint(map, words, view);
    view.layout = layout;
    bar.append(open_, measuring, said, printing);
    if (held.languages.length > 1) {
      const other = el("button", { type: "button", id: "gp-language" }, words.language);
      other.addEventListener("click", () => { stop(); state.language = 1 - state.language; redraw(); });
      bar.append(other);
    }
    return bar;
  }

  function timeSlider() {
    const labels = Array.from({ length: held.moments }, (_, at) => held.views[at * held.languages.length + state.language].moment);
    const input = el("input", { type: "range", min: "0", max: String(held.moments - 1), step: "1", "aria-label": words.moment, "aria-valuetext": labels[state.at] });
    input.value = String(state.at);
    input.addEventListener("change", () => { state.at = Number(input.value); redraw(); document.querySelector("#gp-time input").focus(); });
    return el("section", { id: "gp-time" }, el("b", {}, labels[state.at]), input, el("div", {}, ...labels.map((label) => el("span", {}, label))));
  }

  function metaLine(label, value) { return el("p", { class: "gp-meta" }, `${label} `, el("b", {}, value)); }

  function scorecard() {
    const table = el("table", { class: "gp-score" });
    for (const row of data.scorecard) {
      const line = el("tr", row.computed ? {} : { class: "late" },
        el("td", {}, `${row.number}. ${row.name}`),
        el("td", { class: "n", title: row.sum }, row.value + (row.provisional ? "*" : ""), el("br"), el("small", {}, row.target)),
        el("td", { class: "n" }, badge(row.verdict, row.word)));
      table.append(line);
    }
    const button = el("button", { class: "gp-link", type: "button", "aria-expanded": "false" }, words.more);
    button.addEventListener("click", () => {
      const all = table.classList.toggle("all");
      button.textContent = all ? words.less : words.more;
      button.setAttribute("aria-expanded", String(all));
    });
    return el("section", { id: "gp-scorecard" }, el("h2", {}, words.scorecard), table, button);
  }

  function themeSwitch() {
    const box = el("section", { id: "gp-themes", role: "radiogroup", "aria-label": words.layers }, el("h2", {}, words.layers));
    box.hidden = !data.measures.length;
    for (const measure of data.measures) {
      const input = el("input", { type: "radio", name: "gp-theme", value: measure.id });
      input.addEventListener("change", () => { show(measure); if (state.tableOpen && state.tab === "units") table.draw(); });
      box.append(el("label", {}, input, measure.title));
    }
    return box;
  }

  function legendBox() { return el("section", { id: "gp-legend", "aria-live": "polite" }); }

  function swatch(entry) {
    const node = el("canvas", { width: 26, height: 15 });
    const draw = node.getContext("2d");
    draw.fillStyle = entry.color;
    draw.fillRect(0, 0, 26, 15);
    if (entry.hatch) { draw.fillStyle = draw.createPattern(pattern(entry.hatch), "repeat"); draw.fillRect(0, 0, 26, 15); }
    return node;
  }

  function legend(measure) {
    const box = document.getElementById("gp-legend");
    box.replaceChildren(el("h2", {}, measure.title), ...measure.legend.map((entry) =>
      el("div", { class: "gp-row" }, swatch(entry), el("span", {}, entry.label), el("span", { class: "c" }, String(entry.count)))));
  }

  function overlaySwitch() {
    const box = el("section", { id: "gp-overlays" }, el("h2", {}, words.overlays));
    const overlays = [["facilities", facilities, true, words.facilities], ["projects", projects, data.projects.length > 0, words.projects], ["gaps_elder", gapLayer("elder"), false, words.gaps_elder], ["gaps_childcare", gapLayer("childcare"), false, words.gaps_childcare], ["premises", premises, false, words.premises], ["programme", programme, data.programme.length > 0, words.programme], ["roads", roads, true, words.roads], ["names", names, true, words.names]];
    for (const walk of data.walks) overlays.push([walk.id, walkLayer(walk), false, walk.title]);
    for (const [key, group, usual, title] of overlays) {
      if (!group.getLayers().length && !(group === names && labels.length)) continue;
      const on = state.overlays[key] ?? usual;
      const input = el("input", { type: "checkbox", name: key });
      input.checked = on;
      if (on) group.addTo(map);
      input.addEventListener("change", () => { state.overlays[key] = input.checked; if (input.checked) group.addTo(map); else group.remove(); });
      box.append(el("label", {}, input, title));
    }
    const marks = el("div", { class: "gp-marks" });
    for (const [key, look] of Object.entries(data.meta.marks)) {
      const node = el("canvas", { width: 18, height: 18 });
      drawMark(node.getContext("2d"), 9, 9, 7.5, look, { halves: key === "combined" ? halves : [] });
      marks.append(el("span", {}, node, data.words[`mark_${key}`] || key));
    }
    box.append(marks, el("p", { class: "gp-small" }, [words.solid, words.dashed, words.grey].join(data.meta.separator)));
    return box;
  }

  function searchBox() {
    const input = el("input", { type: "search", placeholder: words.search, "aria-label": words.search, autocomplete: "off" });
    const found = el("div", { id: "gp-found" });
    input.addEventListener("input", () => {
      const text = input.value.trim().toLowerCase();
      const hits = text ? places.filter((place) => place.name.toLowerCase().includes(text) || place.id.toLowerCase().includes(text)) : [];
      const exact = (place) => Number([place.id, place.name].some((word) => word.toLowerCase() === text));
      hits.sort((a, b) => exact(b) - exact(a) || a.rank - b.rank || a.name.length - b.name.length);
      found.replaceChildren(...hits.slice(0, 30).map(hit));
      if (text && !hits.length) found.replaceChildren(el("p", {}, words.nothing));
    });
    input.addEventListener("keydown", (event) => {
      const first = found.querySelector("button");
      if (event.key === "Enter" && first) first.click();
      if (event.key === "Escape") { input.value = ""; found.replaceChildren(); }
    });
    function hit(place) {
      const button = el("button", { type: "button", title: place.id }, place.name, el("small", {}, place.kind));
      button.addEventListener("click", () => {
        found.replaceChildren();
        input.value = place.name;
        if (place.bounds) map.fitBounds(place.bounds.pad(0.6), { animate: false }); else map.setView(place.at, Math.max(map.getZoom(), 16), { animate: false });
        open(place.key, place.at);
      });
      return button;
    }
    return el("div", { id: "gp-search" }, input, found);
  }

  // ---------------------------------------------------------------------- themes
  let shown = null;
  function choose(measure) {
    document.querySelector(`#gp-themes input[value="${measure.id}"]`).checked = true;
    show(measure);
  }
  function show(measure) {
    state.theme = measure.id;
    if (shown) shown.forEach((polygon) => polygon.remove());
    shown = polygons[measure.layer];
    for (const polygon of shown) {
      const place = measure.classes[polygon.unit];
      const entry = place === undefined ? { color: "#ffffff", hatch: "" } : measure.legend[place];
      polygon.setStyle({ fillColor: entry.color, hatch: entry.hatch, fillOpacity: 0.72 });
      polygon.addTo(map);
    }
    legend(measure);
    if (view.thin) { shown.small = undefined; view.thin(); }
  }

  view.measure = () => data.measures.find((measure) => measure.id === state.theme);
  view.swatch = swatch;
  view.fly = (key) => {
    const target = byKey[key];
    if (!target) return;
    if (target.getBounds) map.fitBounds(target.getBounds().pad(0.6), { animate: false });
    else map.setView(target.getLatLng(), Math.max(map.getZoom(), 16), { animate: false });
    open(key, target.getBounds ? target.getBounds().getCenter() : target.getLatLng());
  };
  // Filtered rows stay; of the same layer the others fade. `null` shows everything again.
  view.dim = (keys) => {
    const kept = keys && new Set([...keys].map((key) => key.split("/")[0]));
    for (const [key, layer] of Object.entries(byKey)) {
      const faded = Boolean(keys) && kept.has(key.split("/")[0]) && !keys.has(key);
      if (layer.getBounds) { if (layer._map) layer.setStyle({ fillOpacity: faded ? 0.08 : 0.72, hatch: faded ? "" : hatchOf(layer) }); } else layer.setRadius(faded ? Math.min(2.5, view.radius) : view.radius);
    }
  };
  function hatchOf(polygon) {
    const measure = view.measure();
    const place = measure && measure.classes[polygon.unit];
    return place === undefined ? "" : measure.legend[place].hatch;
  }

  outlines.addTo(map);
  minors.addTo(map);
  const everything = Object.values(polygons).flat();
  const points = [...data.facilities, ...data.projects].map((row) => row.at);
  const focus = (data.focus && data.focus.length) ? L.latLngBounds(data.focus) : everything.length ? L.latLngBounds(everything.map((polygon) => polygon.getBounds())) : points.length ? L.latLngBounds(points) : null;
  const table = gpTable(view);
  document.body.append(table.box);
  // Units of a few dots are filled without border and hatch, or the map turns black.
  const pixels = (count) => {
    if (!focus || !count) return Infinity;
    const [a, b] = [map.latLngToContainerPoint(focus.getNorthWest()), map.latLngToContainerPoint(focus.getSouthEast())];
    return Math.sqrt(Math.abs((b.x - a.x) * (b.y - a.y)) / count);
  };
  function thinShapes() {
    const small = shown && pixels(shown.length) < 14;
    if (shown && shown.length > 400 && small !== shown.small) {
      for (const polygon of shown) polygon.setStyle({ weight: small ? 0 : 1, hatch: small ? "" : hatchOf(polygon) });
      shown.small = small;
    }
    if (pixels((data.shapes.communities || []).length) < 14) minors.remove(); else minors.addTo(map);
  }
  view.thin = thinShapes;
  const settle = () => { placeNames(); sizeMarks(); thinShapes(); };
  if (state.settle) map.off("moveend", state.settle);
  state.settle = settle;
  map.on("moveend", settle);
  if (focus && !state.placed) map.fitBounds(focus, { animate: false, padding: [18, 18] });
  state.placed = true;
  settle();
  if (data.measures.length) choose(data.measures.find((measure) => measure.id === state.theme) || data.measures[0]);
  if (state.tableOpen) table.draw();
  window.geoplan = { map, data, places, open, state, view, layout: (on) => view.layout(on) };
}
