"use strict";
(() => {
  const sources = [...document.querySelectorAll("script.story-data")];
  if (!sources.length) return;
  const INK = "#1d2730", MUTED = "#55616c", HAIR = "#cfd5da", FAINT = "#edf0f2";
  const FIRST = "#0067a0", SECOND = "#b34d00", REPAIRED = "#009e73", UNREPAIRED = "#d55e00";
  const MODELS = { "old model": "#9aa5b0", "new model": "#009e73" }, OTHER_MODEL = "#56b4e9";
  const WASH = { childhood: "#f4f1ea", therapy: "#ffffff" };
  const FAILURES = new Set(["loom", "dismiss"]);
  const DISTRESS = ["#f1f4f6", "#c5d7e4", "#6d9cbe", "#0f4f7a"];
  const FONT = getComputedStyle(document.body).fontFamily;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const byId = (id) => document.getElementById(id);
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const clock = (s) => `${Math.floor(s / 60)}:${String(Math.round(s % 60)).padStart(2, "0")}`;
  const number = (v, digits = 2) => {
    if (!Number.isFinite(v)) return "–";
    const shown = v.toFixed(digits);
    return Number(shown) === 0 ? shown.replace("-", "") : shown.replace("-", "−");
  };
  const share = (v) => number(v).replace(/^0/, "");

  // ---- drawing -------------------------------------------------------------------------------
  function fit(canvas, height) {
    const w = canvas.parentElement.clientWidth, ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(w * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
    const g = canvas.getContext("2d");
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, w, height);
    g.lineJoin = "round";
    return { g, w };
  }
  function text(g, content, x, y, { colour = MUTED, align = "left", base = "middle", weight = 400, size = 12 } = {}) {
    g.font = `${weight} ${size}px ${FONT}`;
    g.fillStyle = colour;
    g.textAlign = align;
    g.textBaseline = base;
    g.fillText(content, x, y);
    return g.measureText(content).width;
  }
  function path(g, xs, ys, colour, width) {
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.beginPath();
    let isDown = false;
    for (let i = 0; i < xs.length; i++) {
      if (!Number.isFinite(ys[i])) { isDown = false; continue; }
      if (isDown) g.lineTo(xs[i], ys[i]); else g.moveTo(xs[i], ys[i]);
      isDown = true;
    }
    g.stroke();
  }
  const STEPS = [-4, -3, -2, -1, 0, 1, 2, 3, 4].flatMap((e) => [1, 2, 5].map((m) => m * 10 ** e));
  const compact = (v) => `${+v.toPrecision(3)}`.replace("-", "−");
  function valueTicks(g, y, low, high, left, right, count) {
    const step = STEPS.find((s) => (high - low) / s <= count) ?? STEPS[STEPS.length - 1];
    for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + 1e-9; v += step) {
      const value = Math.abs(v) < step / 1e6 ? 0 : v;
      g.fillStyle = value === 0 ? HAIR : FAINT;
      g.fillRect(left, Math.round(y(v)), right - left, 1);
      text(g, compact(value), left - 6, y(v), { align: "right", size: 11 });
    }
  }
  // Title, unit and the names of the lines in one row above a panel; a second row where it is narrow.
  function heading(g, title, unit, keys, left, top, right) {
    let x = left + text(g, title, left, top, { colour: INK, weight: 640, size: 12.5 }) + 8;
    if (unit) x += text(g, unit, x, top, { size: 11.5 }) + 14;
    for (const [label, colour, shape] of keys) {
      g.font = `400 11.5px ${FONT}`;
      const wide = g.measureText(label).width + 26;
      if (x + wide > right + 8) { x = left; top += 15; }
      g.fillStyle = colour;
      if (shape === "line") g.fillRect(x, top - 1, 12, 2.5);
      else if (shape === "area") g.fillRect(x, top - 5, 11, 10);
      else rupture(g, x + 6, top + 4, shape === "repaired");
      text(g, label, x + 15, top, { size: 11.5 });
      x += wide;
    }
  }
  function rupture(g, x, y, isRepaired) {
    g.beginPath();
    g.moveTo(x - 4.5, y - 8); g.lineTo(x + 4.5, y - 8); g.lineTo(x, y); g.closePath();
    g.fillStyle = isRepaired ? REPAIRED : "#fff";
    g.strokeStyle = isRepaired ? REPAIRED : UNREPAIRED;
    g.lineWidth = 1.4;
    g.fill(); g.stroke();
  }
  // Edges on whole device pixels, so that neighbouring cells leave no seam.
  const sharp = (v) => { const ratio = window.devicePixelRatio || 1; return Math.round(v * ratio) / ratio; };
  function cell(g, x0, x1, y0, y1) {
    const [a, b, c, e] = [x0, x1, y0, y1].map(sharp);
    g.fillRect(a, c, b - a, e - c);
  }
  function headingRows(g, title, unit, keys, width) {
    g.font = `640 12.5px ${FONT}`;
    let x = g.measureText(title).width + 8, rows = 1;
    g.font = `400 11.5px ${FONT}`;
    if (unit) x += g.measureText(unit).width + 14;
    for (const [label] of keys) {
      const wide = g.measureText(label).width + 26;
      if (x + wide > width + 8) { x = 0; rows += 1; }
      x += wide;
    }
    return rows;
  }

  // ---- data ----------------------------------------------------------------------------------
  function unpack(pack) {
    const unit = (pack.high - pack.low) / 254;
    return Float32Array.from(bytes(pack.data), (c) => (c === 255 ? NaN : pack.low + c * unit));
  }
  const cache = new Map();
  function load(index) {
    if (cache.has(index)) return cache.get(index);
    const story = JSON.parse(sources[index].textContent), t = story.ticks;
    if (t) {
      for (const name of Object.keys(t.numbers)) t.numbers[name] = unpack(t.numbers[name]);
      for (const name of Object.keys(t.codes)) t.codes[name] = bytes(t.codes[name]);
      for (const name of ["arousal", "heard", "belief"]) if (t[name]) t[name] = t[name].map(unpack);
      const used = t.codes.intervention ? new Set(t.codes.intervention) : new Set();
      t.used = t.interventions.map((_, i) => i).filter((i) => used.has(i));
    }
    cache.set(index, story);
    return story;
  }
  const modelColour = (name) => MODELS[name] ?? OTHER_MODEL;

  // ---- the course ----------------------------------------------------------------------------
  let d = null, at = 0, tick = 0, course = null, session = null, timer = 0;
  const stage = byId("course"), cursor = byId("course-cursor"), slider = byId("encounter");
  const minutes = byId("session"), minute = byId("session-cursor"), scrub = byId("tick");

  function drawCourse() {
    const width = stage.parentElement.clientWidth, isSmall = width < 520;
    const left = isSmall ? 38 : 46, right = width - 8;
    const panels = d.panels.filter((p) => !p.extra || byId("more").checked);
    const probe = stage.getContext("2d"), boxes = [];
    let y = 22;
    for (const panel of panels) {
      const keys = panel.lines.length > 1 ? panel.lines.map((l) => [l.label, l.colour, panel.stack ? "area" : "line"]) : [];
      if (panel.name === "trust" && d.ruptures.some((n) => n > 0)) keys.push(["rupture, repaired", "", "repaired"], ["not repaired", "", "open"]);
      const rows = headingRows(probe, panel.title, panel.unit, keys, right - left);
      const top = y + 15 * rows + 3, h = panel.name === "trust" ? 84 : isSmall ? 58 : 62;
      boxes.push({ panel, keys, heading: y + 7, top, h, bottom: top + h });
      y = top + h + 15;
    }
    const total = y + 14;
    const { g, w } = fit(stage, total);
    fit(cursor, total);
    const x = (p) => left + p * (right - left);
    const last = boxes[boxes.length - 1].bottom;
    for (const [name, start, end] of d.phases) {
      const wide = x(end) - x(start);
      g.fillStyle = WASH[name] ?? "#f4f6f8";
      for (const box of boxes) g.fillRect(x(start), box.top, wide, box.h);
      g.font = `400 12px ${FONT}`;
      const label = g.measureText(name).width > wide - 4 ? `${name.slice(0, Math.max(2, Math.floor(wide / 7) - 1))}.` : name;
      text(g, label, x(start) + wide / 2, 9, { align: "center" });
    }
    for (const box of boxes) drawPanel(g, box, x, left, right);
    g.fillStyle = HAIR;
    for (const [, start] of d.phases.slice(1)) for (const box of boxes) g.fillRect(Math.round(x(start)), box.top, 1, box.h);
    let free = -Infinity;
    for (const [p, label] of d.axis) {
      g.font = `400 11px ${FONT}`;
      const half = g.measureText(label).width / 2;
      if (x(p) - half < free) continue;
      g.fillStyle = HAIR;
      g.fillRect(x(p), last, 1, 4);
      text(g, label, Math.min(x(p), w - half - 1), last + 13, { align: "center", size: 11 });
      free = x(p) + half + 4;
    }
    course = { x, left, right, boxes, last, total };
    slider.style.marginLeft = `${left - 8}px`;
    slider.style.width = `calc(100% - ${left - 8}px)`;
  }
  function drawPanel(g, box, x, left, right) {
    const { panel } = box;
    const y = (v) => box.bottom - ((v - panel.low) / (panel.high - panel.low)) * box.h;
    box.y = y;
    heading(g, panel.title, panel.unit, box.keys, left, box.heading, right);
    if (panel.stack) {
      text(g, "1", left - 6, box.top + 4, { align: "right", size: 11 });
      text(g, "0", left - 6, box.bottom - 3, { align: "right", size: 11 });
      for (const [, start, end, first, final] of d.phases) {
        const wide = (x(end) - x(start)) / (final - first + 1);
        for (let i = first; i <= final; i++) {
          let from = 0;
          for (const line of panel.lines) {
            if (line.v[i] === null) continue;
            const a = x(start) + (i - first) * wide;
            g.fillStyle = line.colour;
            cell(g, a, a + wide, y(from + line.v[i]), y(from));
            from += line.v[i];
          }
        }
      }
    } else {
      valueTicks(g, y, panel.low, panel.high, left, right, 3);
      for (const line of panel.lines) {
        for (const [, , , first, final] of d.phases) {
          const xs = d.x.slice(first, final + 1).map(x), ys = line.v.slice(first, final + 1).map((v) => (v === null ? NaN : y(v)));
          path(g, xs, ys, line.colour, 1.7);
          g.fillStyle = line.colour;
          if (xs.length < 40) xs.forEach((p, i) => { if (Number.isFinite(ys[i])) { g.beginPath(); g.arc(p, ys[i], 1.9, 0, 7); g.fill(); } });
        }
      }
    }
    if (panel.name === "trust") {
      d.ruptures.forEach((count, i) => {
        if (!count) return;
        rupture(g, x(d.x[i]), box.bottom - 3, d.repairs[i] >= count);
      });
    }
    g.fillStyle = HAIR;
    g.fillRect(left, box.bottom, right - left, 1);
  }
  function drawCursor() {
    const { g } = fit(cursor, course.total);
    const p = course.x(d.x[at]);
    for (const box of course.boxes) {
      g.fillStyle = INK;
      g.fillRect(p - 0.75, box.top, 1.5, box.h);
      if (box.panel.stack) continue;
      for (const line of box.panel.lines) {
        if (line.v[at] === null) continue;
        g.beginPath();
        g.arc(p, box.y(line.v[at]), 4.5, 0, 7);
        g.fillStyle = line.colour;
        g.fill();
        g.lineWidth = 2;
        g.strokeStyle = "#fff";
        g.stroke();
      }
    }
  }
  function rows(list, pairs) {
    list.replaceChildren(...pairs.flatMap(([term, value]) => {
      const dt = document.createElement("dt"), dd = document.createElement("dd");
      dt.textContent = term;
      dd.textContent = value;
      return [dt, dd];
    }));
  }
  function goTo(index) {
    stop();
    at = Math.max(0, Math.min(d.x.length - 1, index));
    slider.value = String(Math.round(1000 * d.x[at]));
    const here = d.encounters[at];
    byId("encounter-title").textContent = here.title;
    byId("encounter-line").textContent = here.line;
    rows(byId("encounter-values"), here.values);
    slider.setAttribute("aria-valuetext", `${here.title}. ${here.line}`);
    drawCursor();
    showSession();
  }

  // ---- one encounter, tick by tick -----------------------------------------------------------
  const rowOf = () => (d.ticks ? d.ticks.which.indexOf(at) : -1);
  function showSession() {
    const row = rowOf(), here = d.encounters[at], hasTicks = row >= 0 && d.ticks.length[row] > 0;
    byId("session-title").textContent = hasTicks ? `Tick by tick: ${here.title}` : "Tick by tick";
    byId("session-body").hidden = !hasTicks;
    byId("no-ticks").hidden = hasTicks;
    if (!hasTicks) {
      byId("no-ticks-line").textContent = d.ticks ? `No ticks were kept of this part (${here.title}).` : "This run kept encounters, not ticks.";
      byId("nearest").hidden = !d.ticks;
      return;
    }
    scrub.max = String(d.ticks.length[row] - 1);
    drawSession();
    moveTick(Math.min(tick, d.ticks.length[row] - 1));
  }
  const isChild = () => d.phases.some(([name, , , a, b]) => name === "childhood" && at >= a && at <= b);
  const people = () => (isChild() ? ["child", "caregiver"] : ["client", "therapist"]);
  const upper = (word) => word[0].toUpperCase() + word.slice(1);

  function drawSession() {
    const t = d.ticks, row = rowOf(), n = t.length[row], base = row * t.count;
    const width = minutes.parentElement.clientWidth, isSmall = width < 520;
    const left = isSmall ? 76 : 92, right = width - 8, [who, other] = people();
    const x = (k) => left + (k / n) * (right - left);
    const mids = Array.from({ length: n }, (_, k) => x(k + 0.5));
    const list = [];
    const add = (name, title, unit, keys, h, draw) => list.push({ name, title, unit, keys, h, draw });
    if (t.arousal) add("arousal", "Arousal", isSmall ? "0: set point" : "two bodies, 0 is each one's set point", [[who, FIRST, "line"], [other, SECOND, "line"]], isSmall ? 96 : 118, drawArousal);
    if (t.codes.distress) add("distress", `${upper(who)} feels`, "", t.distress.map((word, i) => [word, DISTRESS[i], "area"]), 14, drawDistress);
    if (t.codes.action) add("action", `${upper(who)} does`, "", [], 13 * t.actions.length, (g, box) => drawRoll(g, box, "action", t.actions.map((_, i) => i), t.actions, FIRST));
    if (t.used.length && !isChild()) add("intervention", `${upper(other)} does`, "", [], 13 * t.used.length, (g, box) => drawRoll(g, box, "intervention", t.used, t.interventions, SECOND));
    if (t.heard) add("heard", `${upper(other)} is heard as`, "", t.stances.map(([word, , colour]) => [word, colour, "area"]), 54, (g, box) => drawStack(g, box, t.heard, t.stances.map((s) => s[2])));
    const lines = [["trust", INK], ["mentalising", "#cc79a7"], ["contact", "#56b4e9"]].filter(([name]) => t.numbers[name]);
    if (lines.length) add("mind", "Mind", "0 to 1", lines.map(([name, colour]) => [name, colour, "line"]), 66, (g, box) => drawMind(g, box, lines));
    if (t.belief) add("belief", "Relational models", "belief", t.models.map((m) => [m, modelColour(m), "area"]), 34, (g, box) => drawStack(g, box, t.belief, t.models.map(modelColour)));
    const probe = minutes.getContext("2d");
    let y = 4;
    for (const box of list) {
      box.heading = y + 7;
      box.top = y + 15 * headingRows(probe, box.title, box.unit, box.keys, right - left) + 3;
      box.bottom = box.top + box.h;
      y = box.bottom + 13;
    }
    const total = y + 14, last = list[list.length - 1].bottom;
    const { g } = fit(minutes, total);
    fit(minute, total);
    const ruptured = t.codes.ruptured;
    if (ruptured) {
      for (let k = 0, from = -1; k <= n; k++) {
        const isIn = k < n && ruptured[base + k] === 1;
        if (isIn && from < 0) from = k;
        if (!isIn && from >= 0) {
          g.fillStyle = "rgba(213,94,0,.13)";
          for (const box of list) g.fillRect(x(from), box.top, Math.max(2, x(k) - x(from)), box.h);
          text(g, "rupture", Math.min(x(from) + 3, right - 42), list[0].top + 8, { colour: SECOND, size: 11 });
          from = -1;
        }
      }
    }
    session = { x, left, right, n, base, mids, total, last, list };
    for (const box of list) {
      heading(g, box.title, box.unit, box.keys, left, box.heading, right);
      box.draw(g, box);
      g.fillStyle = HAIR;
      g.fillRect(left, box.bottom, right - left, 1);
    }
    const length = n * t.tickSeconds, step = [60, 120, 300, 600, 1200].find((s) => length / s <= 8) ?? 1800;
    for (let s = 0; s <= length; s += step) {
      const p = x(s / t.tickSeconds);
      g.fillStyle = HAIR;
      g.fillRect(p, last, 1, 4);
      text(g, clock(s), p, last + 13, { align: p > right - 14 ? "right" : "center", size: 11 });
    }
    scrub.style.marginLeft = `${left - 8}px`;
    scrub.style.width = `calc(100% - ${left - 8}px)`;
  }
  function drawArousal(g, box) {
    const t = d.ticks, { x, n, base, left, right } = session, from = base * t.seconds, to = from + n * t.seconds;
    const mine = t.arousal.map((values) => values.subarray(from, to));
    let low = 0, high = 0.5;
    for (const values of mine) for (const v of values) { if (v < low) low = v; if (v > high) high = v; }
    const pad = 0.05 * (high - low), y = (v) => box.bottom - ((v - low + pad) / (high - low + 2 * pad)) * box.h;
    valueTicks(g, y, low, high, left, right, 4);
    const xs = Array.from({ length: n * t.seconds }, (_, i) => x((i + 0.5) / t.seconds));
    mine.forEach((values, i) => path(g, xs, Array.from(values, y), i ? SECOND : FIRST, 1.2));
    box.marks = (k) => mine.map((values, i) => [y(values[Math.min(values.length - 1, Math.round((k + 0.5) * t.seconds))]), i ? SECOND : FIRST]);
  }
  function drawDistress(g, box) {
    const codes = d.ticks.codes.distress, { x, n, base } = session;
    for (let k = 0; k < n; k++) {
      g.fillStyle = DISTRESS[codes[base + k]] ?? "#fff";
      cell(g, x(k), x(k + 1), box.top, box.bottom);
    }
  }
  function drawRoll(g, box, name, shown, words, colour) {
    const codes = d.ticks.codes[name], { x, n, base, left, right } = session, tall = box.h / shown.length;
    shown.forEach((code, line) => {
      const y = box.top + line * tall;
      text(g, words[code][0], left - 6, y + tall / 2, { align: "right", size: 11 });
      g.fillStyle = FAINT;
      g.fillRect(left, y + tall / 2, right - left, 1);
      g.fillStyle = FAILURES.has(words[code][0]) ? INK : words[code][2] || colour;
      for (let k = 0; k < n; k++) if (codes[base + k] === code) g.fillRect(x(k), y + 1.5, Math.max(1, x(k + 1) - x(k)) + 0.3, tall - 3);
    });
  }
  function drawStack(g, box, layers, colours) {
    const { x, n, base } = session;
    for (let k = 0; k < n; k++) {
      let from = box.bottom;
      layers.forEach((layer, i) => {
        const tall = layer[base + k] * box.h;
        if (!Number.isFinite(tall)) return;
        g.fillStyle = colours[i];
        cell(g, x(k), x(k + 1), Math.max(box.top, from - tall), from);
        from -= tall;
      });
    }
  }
  function drawMind(g, box, lines) {
    const { mids, n, base, left, right } = session, y = (v) => box.bottom - v * box.h;
    valueTicks(g, y, 0, 1, left, right, 2);
    const drawn = lines.map(([name, colour]) => [Array.from(d.ticks.numbers[name].subarray(base, base + n), y), colour]);
    [...drawn].reverse().forEach(([ys, colour], i) => path(g, mids, ys, colour, i === drawn.length - 1 ? 2 : 1.2));
    box.marks = (k) => drawn.slice(0, 2).map(([ys, colour]) => [ys[k], colour]);
  }
  function sentence(k) {
    const t = d.ticks, i = session.base + k, [who, other] = people(), parts = [];
    const feels = t.codes.distress ? t.distress[t.codes.distress[i]] : "", does = t.codes.action ? t.actions[t.codes.action[i]]?.[1] : "";
    const state = [feels, does].filter(Boolean).join(", ");
    if (state) parts.push(`${upper(who)}: ${state}.`);
    const act = t.codes.intervention ? t.interventions[t.codes.intervention[i]]?.[1] : undefined;
    let heard = "";
    if (t.heard) {
      const p = t.heard.map((layer) => layer[i]), best = p.indexOf(Math.max(...p));
      if (best >= 0) heard = `heard as ${t.stances[best][0]} ${share(p[best])}`;
    }
    if (act && !isChild()) parts.push(`${upper(other)} ${act}${heard ? `; ${heard}` : ""}.`);
    else if (heard) parts.push(`${upper(other)}: ${heard}.`);
    if (t.numbers.trust) parts.push(`Trust ${share(t.numbers.trust[i])}.`);
    if (t.codes.ruptured?.[i] === 1) parts.push("The alliance is ruptured.");
    return parts.join(" ");
  }
  function moveTick(k) {
    const t = d.ticks, { x, n, base, list, total } = session;
    tick = Math.max(0, Math.min(n - 1, k));
    scrub.value = String(tick);
    const { g } = fit(minute, total), p = x(tick + 0.5);
    g.fillStyle = INK;
    for (const box of list) g.fillRect(p - 0.75, box.top, 1.5, box.h);
    for (const box of list) for (const [y, colour] of box.marks?.(tick) ?? []) {
      if (!Number.isFinite(y)) continue;
      g.beginPath();
      g.arc(p, y, 4.5, 0, 7);
      g.fillStyle = colour;
      g.fill();
      g.lineWidth = 2;
      g.strokeStyle = "#fff";
      g.stroke();
    }
    const time = clock(tick * t.tickSeconds), words = sentence(tick);
    byId("tick-time").textContent = time;
    byId("tick-line").textContent = words;
    scrub.setAttribute("aria-valuetext", `${time}. ${words}`);
    const extra = [], i = base + tick;
    if (t.arousal) people().forEach((name, k2) => extra.push([`arousal, ${name}`, number(t.arousal[k2][i * t.seconds + Math.floor(t.seconds / 2)])]));
    for (const [name, label, digits] of [["mentalising", "mentalising", 2], ["contact", "contact", 2], ["learning_rate", "learning rate", 4]]) {
      if (t.numbers[name]) extra.push([label, number(t.numbers[name][i], digits)]);
    }
    if (t.numbers.free_energy_other) extra.push(["surprise at the other", `${number(t.numbers.free_energy_other[i])} nats`]);
    if (t.belief) t.models.forEach((name, k2) => { if (t.belief[k2][i] > 0.02) extra.push([name, share(t.belief[k2][i])]); });
    rows(byId("tick-values"), extra);
  }

  // ---- playing -------------------------------------------------------------------------------
  const play = byId("play");
  function stop() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
    byId("tick-words").setAttribute("aria-live", "polite");
  }
  play.addEventListener("click", () => {
    if (timer) { stop(); return; }
    if (tick >= session.n - 1) tick = -1;
    play.textContent = "Pause";
    byId("tick-words").setAttribute("aria-live", "off");
    timer = setInterval(() => { if (tick >= session.n - 1) stop(); else moveTick(tick + 1); }, isCalm ? 900 : 250);
  });

  // ---- choosing ------------------------------------------------------------------------------
  const pick = byId("pick-story");
  function show(index) {
    d = load(index);
    at = d.start;
    byId("more-label").hidden = !d.panels.some((p) => p.extra);
    document.querySelectorAll("[data-story]").forEach((part) => { part.hidden = Number(part.dataset.story) !== index; });
    drawCourse();
    goTo(at);
  }
  function nearest() {
    return d.ticks.which.reduce((best, i) => (Math.abs(i - at) < Math.abs(best - at) ? i : best), d.ticks.which[0]);
  }
  byId("viewer-body").hidden = false;
  byId("session-section").hidden = false;
  // The slider stands on the axis, where encounters are not evenly spread: a drag goes to the
  // nearest encounter, a key to the next one.
  let isDragged = false;
  const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5, Home: -1e6, End: 1e6 };
  slider.addEventListener("pointerdown", () => { isDragged = true; });
  for (const type of ["pointerup", "pointercancel", "blur"]) slider.addEventListener(type, () => { isDragged = false; });
  slider.addEventListener("keydown", (event) => {
    if (!(event.key in KEYS)) return;
    event.preventDefault();
    goTo(at + KEYS[event.key]);
  });
  slider.addEventListener("input", () => {
    const value = Number(slider.value) / 1000, best = closest(value);
    goTo(best === at && !isDragged ? at + Math.sign(value - d.x[at]) : best);
  });
  const closest = (p) => d.x.reduce((best, v, i) => (Math.abs(v - p) < Math.abs(d.x[best] - p) ? i : best), 0);
  byId("previous").addEventListener("click", () => goTo(at - 1));
  byId("next").addEventListener("click", () => goTo(at + 1));
  byId("more").addEventListener("change", () => { drawCourse(); drawCursor(); });
  byId("nearest").addEventListener("click", () => goTo(nearest()));
  scrub.addEventListener("input", () => { stop(); moveTick(Number(scrub.value)); });
  if (pick) pick.addEventListener("change", () => show(pick.selectedIndex));
  function draggable(area, move) {
    area.addEventListener("pointerdown", (event) => { area.setPointerCapture(event.pointerId); move(event); });
    area.addEventListener("pointermove", (event) => { if (event.buttons) move(event); });
  }
  draggable(byId("course-area"), (event) => {
    const p = (event.clientX - byId("course-area").getBoundingClientRect().left - course.left) / (course.right - course.left);
    goTo(closest(p));
  });
  draggable(byId("session-area"), (event) => {
    const p = (event.clientX - byId("session-area").getBoundingClientRect().left - session.left) / (session.right - session.left);
    stop();
    moveTick(Math.floor(p * session.n));
  });
  let wait = 0;
  window.addEventListener("resize", () => { cancelAnimationFrame(wait); wait = requestAnimationFrame(() => { drawCourse(); drawCursor(); showSession(); }); });
  show(0);
})();
