"use strict";
// Small pieces of the page. Text from the data enters it through textContent only.

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
  for (const child of children) node.append(child);
  return node;
}

function textNode(text) { return el("span", {}, text); }

const gpSigns = { PASS: "✓", FAIL: "✗", PENDING: "…", UNKNOWN: "?", NA: "/" };

function badgeOf(data, verdict, text) {
  const node = el("span", { class: "gp-badge" }, text);
  node.style.background = data.meta.colors[verdict] || "#666";
  return node;
}

// The four synchronisations of a project: a letter each, its colour and its sign say the verdict.
function syncBadge(data, syncs) {
  const letters = [...data.words.sync_letters];
  return el("span", { class: "gp-syncs" }, ...syncs.map((verdict, at) => {
    const part = el("span", { class: `gp-sync gp-${verdict}`, title: `${letters[at]} ${gpSigns[verdict]}` }, letters[at], el("sup", {}, gpSigns[verdict]));
    part.style.background = data.meta.colors[verdict] || "#666";
    return part;
  }));
}

const gpPatterns = new Map();
function pattern(hatch) {
  if (!gpPatterns.has(hatch)) {
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
    gpPatterns.set(hatch, tile);
  }
  return gpPatterns.get(hatch);
}
