"""The page on which regions are drawn on a still of a video; it works offline."""

import base64
import html
from io import BytesIO

import numpy as np

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Who is where: {name}</title><link rel="icon" href="data:,">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1000px;
  padding: 0 1rem; color: #1d2730; }}
#stage {{ position: relative; display: inline-block; cursor: crosshair; touch-action: none; }}
#stage img {{ display: block; max-width: 100%; user-select: none; -webkit-user-drag: none; }}
.box {{ position: absolute; border: 3px solid; pointer-events: none; font-weight: 650; }}
.box span {{ background: #fff; padding: 0 .3em; }}
textarea {{ width: 100%; height: 9rem; font: 14px/1.4 ui-monospace, monospace; }}
label {{ margin-right: 1rem; }} button {{ font: inherit; }}
</style></head><body>
<h1>Who is where in {name}?</h1>
<p>Name a person, then drag a rectangle over all the places that this person reaches and the
other does not. Regions must not overlap. Leave some still background free: it tells the flicker
of lamps apart from movement. Motion energy is no speed: clothes with a pattern change more
pixels.</p>
<p><label>Person <input id="who" value="client" list="roles"></label>
<datalist id="roles"><option>client<option>therapist<option>mother<option>infant</datalist>
<button id="halves" type="button">Two halves</button>
<button id="clear" type="button">Begin anew</button></p>
<div id="stage"><img id="still" alt="A still of the video" src="data:image/png;base64,{picture}"
  width="{shown}"></div>
<h2>Save this as <code>{stem}.regions.toml</code> beside the video</h2>
<textarea id="toml" readonly aria-label="Regions to save"></textarea>
<p>Then: <code>bowlby motion {name}</code>. Delete this page afterwards: it holds a picture of
the people.</p>
<script>
const width = {width}, height = {height}, stage = document.getElementById("stage");
const colours = ["#0067a0", "#b34d00", "#00735a", "#7a3e9d"];
let regions = [], start = null;
function name() {{ return document.getElementById("who").value.trim() || "person"; }}
function at(event) {{
  const r = stage.getBoundingClientRect();
  const clip = (v, most) => Math.max(0, Math.min(most, Math.round(v)));
  return [clip((event.clientX - r.left) / r.width * width, width),
          clip((event.clientY - r.top) / r.height * height, height)];
}}
function show(extra) {{
  stage.querySelectorAll(".box").forEach(b => b.remove());
  regions.concat(extra ? [extra] : []).forEach((r, i) => {{
    const box = document.createElement("div"), label = document.createElement("span");
    box.className = "box";
    box.style.cssText = `left:${{100 * r.x / width}}%;top:${{100 * r.y / height}}%;` +
      `width:${{100 * r.w / width}}%;height:${{100 * r.h / height}}%;` +
      `border-color:${{colours[i % 4]}}`;
    label.textContent = r.who; box.append(label); stage.append(box);
  }});
  document.getElementById("toml").value = regions.map(r =>
    `[${{/^[A-Za-z0-9_-]+$/.test(r.who) ? r.who : JSON.stringify(r.who)}}]\\n` +
    `rectangle = [${{r.x}}, ${{r.y}}, ${{r.w}}, ${{r.h}}]\\n`).join("\\n");
}}
function box(a, b) {{
  return {{ who: name(), x: Math.min(a[0], b[0]), y: Math.min(a[1], b[1]),
    w: Math.abs(a[0] - b[0]), h: Math.abs(a[1] - b[1]) }};
}}
stage.addEventListener("pointerdown", e => {{
  start = at(e); stage.setPointerCapture(e.pointerId); e.preventDefault(); }});
stage.addEventListener("pointermove", e => {{ if (start) show(box(start, at(e))); }});
stage.addEventListener("pointerup", e => {{
  if (!start) return;
  const made = box(start, at(e)); start = null;
  if (made.w > 5 && made.h > 5) {{
    regions = regions.filter(r => r.who !== made.who).concat([made]);
    if (made.who === "client") document.getElementById("who").value = "therapist";
  }}
  show();
}});
document.getElementById("clear").onclick = () => {{ regions = []; show(); }};
document.getElementById("halves").onclick = () => {{
  const half = Math.floor(width * 0.475);
  regions = [{{ who: "client", x: 0, y: 0, w: half, h: height }},
             {{ who: "therapist", x: width - half, y: 0, w: half, h: height }}];
  show();
}};
</script></body></html>
"""


def page(name: str, still: np.ndarray) -> str:
    """The page with a still.

    Args:
        name: The video's file name.
        still: Grey values (height x width).
    """
    from matplotlib.image import imsave

    height, width = still.shape
    every = max(1, round(width / 960))
    file = BytesIO()
    imsave(file, still[::every, ::every], cmap="gray", vmin=0, vmax=255, format="png")
    return _PAGE.format(
        name=html.escape(name),
        stem=html.escape(name.rpartition(".")[0] or name),
        picture=base64.b64encode(file.getvalue()).decode(),
        shown=min(width, 960),
        width=width,
        height=height,
    )
