"use strict";
// The page's own script: it shows what stands in #geoplan-data and computes no figure.
// Text from the data enters the page through textContent only.

function geoplanStart(map, options) {
  const data = JSON.parse(document.getElementById("geoplan-data").textContent);
  const words = data.words;

  // ------------------------------------------------------------------ small pieces
  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
    for (const child of children) node.append(child);
    return node;
  }

  function badge(verdict, text) {
    const node = el("span", { class: "gp-badge" }, text);
    node.style.background = data.meta.colors[verdict] || "#666";
    return node;
  }

  const patterns = new Map();
  function pattern(hatch) {
    if (!patterns.has(hatch)) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 9;
      const draw = tile.getContext("2d");
      draw.strokeStyle = draw.fillStyle = "rgba(31,41,51,0.42)";
      draw.lineWidth = 1;
      draw.beginPath();
      if (hatch === "dots") {
        draw.arc(4.5, 4.5, 1.2, 0, 7);
        draw.fill();
      } else {
        draw.moveTo(-1, 10); draw.lineTo(10, -1);
        if (hatch === "cross") { draw.moveTo(-1, -1); draw.lineTo(10, 10); }
        draw.stroke();
      }
      patterns.set(hatch, tile);
    }
    return patterns.get(hatch);
  }

  // ------------------------------------------------- a canvas that knows hatches and marks
  const Canvas = L.Canvas.extend({
    _fillStroke(context, layer) {
      const style = layer.options;
      L.Canvas.prototype._fillStroke.call(this, context, layer);
      if (style.fill && style.hatch) {
        context.globalAlpha = 1;
        context.fillStyle = context.createPattern(pattern(style.hatch), "repeat");
        context.fill("evenodd");
      }
    },
    // Only the topmost canvas hears the mouse: what hits nothing of its own goes to the one below.
    _hits(event) {
      const point = this._map.mouseEventToLayerPoint(event);
      for (let order = this._drawFirst; order; order = order.next) {
        if (order.layer.options.interactive && order.layer._containsPoint(point)) return true;
      }
      return false;
    },
    // Leaving the pane leaves the pane below; leaving a mark for the ground beside it does not.
    _initContainer() {
      L.Canvas.prototype._initContainer.call(this);
      L.DomEvent.on(this._container, "mouseout", (event) => { const below = this._below(); if (below) below._handleMouseOut(event); });
    },
    _below() { const below = this.options.below; return below && below._map ? below : null; },
    _onClick(event) {
      const below = this._hits(event) ? null : this._below();
      L.Canvas.prototype._onClick.call(below || this, event);
    },
    _onMouseMove(event) {
      const below = this._below();
      if (below && this._hits(event)) below._handleMouseOut(event);
      else if (below) L.Canvas.prototype._onMouseMove.call(below, event);
      L.Canvas.prototype._onMouseMove.call(this, event);
      this._container.style.cursor = below && below._hoveredLayer ? "pointer" : "";
    },
    _updateMark(layer) {
      if (!this._drawing || layer._empty()) return;
      drawMark(this._ctx, layer._point.x, layer._point.y, layer._radius, layer.options.mark, layer.options.look);
    },
  });
  const Mark = L.CircleMarker.extend({ _updatePath() { this._renderer._updateMark(this); } });

  function drawMark(context, x, y, r, mark, look) {
    const [color, shape, letter] = mark;
    const ink = look === "grey" ? "#7b8794" : color;
    context.save();
    context.globalAlpha = 1;
    context.beginPath();
    if (shape === "square") context.rect(x - r, y - r, 2 * r, 2 * r);
    else if (shape === "diamond") { context.moveTo(x, y - r * 1.2); context.lineTo(x + r * 1.2, y); context.lineTo(x, y + r * 1.2); context.lineTo(x - r * 1.2, y); context.closePath(); }
    else context.arc(x, y, r, 0, 2 * Math.PI);
    context.fillStyle = look === "hollow" ? "#fff" : ink;
    context.fill();
    if (shape === "half" && look !== "hollow" && look !== "grey") {
      context.save(); context.clip();
      context.fillStyle = data.meta.marks.elder[0]; context.fillRect(x - r, y - r, r, 2 * r);
      context.fillStyle = data.meta.marks.childcare[0]; context.fillRect(x, y - r, r, 2 * r);
      context.restore();
    }
    context.lineWidth = look === "hollow" ? 2 : 1.5;
    context.setLineDash(look === "hollow" ? [3, 2] : []);
    context.strokeStyle = look === "hollow" ? ink : "#fff";
    context.stroke();
    context.fillStyle = look === "hollow" ? ink : "#fff";
    context.font = `600 ${Math.round(r * 1.25)}px "Microsoft YaHei","PingFang SC","Noto Sans CJK SC",sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(letter, x, y + 0.5);
    context.restore();
  }

  // ---------------------------------------------------------------------- the ground
  const canvas = { padding: 0.4 };
  for (const [name, level] of [["fill", 400], ["roads", 410], ["outlines", 420], ["marks", 450]]) map.createPane(name).style.zIndex = level;
  map.getPane("roads").style.pointerEvents = map.getPane("outlines").style.pointerEvents = "none";
  const renderers = Object.fromEntries(["fill", "roads", "outlines", "marks"].map((pane) => [pane, new Canvas({ ...canvas, pane })]));
  renderers.marks.options.below = renderers.fill;

  if (options.tiles) L.tileLayer(options.tiles, { maxZoom: 19 }).addTo(map);

  const places = []; // everything that can be found by name: {key, name, kind, bounds or at, measure}
  const polygons = {};
  const kinds = { divisions: 0, communities: 1, residential_communities: 2, compounds: 3 };
  for (const [layer, shapes] of Object.entries(data.shapes)) {
    polygons[layer] = shapes.map((shape) => {
      const polygon = L.polygon(shape.rings, { pane: "fill", renderer: renderers.fill, weight: 1, color: "#4a5560", fillOpacity: 0.72, fillRule: "evenodd" });
      const key = `${layer}/${shape.id}`;
      polygon.unit = shape.id;
      polygon.on("click", (event) => { L.DomEvent.stopPropagation(event); open(key, event.latlng); });
      polygon.bindTooltip(() => textNode(shape.name || shape.id), { sticky: true });
      places.push({ key, id: shape.id, name: shape.name || shape.id, kind: data.popups[key].subtitle, bounds: polygon.getBounds(), at: inside(polygon), rank: kinds[layer] });
      return polygon;
    });
  }

  function textNode(text) { return el("span", {}, text); }
  function inside(polygon) { return polygon.getBounds().getCenter(); }

  const roads = L.layerGroup(data.roads.length ? [L.polyline(data.roads, { pane: "roads", renderer: renderers.roads, color: "#8b959e", weight: 0.8, opacity: 0.75, interactive: false })] : []);

  function walkLayer(walk) {
    return L.layerGroup([L.polygon(walk.rings, { pane: "outlines", renderer: renderers.outlines, color: walk.color, weight: 2, dashArray: "5 3", fillColor: walk.color, fillOpacity: 0.18, fillRule: "evenodd", interactive: false })]);
  }

  const outlines = L.layerGroup();
  const names = L.layerGroup();
  for (const [layer, weight, minor] of [["communities", 1.2, true], ["divisions", 2.6, false]]) {
    for (const shape of data.shapes[layer] || []) {
      const outline = L.polygon(shape.rings, { pane: "outlines", renderer: renderers.outlines, fill: false, color: "#1f2933", weight, opacity: minor ? 0.45 : 0.9, dashArray: minor ? "4 3" : null, interactive: false });
      outlines.addLayer(outline);
      if (!minor) names.addLayer(L.tooltip({ permanent: true, direction: "center", className: "gp-name", interactive: false }).setLatLng(outline.getBounds().getCenter()).setContent(textNode(shape.name || shape.id)));
    }
  }

  const facilities = L.layerGroup(data.facilities.map((row) => mark(row, `facilities/${row.id}`, data.meta.marks[row.mark], row.look, `${row.name} · ${row.tip}`, row.tip)));
  const signs = { PASS: "✓", FAIL: "✗", PENDING: "…", UNKNOWN: "?", NA: "/" };
  const projects = L.layerGroup(data.projects.map((row) => mark(row, `projects/${row.id}`, [data.meta.colors[row.verdict], "diamond", signs[row.verdict]], "solid", row.name, words.projects)));

  function mark(row, key, look, status, tip, kind) {
    const layer = new Mark(row.at, { pane: "marks", renderer: renderers.marks, radius: 8, mark: look, look: status });
    layer.bindTooltip(() => textNode(tip), { direction: "top", offset: [0, -8] });
    layer.on("click", (event) => { L.DomEvent.stopPropagation(event); open(key, row.at); });
    places.push({ key, id: row.id, name: row.name, kind, at: row.at, rank: 4 });
    return layer;
  }

  // ---------------------------------------------------------------------- popups
  function open(key, at) {
    const content = popup(data.popups[key]);
    L.popup({ maxWidth: 420, minWidth: 280, autoPanPadding: [24, 24] }).setLatLng(at).setContent(content).openOn(map);
  }

  function popup(text) {
    const root = el("div", { class: "gp-popup" }, el("h3", {}, text.title), el("p", { class: "sub" }, text.subtitle));
    if (text.badges.length) root.append(el("div", { class: "badges" }, ...text.badges.map(([verdict, word]) => badge(verdict, word))));
    root.append(el("table", {}, ...text.lines.map(([label, value]) => el("tr", {}, el("th", {}, label), el("td", {}, value)))));
    if (text.facilities.length) root.append(el("h4", {}, words.credited), el("ul", {}, ...text.facilities.map((line) => el("li", {}, line))));
    if (text.quotes.length) {
      root.append(el("h4", {}, words.quotes));
      for (const [where, sentence] of text.quotes) root.append(el("blockquote", {}, el("cite", {}, where), sentence));
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
    searchBox(), scorecard(), themeSwitch(), overlaySwitch(),
  );
  document.body.append(legendBox());

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
      input.addEventListener("change", () => show(measure));
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
    const overlays = [["facilities", facilities, true, words.facilities], ["projects", projects, data.projects.length > 0, words.projects], ["roads", roads, true, words.roads], ["names", names, true, words.names]];
    for (const walk of data.walks) overlays.push([walk.id, walkLayer(walk), false, walk.title]);
    for (const [key, group, on, title] of overlays) {
      if (!group.getLayers().length) continue;
      const input = el("input", { type: "checkbox", name: key });
      input.checked = on;
      if (on) group.addTo(map);
      input.addEventListener("change", () => (input.checked ? group.addTo(map) : group.remove()));
      box.append(el("label", {}, input, title));
    }
    const marks = el("div", { class: "gp-marks" });
    for (const [key, look] of Object.entries(data.meta.marks)) {
      const node = el("canvas", { width: 18, height: 18 });
      drawMark(node.getContext("2d"), 9, 9, 7.5, look, "solid");
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
  function show(measure) {
    if (shown) shown.forEach((polygon) => polygon.remove());
    shown = polygons[measure.layer];
    for (const polygon of shown) {
      const place = measure.classes[polygon.unit];
      const entry = place === undefined ? { color: "#ffffff", hatch: "" } : measure.legend[place];
      polygon.setStyle({ fillColor: entry.color, hatch: entry.hatch });
      polygon.addTo(map);
    }
    legend(measure);
  }

  outlines.addTo(map);
  L.control.zoom({ position: "bottomright" }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 160, position: "bottomleft" }).addTo(map);
  map.attributionControl.setPrefix(false);
  const everything = Object.values(polygons).flat();
  const points = [...data.facilities, ...data.projects].map((row) => row.at);
  const focus = (data.focus && data.focus.length) ? L.latLngBounds(data.focus) : everything.length ? L.latLngBounds(everything.map((polygon) => polygon.getBounds())) : points.length ? L.latLngBounds(points) : null;
  if (focus) map.fitBounds(focus, { animate: false, padding: [18, 18] });
  if (data.measures.length) {
    document.querySelector("#gp-themes input").checked = true;
    show(data.measures[0]);
  }
  window.geoplan = { map, data, places, open };
}
