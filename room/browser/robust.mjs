// What a room must bear: node browser/robust.mjs PYTHON DATABASE PORT SCENARIO [FOLDER FOR PICTURES]
// Starts a server on that port (the next one is that of a network to cut), plays one of the scenarios below and prints what was seen as one JSON line.
// Fails when the page throws or overflows, or when something does not come about.
import { spawn } from "node:child_process";
import net from "node:net";
import axe from "axe-core";
import { chromium } from "playwright-core";

const [python, database, port, scenario, pictures] = process.argv.slice(2);
const address = `http://127.0.0.1:${port}/`;
const LOST = "Reconnecting; nothing is lost.";
const NOTE = "I wonder whether it is hard to be asked, when asking was never safe. ";
let server;
async function start() {
  server = spawn(python, ["-m", "bowlby", "practise", "--no-browser", "--port", port, "--database", database]);
  for (;;) {
    try { if ((await fetch(`${address}healthz`)).ok) return; } catch { await new Promise((done) => setTimeout(done, 200)); }
  }
}
// What is compiled is no matter of these scenarios.
async function warm() {
  // A busy server may close a line that was kept open: that is asked again.
  while (((await ask("ready").catch(() => null))?.share ?? 0) < 1) await new Promise((done) => setTimeout(done, 200));
}
async function kill() {
  const gone = new Promise((done) => server.once("exit", done));
  server.kill("SIGKILL");
  await gone;
}
async function ask(path, body) {
  const options = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`${address}api/${path}`, options);
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return answer.json();
}
const begin = async (wanted) => (await ask("courses", { client: "mara", mode: "visible", minutes: 15, sessions: 2, seed: 3, ...wanted })).course.id;
const turns = async (course) => (await ask(`courses/${course}`)).turns;

// Chromium's own "offline" leaves open sockets open; this cuts them.
function network() {
  const ends = new Set();
  const between = net.createServer((one) => {
    const other = net.connect(Number(port), "127.0.0.1");
    for (const [from, to] of [[one, other], [other, one]]) {
      ends.add(from);
      from.on("error", () => to.destroy()).on("close", () => { ends.delete(from); to.destroy(); }).pipe(to);
    }
  });
  return {
    address: `http://127.0.0.1:${Number(port) + 1}/`,
    mend: () => new Promise((done) => between.listen(Number(port) + 1, "127.0.0.1", done)),
    cut: () => new Promise((done) => { between.close(done); for (const end of ends) end.destroy(); }),
  };
}

const found = { errors: [], overflow: [], serious: [] };
let browser;
async function open(hash, options = {}, at = address) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.on("pageerror", (e) => found.errors.push(String(e)));
  await page.goto(`${at}${hash}`);
  return page;
}
async function look(page, name) {
  for (const [kind, width, height] of [["wide", 1366, 768], ["phone", 390, 844]]) {
    await page.setViewportSize({ width, height });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (over > 0) found.overflow.push(`${name} ${kind}: ${over}px`);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => window.axe.run());
      for (const v of violations.filter((v) => ["serious", "critical"].includes(v.impact))) found.serious.push(`${name} ${colorScheme}: ${v.id} ${v.nodes[0].target}`);
      if (pictures) await page.screenshot({ path: `${pictures}/${name}-${kind}-${colorScheme}.png`, fullPage: kind === "phone" });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1366, height: 768 });
}
const minute = (page, n) => page.locator("p.top", { hasText: `minute ${n} of 15` }).waitFor();
const top = async (page, selector) => (await page.locator(selector).first().boundingBox()).y;

