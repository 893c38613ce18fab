// Two tabs, a server killed and started again, live mode, a long note, a course that has ended:
// node browser/robust.mjs PYTHON DATABASE PORT [FOLDER FOR PICTURES]
// Prints one JSON line; fails when something is lost, overflows or throws.
import { spawn } from "node:child_process";
import { chromium } from "playwright-core";

const [python, database, port, pictures] = process.argv.slice(2);
const address = `http://127.0.0.1:${port}/`;
let server;
async function start() {
  server = spawn(python, ["-m", "bowlby", "practise", "--no-browser", "--port", port, "--database", database]);
  for (;;) {
    try { if ((await fetch(`${address}healthz`)).ok) return; } catch { await new Promise((done) => setTimeout(done, 200)); }
  }
}
async function post(path, body) {
  const answer = await fetch(`${address}api/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return answer.json();
}

await start();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, reducedMotion: "reduce" });
const errors = [], overflow = [];
async function open(hash) {
  const page = await context.newPage();
  page.on("pageerror", (e) => errors.push(String(e)));
  await page.goto(`${address}${hash}`);
  return page;
}
async function look(page, name) {
  for (const [kind, width, height] of [["wide", 1366, 768], ["phone", 390, 844]]) {
    await page.setViewportSize({ width, height });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (over > 0) overflow.push(`${name} ${kind}: ${over}px`);
    if (pictures) await page.screenshot({ path: `${pictures}/${name}-${kind}.png`, fullPage: kind === "phone" });
  }
  await page.setViewportSize({ width: 1366, height: 768 });
}
const minute = (page, n) => page.locator("p.top", { hasText: `minute ${n} of 15` }).waitFor();

const course = (await post("courses", { client: "mara", mode: "visible", minutes: 15, sessions: 2, seed: 3 })).course.id;
const one = await open(`#/room/${course}`), two = await open(`#/room/${course}`);
await minute(one, 0); await minute(two, 0);
await one.keyboard.press("2"); await minute(one, 1); await minute(two, 1);
await two.keyboard.press("3"); await minute(two, 2); await minute(one, 2);

server.kill("SIGKILL");
await one.getByText("Reconnecting; nothing is lost.").waitFor();
await look(one, "reconnecting");
await one.keyboard.press("1");
await one.getByRole("alert").waitFor();
await start();
await one.getByText("Reconnecting; nothing is lost.").waitFor({ state: "hidden" });
await minute(one, 2);
await one.keyboard.press("1"); await minute(one, 3); await minute(two, 3);

const note = "I wonder whether it is hard to be asked. ".repeat(20).slice(0, 500);
await one.getByLabel(/Your own words/).fill(note);
await one.getByRole("button", { name: /Mentalise|Wonder/i }).first().click();
await minute(one, 4);
const kept = await one.getByText(note.trim().slice(0, 60)).count();
await look(one, "long-note");

await one.getByLabel(/live/).check();
await minute(one, 5);
await look(one, "live");
const points = async () => (await one.locator("path.client").getAttribute("d")).split("L").length;
await one.emulateMedia({ reducedMotion: "no-preference" });
await minute(one, 6);
const early = await points();
await one.waitForTimeout(1500);
const passed = (await points()) - early;
await one.getByLabel(/live/).uncheck();

const ended = (await post("courses", { client: "ruth", mode: "hidden", minutes: 15, sessions: 1, seed: 4 })).course.id;
for (let turn = 1; turn <= 15; turn += 1) await post(`courses/${ended}/turns`, { move: "validate", turn });
const last = await open(`#/room/${ended}`);
await last.getByText("The course has ended.").waitFor();
await look(last, "ended");

await browser.close();
server.kill("SIGKILL");
const isLive = passed >= 5 && passed <= 25;
console.log(JSON.stringify({ errors, overflow, kept, passed }));
process.exit(errors.length || overflow.length || !kept || !isLive ? 1 : 0);
