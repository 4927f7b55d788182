// Tools on the map: measuring a way, and the sheet that is printed.

function gpMeasure(map, words) {
  const button = el("button", { type: "button", id: "gp-measure", "aria-pressed": "false" }, words.measure);
  const said = el("output", { id: "gp-length" });
  let points = [];
  let line = null;
  const length = () => points.slice(1).reduce((sum, point, at) => sum + map.distance(points[at], point), 0);
  function draw() {
    if (line) line.remove();
    line = points.length ? L.polyline(points, { color: "#111", weight: 3, dashArray: "6 4", interactive: false }).addTo(map) : null;
    const metres = length();
    said.textContent = points.length > 1 ? (metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(2)} km`) : "";
  }
  function add(event) { points.push(event.latlng); draw(); }
  function set(on) {
    button.setAttribute("aria-pressed", String(on));
    map.getContainer().classList.toggle("gp-measuring", on);
    map[on ? "on" : "off"]("click", add);
    map.gpMeasuring = on;
    points = [];
    draw();
  }
  button.addEventListener("click", () => set(button.getAttribute("aria-pressed") !== "true"));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && map.gpMeasuring) set(false); });
  return [button, said, () => set(false)];
}

// A3 across holds 1,511 × 1,047 pixels inside its margins; the map is drawn again at that size.
function gpPrint(map, words, view) {
  const button = el("button", { type: "button", id: "gp-print" }, words.print);
  function layout(on) {
    if (on === document.body.classList.contains("gp-sheet")) return;
    const bounds = map.getBounds();
    if (on) {
      const measure = view.measure();
      const block = el("header", { id: "gp-block" },
        el("h1", {}, view.data.meta.study), el("h2", {}, measure ? measure.title : words.title_block),
        el("p", {}, `${words.policy} ${view.data.meta.policy}　${words.as_of} ${view.data.meta.as_of}　${words.crs} ${view.data.meta.crs}`),
        el("p", {}, view.data.meta.note));
      document.body.append(block);
    }
    if (!on && document.getElementById("gp-block")) document.getElementById("gp-block").remove();
    document.body.classList.toggle("gp-sheet", on);
    map.options.zoomSnap = on ? 0.05 : 1;
    map.invalidateSize({ animate: false });
    map.fitBounds(bounds, { animate: false });
    // The browser prints before the next frame, so nothing may wait for one.
    for (const renderer of Object.values(view.renderers)) {
      if (!renderer._map) continue;
      renderer._update();
      renderer._redrawBounds = null;
      renderer._redraw();
    }
  }
  button.addEventListener("click", () => { layout(true); setTimeout(() => window.print(), 60); });
  if (!window.gpPrints) {
    window.gpPrints = true;
    window.addEventListener("beforeprint", () => window.geoplan.layout(true));
    window.addEventListener("afterprint", () => window.geoplan.layout(false));
  }
  return [button, layout];
}

// The basemap, if one was asked for. A token is kept in this browser, never in the file.
const GP_TOKEN = "geoplan-tianditu-token";
function gpToken(options) {
  try { return options.token || localStorage.getItem(GP_TOKEN) || ""; } catch (error) { return options.token || ""; }
}

function gpGround(map, options) {
  const token = gpToken(options);
  return options.tiles.map((template) => {
    const layer = L.tileLayer(template, { maxZoom: 18, subdomains: "01234567", token });
    if (!options.asksToken || token) layer.addTo(map);
    return layer;
  });
}

function gpGroundNotes(map, options, ground) {
  const words = window.geoplan.data.words;
  const bar = document.getElementById("gp-tools");
  if (options.datum) bar.append(el("span", { class: "gp-warn", role: "alert" }, `${words.shifted} ${options.datum}`));
  if (!options.asksToken || gpToken(options)) return;
  const input = el("input", { type: "text", placeholder: words.token, "aria-label": words.token });
  input.addEventListener("change", () => {
    try { localStorage.setItem(GP_TOKEN, input.value.trim()); } catch (error) { /* kept for this visit only */ }
    for (const layer of ground) { layer.options.token = input.value.trim(); layer.addTo(map); }
    input.remove();
  });
  bar.append(input);
}
