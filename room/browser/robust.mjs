// What a room must bear: node browser/robust.mjs PYTHON DATABASE PORT SCENARIO [FOLDER FOR PICTURES]
// Starts a server on that port (the next one is that of a network to cut), plays one of the scenarios below and prints what was seen as one JSON line.
// Fails when the page throws or something is wrong with it (looking.mjs), or when something does not come about.
import { spawn } from "node:child_process";
import net from "node:net";
import { launch, look as looked } from "./looking.mjs";

const [python, database, port, wanted, pictures] = process.argv.slice(2);
const [scenario, ...given] = wanted.split(" ");
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

const found = { errors: [], faults: [] };
let browser;
async function open(hash, options = {}, at = address) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60000);
  page.on("pageerror", (e) => found.errors.push(String(e)));
  await page.goto(`${at}${hash}`);
  return page;
}
const look = (page, name) => looked(page, name, found.faults, pictures);
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
    await page.getByRole("button", { name: "Stop" }).click();
    const stopped = (await turns(course)).length;
    await page.waitForTimeout(7000);
    const passed = (await turns(course)).length - stopped;
    await page.getByRole("button", { name: "Back to the session" }).click();
    await look(page, "live");
    return { moves: (await turns(course)).slice(1, 3).map((t) => t.move), chosen, waits, drawn, passed, live: await page.getByLabel(/Live:/).isChecked() };
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
    const course = await begin({ client: "tomas", language: "de" });
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
    const course = await begin({ client: "tomas", mode: "hidden", sessions: 1 });
    for (let turn = 1; turn <= 15; turn += 1) await ask(`courses/${course}/turns`, { move: turn % 3 ? "validate" : "hold", turn });
    const page = await open(`#/room/${course}`);
    await page.getByText("The course has ended.").waitFor();
    await look(page, "ended");
    const moves = await page.locator(".moves").count();
    const early = await page.getByRole("link", { name: /What became of/ }).count();
    await page.getByLabel("Formulation").fill("He looks after whoever is there.");
    await page.getByLabel("History").selectOption("avoidant");
    await page.getByRole("button", { name: "To supervision" }).click();
    await page.getByText("You wrote").waitFor({ timeout: 60000 });
    await look(page, "ended-supervision");
    const next = await page.getByRole("button", { name: /Next session/ }).count();
    await page.goto(`${address}#/room/${course}`);
    await page.getByRole("link", { name: "To supervision of session 1" }).waitFor();
    return { moves, early, next, forms: await page.locator("form").count() };
  },

  /** Every page there is, in a language. */
  async pages(language) {
    const w = await ask(`words/${language}`);
    const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
    const button = (page, text) => page.getByRole("button", { name: text, exact: true });
    const own = { client: "tomas", language, seed: 5 };
    const seen = async (page, name) => look(page, `${language}-${name}`);

    await begin({ ...own, pseudonym: "Amsel" });
    const first = await open("");
    await first.locator(".tongue select").selectOption(language);
    await first.getByRole("heading", { name: w.choose.continue }).waitFor();
    await seen(first, "choose");
    await first.getByRole("button", { name: w.choose.delete }).first().click();
    await button(first, w.choose.delete_yes).waitFor();
    await first.getByRole("button", { name: w.choose.assign }).first().click();
    await first.locator("code").waitFor();
    await seen(first, "choose-asked");
    for (const name of ["ruth", "nobody"]) {
      await first.goto(`${address}#/begin?client=${name}&seed=7&language=${language}`);
      await first.getByRole("alert").filter({ hasText: new RegExp(name, "i") }).waitFor();
      await seen(first, `choose-not-${name}`);
    }

    const course = await begin({ ...own, mode: "visible", sessions: 1 });
    const page = await open(`#/room/${course}`);
    await page.locator(".moves").waitFor();
    await seen(page, "room-begins");
    for (const key of ["5", "6", "7", "5", "2"]) {
      const before = await page.locator(".script li").count();
      await page.keyboard.press(key);
      await page.waitForFunction((n) => document.querySelectorAll(".script li").length > n || n >= 6, before);
      await page.waitForTimeout(300);
    }
    await seen(page, "room-visible");
    await page.getByLabel(w.room.vote).check();
    for (const key of ["2", "2", "3"]) await page.keyboard.press(key);
    await seen(page, "vote");
    await page.getByLabel(w.room.vote).uncheck();
    await button(page, w.room.stop).click();
    await seen(page, "stop");
    await button(page, w.room.stop_back).click();
    await button(page, w.room.end).click();
    await seen(page, "end-asked");
    await button(page, w.room.stay).click();
    if (language === "en") {
      await page.getByLabel(w.room.own_label).fill("I think I pushed you just now, and that was mine.");
      await button(page, w.room.hear).click();
      await page.locator("#heard").waitFor();
      await seen(page, "heard");
    }
    const moves = ["hold", "validate", "mentalise", "interpret", "challenge", "mirror", "direct", "repair", "validate", "name_ending"];
    for (const [i, move] of moves.entries()) await ask(`courses/${course}/turns`, { move, turn: 6 + i, said: i % 4 ? "" : NOTE });
    await page.locator("#over").waitFor();
    await seen(page, "after-visible");
    await page.goto(`${address}#/room/${course}/supervision/1`);
    await page.getByRole("heading", { name: w.supervision.mattered }).waitFor({ timeout: 60000 });
    await seen(page, "supervision");
    await page.getByRole("button", { name: w.supervision.again }).first().click();
    const again = page.locator(".again .moves button");
    for (const n of [1, 2, 3]) { await again.nth(n).click(); await page.waitForFunction((k) => document.querySelectorAll(".again .lines > div:last-child .quote").length === k, n, { timeout: 60000 }); }
    await seen(page, "again");
    await page.goto(`${address}#/room/${course}/end`);
    await page.getByRole("heading", { name: w.end.by_session }).waitFor();
    await page.getByText(w.end.playing).waitFor({ state: "hidden", timeout: 60000 });
    await seen(page, "end");
    const exported = await (await fetch(`${address}api/courses/${course}/sessions/1/session.json`)).text();

    const hidden = await begin({ ...own, mode: "hidden", sessions: 2 });
    const other = await open(`#/room/${hidden}`);
    await other.locator(".moves").waitFor();
    let marks = 0;
    for (let turn = 1; turn <= 15; turn += 1) {
      await ask(`courses/${hidden}/turns`, { move: moves[turn % 10], turn });
      const asked = (await ask(`courses/${hidden}`)).asks;
      if (!asked.length) continue;
      await other.getByRole("heading", { name: w.mark.title }).waitFor();
      if (!marks) await seen(other, "mark");
      const guess = { arousal: "inside", heard: "attuned", expects: "new" };
      await ask(`courses/${hidden}/marks`, { ...Object.fromEntries(asked.map((q) => [q, guess[q]])), sure: 0.7 });
      marks += 1;
    }
    await other.getByLabel(w.room.formulation_label).waitFor();
    await seen(other, "after-hidden");
    await other.getByLabel(w.room.formulation_label).fill(NOTE);
    await other.getByLabel(w.room.history).selectOption("secure");
    await button(other, w.room.to_supervision).click();
    await other.getByRole("heading", { name: w.supervision.marks }).waitFor({ timeout: 60000 });
    await seen(other, "supervision-hidden");

    await page.goto(`${address}#/drills`);
    await page.getByRole("heading", { name: w.drills.title }).waitFor();
    await page.locator(".levels").first().waitFor();
    await seen(page, "drills");
    await page.getByRole("button", { name: filled(w.drills.begin, { level: 1 }) }).first().click();
    await page.locator(".moves").waitFor({ timeout: 120000 });
    await seen(page, "drill");
    for (const key of ["2", "8", "3"]) { await page.keyboard.press(key); await page.waitForTimeout(600); }
    await page.locator("#verdict").waitFor({ timeout: 60000 });
    await seen(page, "drill-over");

    // With one who does not speak every language.
    await page.goto(`${address}#/drills`);
    await page.getByRole("button", { name: filled(w.drills.begin, { level: 2 }) }).nth(1).click();
    await page.locator(".moves").waitFor({ timeout: 120000 });
    await seen(page, "drill-other");
    // With one whose history has a note, which is read before a word of it.
    await page.goto(`${address}#/drills`);
    await page.getByRole("button", { name: filled(w.drills.begin, { level: 2 }) }).nth(2).click();
    await page.getByRole("heading", { name: w.choose.note }).waitFor({ timeout: 120000 });
    if (await page.locator(".moves, .words").count()) throw new Error("The drill began before its note was read.");
    await seen(page, "drill-note");
    await button(page, filled(w.choose.begin, { name: "Tomas" })).click();
    await page.locator(".moves").waitFor();
    await page.goto(`${address}#/compare`);
    await page.getByRole("heading", { name: w.compare.title }).waitFor();
    await seen(page, "compare-empty");
    const second = JSON.parse(exported);
    second.course.pseudonym = "Kohlmeise, the second of three in the third seminar";
    second.course.id = "f".repeat(32);
    second.course.seed = 6;
    const files = [["a.json", exported], ["b.json", JSON.stringify(second)], ["c.json", "no session"]];
    await page.locator("input[multiple]:not([webkitdirectory])").setInputFiles(files.map(([name, text]) => ({ name, mimeType: "application/json", buffer: Buffer.from(text) })));
    await page.locator("tbody tr").nth(1).waitFor();
    await seen(page, "compare");
    await page.goto(`${address}#/nowhere/at/all`);
    await page.getByRole("alert").waitFor();
    await seen(page, "nowhere");
    await page.goto(`${address}#/room/${"0".repeat(32)}`);
    await page.getByRole("alert").waitFor();
    await seen(page, "no-course");
    return { marks };
  },

  /** A course from the first page to its end and a drill, without a mouse. */
  async keyboard() {
    const page = await open("");
    await page.getByRole("button", { name: "Begin with Jonas" }).waitFor();
    let stops = 0;
    const line = await page.context().newCDPSession(page);
    /** What has the focus: its name as a screen reader tells it, and whether one can see it. */
    const active = async () => {
      const { result } = await line.send("Runtime.evaluate", { expression: "document.activeElement" });
      const { nodes } = await line.send("Accessibility.getPartialAXTree", { objectId: result.objectId, fetchRelatives: false });
      const looks = await page.evaluate(() => {
        const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
        const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return {
          tag: e.tagName, within: Boolean(e.closest("dialog")),
          seen: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none",
          covered: Boolean(over?.closest(".toast")) && !e.closest(".toast"),
        };
      });
      return { name: nodes[0]?.name?.value ?? "", ...looks };
    };
    const told = (what, where) => found.faults.push(`keyboard: ${what} (${where})`);
    const placed = async (where) => {
      const now = await active();
      if (now.tag === "BODY") told("the focus is lost", where);
      else if (!now.seen) told(`the focus on ${now.name} is not seen`, where);
      return now;
    };
    /** Tab on until what is focused has this name. */
    const to = async (name, key = "Tab") => {
      for (let n = 0; n < 90; n += 1) {
        await page.keyboard.press(key);
        stops += 1;
        const now = await active();
        if (now.tag !== "BODY" && !now.seen) told(`the focus on ${now.name} is not seen`, "Tab");
        if (now.covered) told(`${now.name} is covered when it has the focus`, "Tab");
        if (name.test(now.name)) return now;
      }
      throw new Error(`No way by the keyboard to ${name}; the focus is on ${(await active()).name}.`);
    };
    /** Nothing keeps the focus: once round, and the first is there again. */
    const round = async (where) => {
      const first = await to(/./), seen = [first.name];
      for (let n = 0; n < 200; n += 1) {
        await page.keyboard.press("Tab");
        const now = await active();
        if (now.tag === "BODY") return seen;
        seen.push(now.name);
      }
      told("the focus never leaves the page", where);
      return seen;
    };
    const press = (key) => page.keyboard.press(key);

    const order = await round("the first page");
    await to(/^Practise: only/);
    await press("ArrowDown"); await press("ArrowUp");
    await to(/^25$/); await press("ArrowUp");
    await to(/^Sessions/); await press("Home");
    await to(/^Begin with Jonas$/); await press("Enter");
    await minute(page, 0);
    if ((await placed("the room opens")).tag !== "MAIN") told("the room opens without the focus", "room");
    await to(/^Validate/); await press("Enter"); await minute(page, 1);
    await to(/^Take back/); await page.waitForTimeout(3500); await placed("what can be taken back has gone");
    await to(/^Group vote/); await press("Space"); await press("2"); await press("3"); await press("3");
    await to(/^Play “Mirror” \(2\)/, "Shift+Tab"); await press("Enter"); await minute(page, 2); await placed("a vote was played");
    await to(/^Group vote/); await press("Space");
    await to(/^Stop$/); await press("Enter");
    for (let n = 0; n < 4; n += 1) { await press("Tab"); const now = await active(); if (now.tag !== "BODY" && !now.within) told("Tab leaves an open dialog", "stop"); }
    await press("Escape");
    if ((await placed("after the stop")).name !== "Stop") told("Escape does not return the focus", "stop");
    await to(/own words/i, "Shift+Tab"); await page.keyboard.type("That must have hurt, and of course it did. 1 2 3"); await press("Control+Enter");
    await page.locator("#heard").waitFor(); await placed("own words were heard");
    await to(/^Validate|^Heard as|^Show all|^Live/); await press("2"); await minute(page, 3); await placed("a response was confirmed");
    for (let n = 4; n <= 8; n += 1) {
      if (await page.locator(".asks").isVisible()) {
        await to(/^Skip$/);
        await press("Shift+Tab"); await press("ArrowRight");
        for (let q = await page.locator(".asks fieldset").count(); q > 0; q -= 1) { await press("Shift+Tab"); await press("Space"); }
        await to(/^Mark$/); await press("Enter"); await page.locator(".asks").waitFor({ state: "hidden" });
        await placed("a mark was made");
      }
      await press(String(1 + (n % 8))); await minute(page, n);
    }
    await to(/^End the session$/); await press("Enter"); await to(/^End it$/); await press("Enter");
    await page.locator("#over").waitFor(); await placed("the session is over");
    await to(/^Formulation$/); await page.keyboard.type("Expects somebody to be there.");
    await to(/^History/); await press("s");
    await to(/^Sure/); await press("ArrowRight");
    await to(/^To supervision$/); await press("Enter");
    await page.getByRole("heading", { name: "Moments that mattered" }).waitFor({ timeout: 60000 });
    await placed("supervision opens");
    await to(/^Minute 1/); await press("ArrowRight");
    await to(/^Try again from here$/); await press("Enter");
    await page.locator(".again").waitFor(); await placed("another try opens");
    for (const move of [/^Stay and wait/, /^Validate/, /^Mirror/]) {
      const lines = await page.locator(".again .lines > div:last-child .quote").count();
      await to(move); await press("Enter");
      await page.waitForFunction((n) => document.querySelectorAll(".again .lines > div:last-child .quote").length > n, lines, { timeout: 60000 });
      await placed("another response");
    }
    await to(/^Clear$/); await press("Enter"); await placed("another try was cleared");
    await to(/^Close$/); await press("Enter"); await placed("another try was closed");
    await round("supervision");
    await to(/^What became of Jonas$/); await press("Enter");
    await page.getByRole("heading", { name: "By session" }).waitFor(); await placed("the end opens");
    await to(/^Drills$/, "Shift+Tab"); await press("Enter");
    await page.getByRole("heading", { name: "Notice and repair a rupture" }).waitFor(); await placed("drills open");
    await to(/Begin level 1$/); await press("Enter");
    await page.locator(".moves").waitFor({ timeout: 120000 }); await placed("a drill opens");
    for (let n = 1; n <= 3; n += 1) { await to(/^Repair/); await press("Enter"); await page.waitForTimeout(400); if (n < 3) await placed("a minute of a drill"); }
    await page.locator("#verdict").waitFor({ timeout: 60000 }); await page.waitForTimeout(100); await placed("the verdict");
    await to(/^Clients$/, "Shift+Tab"); await press("Enter");
    await page.getByRole("heading", { name: "Continue" }).waitFor(); await placed("the first page again");
    await to(/^Delete/); await press("Enter"); await placed("asked whether to delete");
    await to(/^Delete it$/); await press("Enter");
    await page.getByRole("heading", { name: "Continue" }).waitFor({ state: "hidden" });
    await placed("deleted");
    return { stops, order };
  },
};

try {
  await start();
  await warm();
  browser = await launch();
  Object.assign(found, await scenarios[scenario](...given));
} finally {
  await browser?.close();
  await kill();
}
console.log(JSON.stringify(found));
process.exit(found.errors.length || found.faults.length ? 1 : 0);

