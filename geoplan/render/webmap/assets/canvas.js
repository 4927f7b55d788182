// A canvas that knows hatches and marks, above Leaflet's own.

const GpCanvas = L.Canvas.extend({
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
    drawMark(this._ctx, layer._point.x, layer._point.y, layer._radius, layer.options.mark, layer.options);
  },
});
const GpMark = L.CircleMarker.extend({ _updatePath() { this._renderer._updateMark(this); } });

function drawMark(context, x, y, r, mark, { look = "solid", halves = [], quarters = [] } = {}) {
  const [color, shape, letter] = mark;
  if (quarters.length) { drawQuarters(context, x, y, r, mark, quarters); return; }
  const ink = look === "grey" ? "#7b8794" : color;
  context.save();
  context.globalAlpha = 1;
  context.beginPath();
  if (shape === "square") context.rect(x - r, y - r, 2 * r, 2 * r);
  else if (shape === "diamond") { context.moveTo(x, y - r * 1.2); context.lineTo(x + r * 1.2, y); context.lineTo(x, y + r * 1.2); context.lineTo(x - r * 1.2, y); context.closePath(); }
  else context.arc(x, y, r, 0, 2 * Math.PI);
  context.fillStyle = look === "hollow" ? "#fff" : ink;
  context.fill();
  if (shape === "half" && halves.length && look !== "hollow" && look !== "grey") {
    context.save(); context.clip();
    context.fillStyle = halves[0]; context.fillRect(x - r, y - r, r, 2 * r);
    context.fillStyle = halves[1]; context.fillRect(x, y - r, r, 2 * r);
    context.restore();
  }
  context.lineWidth = r < 5 ? 0.6 : look === "hollow" ? 2 : 1.5;
  context.setLineDash(look === "hollow" ? [3, 2] : []);
  context.strokeStyle = look === "hollow" ? ink : "#fff";
  context.stroke();
  if (r < 5) { context.restore(); return; } // a dot has no room for a letter
  context.fillStyle = look === "hollow" ? ink : "#fff";
  context.font = `600 ${Math.round(r * 1.25)}px "Microsoft YaHei","PingFang SC","Noto Sans CJK SC",sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(letter, x, y + 0.5);
  context.restore();
}


// A project: its verdict in the middle, the four synchronisations around it, from the top right.
function drawQuarters(context, x, y, r, [color, , letter], quarters) {
  context.save();
  context.globalAlpha = 1;
  quarters.forEach((ink, at) => {
    context.beginPath();
    context.moveTo(x, y);
    context.arc(x, y, r * 1.35, (at - 1) * Math.PI / 2, at * Math.PI / 2);
    context.closePath();
    context.fillStyle = ink;
    context.fill();
    context.lineWidth = 1.2;
    context.strokeStyle = "#fff";
    context.stroke();
  });
  context.beginPath();
  context.arc(x, y, r * 0.8, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
  context.stroke();
  context.fillStyle = "#fff";
  context.font = `700 ${Math.round(r * 1.1)}px sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(letter, x, y + 0.5);
  context.restore();
}
