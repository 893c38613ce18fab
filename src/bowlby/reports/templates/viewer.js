"use strict";
(() => {
  const sources = [...document.querySelectorAll("script.recording-data")];
  const INK = "#1d2730", MUTED = "#55616c", HAIR = "#cfd5da", BAND = "#dfe3e7", MISSING = "#eceef0";
  const FIRST = "#0067a0", SECOND = "#b34d00", BEYOND = "#009e73", BEYOND_TEXT = "#00735a";
  const FONT = getComputedStyle(document.body).fontFamily;
  const byId = (id) => document.getElementById(id);
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

  // ---- table -------------------------------------------------------------------------------
  const table = byId("summary");
  if (table) {
    const body = table.tBodies[0];
    const toggle = byId("all-statistics");
    if (body.querySelector("tr.other")) {
      byId("all-label").hidden = false;
      table.classList.add("main-only");
      toggle.addEventListener("change", () => table.classList.toggle("main-only", !toggle.checked));
    }
    [...table.tHead.rows[0].cells].forEach((cell, column) => {
      cell.querySelector("button").addEventListener("click", () => {
        const isDown = cell.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        cell.setAttribute("aria-sort", isDown ? "descending" : "ascending");
        const key = (row) => row.cells[column].dataset.key;
        const isNumeric = body.querySelector(`tr td:nth-child(${column + 1}).number`) !== null;
        const rows = [...body.rows].sort((a, b) => {
          const [p, q] = [key(a), key(b)];
          if (p === "" || q === "") return (p === "") - (q === "");
          const order = isNumeric ? p - q : p.localeCompare(q, undefined, { numeric: true });
          return isDown ? -order : order;
        });
        body.append(...rows);
      });
    });
  }
  if (!sources.length) return;

  // ---- recordings --------------------------------------------------------------------------
  const cache = new Map();
  const colours = {};
  for (const [name, text] of Object.entries(JSON.parse(byId("colours").textContent))) {
    colours[name] = bytes(text);
  }
  function load(index) {
    if (!cache.has(index)) {
      const d = JSON.parse(sources[index].textContent);
      for (const trace of d.traces) {
        const codes = new Uint16Array(bytes(trace.data).buffer);
        const unit = (trace.high - trace.low) / 65534;
        trace.values = Float32Array.from(codes, (c) => (c === 65535 ? NaN : trace.low + c * unit));
      }
      const cells = bytes(d.map.data), unit = (d.map.high - d.map.low) / 254;
      d.cells = Float32Array.from(cells, (c) => (c === 255 ? NaN : d.map.low + c * unit));
      d.centre = d.windowStart.map((s) => s + d.windowLength / 2);
      cache.set(index, d);
    }
    return cache.get(index);
  }

  const clock = (s) => {
    const whole = Math.abs(Math.round(s));
    return `${s < -0.5 ? "−" : ""}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  };
  const number = (v, digits = 2) => (v === null || !Number.isFinite(v) ? "–" : v.toFixed(digits).replace("-", "−"));
  const formatP = (p) => (p === null ? "" : p < 0.0005 ? "p < .001" : `p = ${p.toFixed(3).replace(/^0/, "")}`);
  const leads = (d, lag) => (lag === null ? "no clear peak" : lag === 0 ? "lag 0" : `${d.roles[lag > 0 ? 0 : 1]} ${Math.abs(lag).toFixed(2)} s ahead`);
  const niceStep = (span, count, steps) => steps.find((s) => span / s <= count) ?? steps[steps.length - 1];
  const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
  const VALUE_STEPS = [-4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7].flatMap((e) => [1, 2, 5].map((m) => m * 10 ** e));

  function fit(canvas, height) {
    const width = canvas.parentElement.clientWidth, ratio = window.devicePixelRatio || 1;
    const h = height ?? canvas.clientHeight;
    const w = height === undefined ? canvas.clientWidth : width;
    canvas.width = Math.round(w * ratio);
    canvas.height = Math.round(h * ratio);
    if (height !== undefined) canvas.style.height = `${h}px`;
    const g = canvas.getContext("2d");
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, w, h);
    g.font = `12px ${FONT}`;
    g.lineJoin = "round";
    return { g, w, h };
  }
  function line(g, xs, ys, colour, width) {
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.beginPath();
    let isDown = false;
    for (let i = 0; i < xs.length; i++) {
      const y = ys(i);
      if (y === null || !Number.isFinite(y)) { isDown = false; continue; }
      if (isDown) g.lineTo(xs[i], y); else g.moveTo(xs[i], y);
      isDown = true;
    }
    g.stroke();
  }
  function band(g, xs, low, high, colour) {
    g.fillStyle = colour;
    let from = -1;
    for (let i = 0; i <= xs.length; i++) {
      const isGood = i < xs.length && Number.isFinite(low(i)) && Number.isFinite(high(i));
      if (isGood && from < 0) from = i;
      if (!isGood && from >= 0) {
        g.beginPath();
        for (let k = from; k < i; k++) g.lineTo(xs[k], high(k));
        for (let k = i - 1; k >= from; k--) g.lineTo(xs[k], low(k));
        g.fill();
        from = -1;
      }
    }
  }
  function text(g, content, x, y, { colour = MUTED, align = "left", base = "middle", turn = 0, weight = 400 } = {}) {
    g.save();
    g.translate(x, y);
    g.rotate(turn);
    g.font = `${weight} 12px ${FONT}`;
    g.fillStyle = colour;
    g.textAlign = align;
    g.textBaseline = base;
    g.fillText(content, 0, 0);
    g.restore();
  }
  function extent(lists, pad = 0.06) {
    let low = Infinity, high = -Infinity;
    for (const list of lists) for (const v of list ?? []) {
      if (v === null || !Number.isFinite(v)) continue;
      if (v < low) low = v;
      if (v > high) high = v;
    }
    if (!(high > low)) { const at = Number.isFinite(low) ? low : 0; low = at - 1; high = at + 1; }
    const margin = pad * (high - low);
    return [low - margin, high + margin];
  }
  const compact = (v) => (Math.abs(v) >= 1000 ? `${+(v / 1000).toPrecision(3)}k` : `${+v.toPrecision(3)}`).replace("-", "−");
  function valueTicks(g, y, low, high, left, count) {
    const step = niceStep(high - low, count, VALUE_STEPS);
    for (let v = Math.ceil(low / step) * step; v <= high + 1e-9; v += step) {
      text(g, compact(Math.abs(v) < step / 1e6 ? 0 : v), left - 6, y(v), { align: "right" });
    }
  }

  // ---- stage -------------------------------------------------------------------------------
  let current = 0, at = 0, d = null, place = null;
  const stage = byId("stage"), cursor = byId("cursor"), slider = byId("time");

  function drawStage() {
    const isSmall = stage.parentElement.clientWidth < 520;
    const left = isSmall ? 62 : 84, right = 8;
    const heights = [78, 78, 104, isSmall ? 210 : 244];
    const gap = 16, top = 6;
    const total = top + heights.reduce((a, b) => a + b, 0) + 3 * gap + 26;
    const { g, w } = fit(stage, total);
    fit(cursor, total);
    const x = (s) => left + ((s - d.span[0]) / (d.span[1] - d.span[0])) * (w - left - right);
    let y0 = top;
    const boxes = heights.map((h) => { const box = { top: y0, bottom: y0 + h, h }; y0 += h + gap; return box; });
    place = { x, left, right, w, boxes };
    const last = boxes[3].bottom;
    for (const [start, end] of d.episodes) {
      g.fillStyle = "rgba(0,158,115,.13)";
      g.fillRect(x(start), top, x(end) - x(start), boxes[2].bottom - top);
    }
    d.traces.forEach((trace, i) => drawTrace(g, trace, boxes[i], x, i));
    drawRunning(g, boxes[2], x);
    drawMap(g, boxes[3], x);
    const step = niceStep(d.span[1] - d.span[0], (w - left) / 62, TIME_STEPS);
    for (let s = Math.ceil(d.span[0] / step) * step; s <= d.span[1]; s += step) {
      g.fillStyle = HAIR;
      g.fillRect(x(s), last, 1, 4);
      text(g, clock(s), x(s), last + 14, { align: x(s) > w - right - 14 ? "right" : "center" });
    }
    slider.style.marginLeft = `${Math.max(0, left - 8)}px`;
    slider.style.width = `calc(100% - ${Math.max(0, left - 8)}px)`;
  }
  function drawGaps(g, spans, box, x) {
    for (const [start, end] of spans) {
      const [a, b] = [x(start), x(end)];
      g.fillStyle = MISSING;
      g.fillRect(a, box.top, b - a, box.h);
      g.save();
      g.beginPath();
      g.rect(a, box.top, b - a, box.h);
      g.clip();
      g.strokeStyle = "#b9c0c7";
      g.lineWidth = 0.7;
      g.beginPath();
      for (let k = a - box.h; k < b; k += 8) { g.moveTo(k, box.bottom); g.lineTo(k + box.h, box.top); }
      g.stroke();
      g.restore();
    }
  }
  function drawTrace(g, trace, box, x, i) {
    const [low, high] = extent([trace.values], 0.04), colour = i ? SECOND : FIRST;
    const y = (v) => box.bottom - ((v - low) / (high - low)) * box.h;
    drawGaps(g, trace.gaps, box, x);
    const bins = trace.values.length / 2, xs = new Float32Array(2 * bins);
    const wide = (d.span[1] - d.span[0]) / bins;
    for (let k = 0; k < bins; k++) xs[2 * k] = xs[2 * k + 1] = x(d.span[0] + (k + 0.5) * wide);
    line(g, xs, (k) => y(trace.values[k]), colour, 0.9);
    valueTicks(g, y, low, high, place.left, 3);
    text(g, d.roles[i], 8, (box.top + box.bottom) / 2, { colour, align: "center", turn: -Math.PI / 2, weight: 600 });
    g.fillStyle = HAIR;
    g.fillRect(place.left, box.bottom, place.w - place.left - place.right, 1);
  }
  function drawRunning(g, box, x) {
    const [low, high] = extent([d.running, d.runningMean, d.runningHigh], 0.1);
    const y = (v) => (v === null ? NaN : box.bottom - ((v - low) / (high - low)) * box.h);
    const xs = d.centre.map(x);
    for (const trace of d.traces) drawGaps(g, trace.gaps, box, x);
    if (d.runningMean) {
      band(g, xs, (i) => y(d.runningMean[i]), (i) => y(d.runningHigh[i]), "rgba(139,150,161,.28)");
      line(g, xs, (i) => y(d.runningMean[i]), "#8b96a1", 1.2);
    }
    line(g, xs, (i) => y(d.running[i]), INK, 1.8);
    if (xs.length < 90) d.running.forEach((v, i) => { if (v !== null) { g.fillStyle = INK; g.beginPath(); g.arc(xs[i], y(v), 2.4, 0, 7); g.fill(); } });
    for (const [start, end] of d.episodes) { g.fillStyle = BEYOND; g.fillRect(x(start), box.top, x(end) - x(start), 3); }
    place.running = y;
    valueTicks(g, y, low, high, place.left, 4);
    text(g, "synchrony", 8, (box.top + box.bottom) / 2, { colour: INK, align: "center", turn: -Math.PI / 2, weight: 600 });
    g.fillStyle = HAIR;
    g.fillRect(place.left, box.bottom, place.w - place.left - place.right, 1);
  }
  function drawMap(g, box, x) {
    const columns = d.centre.length, rows = d.lag.length;
    const picture = document.createElement("canvas");
    picture.width = columns;
    picture.height = rows;
    const p = picture.getContext("2d"), image = p.createImageData(columns, rows);
    const lut = colours[d.isAbsolute ? "sequential" : "diverging"], [low, high] = d.limits;
    for (let c = 0; c < columns; c++) for (let r = 0; r < rows; r++) {
      const v = d.cells[c * rows + r], to = 4 * ((rows - 1 - r) * columns + c);
      image.data[to + 3] = 255;
      if (Number.isNaN(v)) { image.data.set([236, 238, 240], to); continue; }
      const k = 3 * Math.max(0, Math.min(255, Math.round((255 * (v - low)) / (high - low))));
      image.data[to] = lut[k]; image.data[to + 1] = lut[k + 1]; image.data[to + 2] = lut[k + 2];
    }
    p.putImageData(image, 0, 0);
    g.fillStyle = MISSING;
    g.fillRect(place.left, box.top, place.w - place.left - place.right, box.h);
    const half = columns > 1 ? (d.centre[1] - d.centre[0]) / 2 : d.windowLength / 2;
    const a = x(Math.max(d.span[0], d.centre[0] - half)), b = x(Math.min(d.span[1], d.centre[columns - 1] + half));
    g.imageSmoothingEnabled = false;
    g.drawImage(picture, a, box.top, b - a, box.h);
    const far = Math.max(Math.abs(d.lag[0]), Math.abs(d.lag[rows - 1])) || 1;
    const y = (lag) => (box.top + box.bottom) / 2 - (lag / far) * (box.h / 2);
    place.lag = y;
    g.setLineDash([5, 4]);
    line(g, [place.left, place.w - place.right], () => y(0), "rgba(29,39,48,.55)", 1);
    g.setLineDash([]);
    const xs = d.centre.map(x), path = (i) => (d.peakLag[i] === null ? NaN : y(d.peakLag[i]));
    line(g, xs, path, "rgba(255,255,255,.85)", 3.6);
    line(g, xs, path, INK, 1.4);
    const step = niceStep(far, 3, [0.2, 0.5, 1, 2, 5, 10, 20, 30, 60]);
    for (let v = -Math.floor(far / step) * step; v <= far + 1e-9; v += step) {
      if (Math.abs(y(v) - (box.top + box.bottom) / 2) < box.h / 2 - 5 || v === 0) text(g, `${number(v, step < 1 ? 1 : 0)}`, place.left - 6, y(v), { align: "right" });
    }
    const isSmall = place.left < 70, shift = isSmall ? 24 : 38;
    g.font = `600 12px ${FONT}`;
    const short = (role) => {
      let name = role;
      while (name.length > 3 && g.measureText(`${name}… leads →`).width > box.h / 2 - 6) name = name.slice(0, -1);
      return g.measureText(`${role} leads →`).width <= box.h / 2 - 4 ? role : `${name}…`;
    };
    text(g, `${short(d.roles[0])} leads →`, 8, box.top, { colour: FIRST, align: "right", turn: -Math.PI / 2, weight: 600 });
    text(g, `← ${short(d.roles[1])} leads`, 8, box.bottom, { colour: SECOND, align: "left", turn: -Math.PI / 2, weight: 600 });
    text(g, "lag (s)", shift, (box.top + box.bottom) / 2, { align: "center", turn: -Math.PI / 2 });
  }

  // ---- cursor and side panel ---------------------------------------------------------------
  function drawCursor() {
    const { g, h } = fit(cursor, stage.clientHeight);
    const { x, boxes } = place, start = d.windowStart[at], end = start + d.windowLength;
    g.fillStyle = "rgba(29,39,48,.09)";
    g.fillRect(x(start), boxes[0].top, x(end) - x(start), boxes[3].bottom - boxes[0].top);
    g.fillStyle = INK;
    g.fillRect(x(d.centre[at]) - 0.75, boxes[0].top, 1.5, boxes[3].bottom - boxes[0].top);
    const mark = (y, colour) => {
      if (!Number.isFinite(y)) return;
      g.beginPath();
      g.arc(x(d.centre[at]), y, 5, 0, 7);
      g.fillStyle = colour;
      g.fill();
      g.lineWidth = 2;
      g.strokeStyle = "#fff";
      g.stroke();
    };
    mark(d.running[at] === null ? NaN : place.running(d.running[at]), INK);
    const lag = d.peakLag[at];
    if (lag !== null) mark(place.lag(lag), lag > 0 ? FIRST : lag < 0 ? SECOND : INK);
    return h;
  }
  function lagAxis(g, w, h, left, bottom, far, x) {
    const step = niceStep(far, 2.5, [0.2, 0.5, 1, 2, 5, 10, 20, 30, 60]);
    for (let v = -Math.floor(far / step) * step; v <= far + 1e-9; v += step) text(g, number(v, step < 1 ? 1 : 0), x(v), bottom + 11, { align: "center" });
    text(g, `← ${d.roles[1]} leads`, left, h - 7, { colour: SECOND, weight: 600 });
    text(g, `${d.roles[0]} leads →`, w - 2, h - 7, { colour: FIRST, align: "right", weight: 600 });
  }
  function drawProfile() {
    const { g, w, h } = fit(byId("profile"));
    const left = 36, top = 8, bottom = h - 36, rows = d.lag.length;
    const mine = d.cells.subarray(at * rows, (at + 1) * rows);
    const bounds = extent([[d.map.low, d.map.high], d.profile], 0.02);
    const low = d.isAbsolute ? 0 : bounds[0], high = bounds[1];
    const far = Math.max(Math.abs(d.lag[0]), Math.abs(d.lag[rows - 1])) || 1;
    const x = (v) => left + ((v + far) / (2 * far)) * (w - left - 6);
    const y = (v) => (v === null ? NaN : bottom - ((v - low) / (high - low)) * (bottom - top));
    const xs = d.lag.map(x);
    if (d.profileLow) band(g, xs, (i) => y(d.profileLow[i]), (i) => y(d.profileHigh[i]), BAND);
    g.fillStyle = HAIR;
    g.fillRect(x(0), top, 1, bottom - top);
    g.fillRect(left, d.isAbsolute ? bottom : y(0), w - left - 6, 1);
    line(g, xs, (i) => y(d.profile[i]), "#7d8892", 1.3);
    line(g, xs, (i) => y(mine[i]), INK, 2.2);
    const lag = d.peakLag[at];
    if (lag !== null) {
      let k = 0;
      d.lag.forEach((v, i) => { if (Math.abs(v - lag) < Math.abs(d.lag[k] - lag)) k = i; });
      g.fillStyle = lag > 0 ? FIRST : lag < 0 ? SECOND : INK;
      g.beginPath();
      g.arc(x(lag), y(mine[k]), 4.5, 0, 7);
      g.fill();
    }
    if (mine.every((v) => Number.isNaN(v))) text(g, "too little was recorded here", (left + w) / 2, (top + bottom) / 2, { align: "center" });
    valueTicks(g, y, low, high, left, 4);
    lagAxis(g, w, h, left, bottom, far, x);
  }
  function showValues() {
    const start = d.windowStart[at], list = byId("values");
    byId("window-title").textContent = `${clock(start)} to ${clock(start + d.windowLength)}`;
    const episode = d.episodes.find(([a, b]) => start >= a - 1e-6 && start + d.windowLength <= b + 1e-6);
    const isHigh = d.runningHigh && d.running[at] !== null && d.running[at] > d.runningHigh[at];
    const rows = [
      [`synchrony (mean ${d.value})`, number(d.running[at], 3), isHigh],
      ...(d.runningMean ? [["surrogates, mean", number(d.runningMean[at], 3)], ["surrogates, 95 %", number(d.runningHigh[at], 3)]] : []),
      ["peak", leads(d, d.peakLag[at])],
      ...(d.coverage[at] < 0.995 ? [["recorded", `${Math.round(100 * d.coverage[at])} %`]] : []),
      ...(d.profileMean ? [["episode", episode ? formatP(episode[2]) : "none here", Boolean(episode)]] : []),
    ];
    list.replaceChildren(...rows.flatMap(([term, value, isBeyond]) => {
      const dt = document.createElement("dt"), dd = document.createElement("dd");
      dt.textContent = term;
      dd.textContent = value;
      if (isBeyond) dd.className = "beyond";
      return [dt, dd];
    }));
    slider.setAttribute("aria-valuetext", `${clock(start)} to ${clock(start + d.windowLength)}, synchrony ${number(d.running[at], 2)}, ${leads(d, d.peakLag[at])}`);
  }
  function drawNull() {
    const s = d.statistics[byId("pick-statistic").selectedIndex] ?? d.statistics[0];
    const { g, w, h } = fit(byId("null"));
    const bottom = h - 20, top = 20, isBeyond = s.p !== null && s.p < 0.05;
    const lineText = [`estimate ${number(s.estimate, 3)}`];
    if (s.z !== null) lineText.push(`z = ${number(s.z)}`);
    if (s.p !== null) lineText.push(formatP(s.p));
    if (s.leader && s.leader !== "neither") lineText.push(`${s.leader} ahead${s.peak_lag_s === null ? "" : ` (peak lag ${number(s.peak_lag_s)} s)`}`);
    byId("statistic-line").textContent = lineText.join(", ");
    if (!s.counts) { text(g, "no surrogates were drawn", w / 2, h / 2, { align: "center" }); return; }
    const [low, high] = extent([s.edges, [s.estimate]], 0.04), x = (v) => 2 + ((v - low) / (high - low)) * (w - 4);
    const tallest = Math.max(...s.counts), wide = (s.edges[1] - s.edges[0]) / s.counts.length;
    g.fillStyle = HAIR;
    s.counts.forEach((count, i) => {
      const tall = (count / tallest) * (bottom - top), a = x(s.edges[0] + i * wide);
      g.fillRect(a, bottom - tall, Math.max(1, x(s.edges[0] + (i + 1) * wide) - a - 1), tall);
    });
    g.fillRect(0, bottom, w, 1);
    if (s.estimate !== null) {
      g.fillStyle = isBeyond ? BEYOND : INK;
      g.fillRect(x(s.estimate) - 1, top - 6, 2, bottom - top + 6);
      const isRight = x(s.estimate) > w / 2;
      text(g, "recording", x(s.estimate) + (isRight ? 1 : -1), 7, { colour: isBeyond ? BEYOND_TEXT : INK, align: isRight ? "right" : "left", weight: 600 });
    }
    const step = niceStep(high - low, 5, VALUE_STEPS);
    for (let v = Math.ceil(low / step) * step; v <= high; v += step) if (x(v) > 12 && x(v) < w - 12) text(g, compact(Math.abs(v) < step / 1e6 ? 0 : v), x(v), bottom + 12, { align: "center" });
  }
  function moveTo(index) {
    at = Math.max(0, Math.min(d.centre.length - 1, index));
    slider.value = String(at);
    drawCursor();
    drawProfile();
    showValues();
  }
  function redraw() { drawStage(); moveTo(at); drawNull(); }

  // ---- choosing ----------------------------------------------------------------------------
  const index = sources.map((source, i) => load(i)).map((r, i) => ({ i, recording: r.recording, signal: r.signal, title: r.title }));
  const names = [...new Set(index.map((r) => r.recording))];
  const pickRecording = byId("pick-recording"), pickSignal = byId("pick-signal"), pickStatistic = byId("pick-statistic");
  const option = (label, value) => { const o = document.createElement("option"); o.textContent = label; o.value = value; return o; };
  function show(i) {
    const keep = d ? pickStatistic.value : null;
    current = i;
    d = load(i);
    if (pickRecording) {
      pickRecording.value = d.recording;
      const mine = index.filter((r) => r.recording === d.recording);
      pickSignal.replaceChildren(...mine.map((r) => option(r.title, String(r.i))));
      pickSignal.value = String(i);
      byId("signal-label").hidden = index.every((r) => r.signal === index[0].signal);
    }
    pickStatistic.replaceChildren(...d.statistics.map((s) => option(s.title, s.name)));
    if (keep && d.statistics.some((s) => s.name === keep)) pickStatistic.value = keep;
    const main = d.statistics[0];
    byId("verdict").textContent = main.p === null ? "not tested against surrogates" : `z = ${number(main.z)} against surrogates, ${formatP(main.p)}${d.episodes.length ? `; ${d.episodes.length} ${d.episodes.length === 1 ? "episode" : "episodes"} beyond chance` : ""}`;
    slider.max = String(d.centre.length - 1);
    const best = d.running.reduce((b, v, k) => (v !== null && (d.running[b] === null || v > d.running[b]) ? k : b), 0);
    at = best;
    stage.setAttribute("aria-label", `${d.recording}, ${d.title}: signals of ${d.roles[0]} and ${d.roles[1]}, running synchrony and lag map`);
    redraw();
  }
  byId("viewer-body").hidden = false;
  if (pickRecording) {
    pickRecording.replaceChildren(...names.map((name) => option(name, name)));
    pickRecording.addEventListener("change", () => {
      const same = index.find((r) => r.recording === pickRecording.value && r.signal === d.signal);
      show((same ?? index.find((r) => r.recording === pickRecording.value)).i);
    });
    pickSignal.addEventListener("change", () => show(Number(pickSignal.value)));
    byId("previous").addEventListener("click", () => show((current + sources.length - 1) % sources.length));
    byId("next").addEventListener("click", () => show((current + 1) % sources.length));
    document.querySelectorAll("#summary tbody tr").forEach((row) => {
      const cell = row.cells[0], button = document.createElement("button");
      button.type = "button";
      button.textContent = cell.textContent;
      button.setAttribute("aria-label", `Look into ${cell.textContent}`);
      button.addEventListener("click", () => { show(Number(row.dataset.viewer)); byId("viewer").scrollIntoView(); });
      cell.replaceChildren(button);
    });
  }
  slider.addEventListener("input", () => moveTo(Number(slider.value)));
  pickStatistic.addEventListener("change", drawNull);
  const area = byId("canvases");
  const scrub = (event) => {
    const time = d.span[0] + ((event.clientX - area.getBoundingClientRect().left - place.left) / (place.w - place.left - place.right)) * (d.span[1] - d.span[0]);
    let nearest = 0;
    d.centre.forEach((c, i) => { if (Math.abs(c - time) < Math.abs(d.centre[nearest] - time)) nearest = i; });
    moveTo(nearest);
  };
  area.addEventListener("pointerdown", (event) => { area.setPointerCapture(event.pointerId); scrub(event); });
  area.addEventListener("pointermove", (event) => { if (event.buttons) scrub(event); });
  let wait = 0;
  window.addEventListener("resize", () => { cancelAnimationFrame(wait); wait = requestAnimationFrame(redraw); });
  show(0);
})();