const scenarios = {
  async tabs() {
    const course = await begin();
    const [one, two] = [await open(`#/room/${course}`), await open(`#/room/${course}`)];
    await minute(one, 0); await minute(two, 0);
    for (let n = 1; n <= 6; n += 1) {
      await (n % 2 ? one : two).keyboard.press(String(n));
      await minute(one, n); await minute(two, n);
    }
    const words = (page) => page.locator(".words").innerText();
    return { same: (await words(one)) === (await words(two)), turns: (await turns(course)).length - 1 };
  },

  async killed() {
    const course = await begin();
    const page = await open(`#/room/${course}`);
    await minute(page, 0);
    for (let n = 1; n <= 3; n += 1) { await page.keyboard.press("2"); await minute(page, n); }
    const before = await turns(course);
    // To be written in, the field comes into view; what moves after that is the banner's doing.
    await page.getByLabel(/Your own words/).fill("kept");
    const still = await top(page, ".moves");
    await kill();
    await page.getByText(LOST).waitFor();
    const jump = (await top(page, ".moves")) - still;
    await look(page, "reconnecting");
    await page.getByRole("button", { name: /^Validate/ }).click();
    await page.getByRole("alert").waitFor();
    await look(page, "unreachable");
    const note = await page.getByLabel(/Your own words/).inputValue();
    await start();
    await page.locator(".toast").waitFor({ state: "hidden" });
    const after = await turns(course);
    await page.getByRole("button", { name: /^Validate/ }).click();
    await minute(page, 4);
    return { same: JSON.stringify(after) === JSON.stringify(before), jump, note, said: (await turns(course))[4].said };
  },

  async network() {
    const course = await begin();
    const wire = network();
    await wire.mend();
    const page = await open(`#/room/${course}`, {}, wire.address);
    await minute(page, 0);
    await page.keyboard.press("1"); await minute(page, 1);
    await page.getByLabel(/Your own words/).fill("kept");
    await wire.cut();
    await page.getByText(LOST).waitFor();
    await page.getByRole("button", { name: /^Mirror/ }).click();
    await page.getByRole("alert").waitFor();
    const offline = (await turns(course)).length - 1;
    await ask(`courses/${course}/turns`, { move: "validate", turn: 2 });
    await wire.mend();
    await page.locator(".toast").waitFor({ state: "hidden" });
    await minute(page, 2);
    await page.getByRole("button", { name: /^Mirror/ }).click();
    await minute(page, 3);
    await wire.cut();
    const { said, move } = (await turns(course))[3];
    return { offline, said, move };
  },

  async held() {
    const course = await begin();
    const page = await open(`#/room/${course}`);
    await minute(page, 0);
    const holds = async (key) => {
      for (let n = 0; n < 40; n += 1) { await page.keyboard.down(key); await page.waitForTimeout(33); }
      await page.keyboard.up(key);
      return (await turns(course)).length - 1;
    };
    const held = await holds("2");
    await page.getByRole("button", { name: /^Take back/ }).click();
    await minute(page, 0);
    const focus = await page.evaluate(() => document.activeElement.id);
    const left = (await turns(course)).length - 1;
    await page.getByRole("button", { name: /^Mirror/ }).focus();
    return { held, left, focus, entered: await holds("Enter") };
  },

  async live() {
    const course = await begin();
    const page = await open(`#/room/${course}`, { reducedMotion: "no-preference" });
    await minute(page, 0);
    await page.getByLabel(/Live:/).check();
    await minute(page, 1);
    await page.keyboard.press("4");
    const chosen = await page.locator('[aria-pressed="true"]').innerText();
    const points = async () => (await page.locator("path.client").getAttribute("d")).split("L").length;
    const early = await points();
    await page.waitForTimeout(1500);
    const drawn = (await points()) - early;
    await minute(page, 2);
    const waits = await page.locator('[aria-pressed="true"]').count();
    await page.getByLabel(/Live:/).uncheck();
    await look(page, "live");
    return { moves: (await turns(course)).slice(1, 3).map((t) => t.move), chosen, waits, drawn };
  },

  async note() {
    const course = await begin();
    const page = await open(`#/room/${course}`);
    await minute(page, 0);
    const long = [NOTE.repeat(40).slice(0, 2000).trim(), "w".repeat(2000)];
    for (const [n, note] of long.entries()) {
      await page.getByLabel(/Your own words/).fill(note);
      if (!n) await look(page, "typing");
      await page.getByRole("button", { name: /^Wonder/ }).click();
      await minute(page, n + 1);
    }
    await look(page, "long-note");
    const kept = (await turns(course)).slice(1).every((turn, n) => turn.said === long[n]);
    await ask(`courses/${course}/close`, {});
    await page.getByRole("link", { name: /To supervision/ }).click();
    await page.getByRole("heading", { name: "Moments that mattered" }).waitFor({ timeout: 60000 });
    await look(page, "long-note-supervision");
    return { kept };
  },

  async german() {
    const course = await begin({ client: "ruth", language: "de" });
    const page = await open(`#/room/${course}`);
    await page.getByRole("button", { name: /^Reparieren/ }).waitFor();
    await look(page, "german");
    const cut = await page.evaluate(() => [...document.querySelectorAll(".moves button")].filter((b) => b.scrollWidth > b.clientWidth).map((b) => b.innerText));
    const spoken = await page.evaluate(() => document.documentElement.lang);
    await page.getByLabel("Sprache").selectOption("en");
    await page.getByRole("button", { name: /^Repair/ }).waitFor();
    return { cut, spoken };
  },

  async ended() {
    const course = await begin({ client: "ruth", mode: "hidden", sessions: 1 });
    for (let turn = 1; turn <= 15; turn += 1) await ask(`courses/${course}/turns`, { move: turn % 3 ? "validate" : "hold", turn });
    const page = await open(`#/room/${course}`);
    await page.getByText("The course has ended.").waitFor();
    await look(page, "ended");
    const moves = await page.locator(".moves").count();
    const early = await page.getByRole("link", { name: /What became of/ }).count();
    await page.getByLabel("Formulation").fill("She leans, and is met.");
    await page.getByLabel("History").selectOption("secure");
    await page.getByRole("button", { name: "To supervision" }).click();
    await page.getByText("You wrote").waitFor({ timeout: 60000 });
    await look(page, "ended-supervision");
    const next = await page.getByRole("button", { name: /Next session/ }).count();
    await page.goto(`${address}#/room/${course}`);
    await page.getByRole("link", { name: "To supervision of session 1" }).waitFor();
    return { moves, early, next, forms: await page.locator("form").count() };
  },
};

try {
  await start();
  await warm();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  Object.assign(found, await scenarios[scenario]());
} finally {
  await browser?.close();
  await kill();
}
console.log(JSON.stringify(found));
process.exit(found.errors.length || found.overflow.length || found.serious.length ? 1 : 0);
