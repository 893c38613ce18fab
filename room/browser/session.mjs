// A whole session in a real browser: node browser/session.mjs ADDRESS MODE [FOLDER FOR PICTURES]
// Prints one JSON line: what was found. Fails when a request leaves this machine or something is wrong
// with a page (looking.mjs).
import { launch, look as looked } from "./looking.mjs";

const [address, mode, pictures] = process.argv.slice(2);
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1366, height: 768 }, bypassCSP: true, reducedMotion: "reduce" });
const left = [], errors = [], faults = [];
page.on("request", (r) => { if (!/^(http|ws):\/\/127\.0\.0\.1|^data:/.test(r.url())) left.push(r.url()); });
page.on("pageerror", (e) => errors.push(String(e)));
page.on("console", (m) => { if (m.type() === "error" && !/WebSocket|ERR_CONNECTION|Failed to load/.test(m.text())) errors.push(m.text()); });

const look = (name) => looked(page, `${mode}-${name}`, faults, pictures);

// What is compiled at the first start is no matter of this session.
const ready = () => fetch(`${address}api/ready`).then((answer) => answer.json()).catch(() => ({ share: 0 }));
while ((await ready()).share < 1) await new Promise((done) => setTimeout(done, 200));
const began = Date.now();
await page.goto(address);
await page.getByRole("button", { name: "Begin with Mara" }).waitFor();
const first = Date.now() - began;
await look("choose");
if (mode === "visible") await page.getByLabel("Learn: the mechanisms").check();
await page.getByLabel("15", { exact: true }).check();
// The same person each time, with whom something of this session matters.
await page.locator("input[type=number]").fill("1");
await page.getByRole("button", { name: "Begin with Mara" }).click();
await page.getByRole("button", { name: /^Validate/ }).waitFor({ timeout: 120000 });
let minute = 0;
for (const key of ["1", "2", "3", "5", "6", "8", "2", "4", "1", "9", "2", "4", "2", "3", "1"]) {
  const skip = page.getByRole("button", { name: "Mark", exact: true });
  if (await skip.isVisible()) {
    await look("mark");
    if (await skip.isEnabled()) errors.push("something is marked beforehand");
    for (const set of await page.locator(".asks fieldset").all()) await set.locator("input").first().check();
    await page.locator(".asks input[type=range]").press("ArrowRight");
    await skip.click();
    await skip.waitFor({ state: "hidden" });
    if ((await page.evaluate(() => document.activeElement.tagName)) === "BODY") errors.push("the focus is lost after a mark");
  }
  if (minute === 8) await look("busy");
  await page.keyboard.press(key);
  minute += 1;
  await page.locator("p.top", { hasText: `minute ${minute} of 15` }).waitFor();
}
await page.getByText("A week later: session 2").waitFor();
if ((await page.evaluate(() => document.activeElement.tagName)) === "BODY") errors.push("the focus is lost at the end of a session");
await look("after");
if (mode === "visible") await page.getByRole("link", { name: /To supervision/ }).click();
else {
  await page.getByLabel("Formulation").fill("Expects to be turned away. <script>alert(1)</script>");
  await page.getByLabel("History").selectOption("avoidant");
  await page.getByRole("button", { name: "To supervision" }).click();
}
await page.getByRole("heading", { name: "Moments that mattered" }).waitFor({ timeout: 60000 });
await look("supervision");
const moments = await page.locator(".moment").count();
const table = await page.evaluate((link) => fetch(link).then((r) => r.text()), await page.getByRole("link", { name: /bowlby measure/ }).getAttribute("href"));
await page.getByRole("button", { name: "Next session" }).click();
await page.locator("p.top", { hasText: "Session 2 of 8" }).waitFor();
await page.goto(`${address}#/drills`);
await page.getByRole("heading", { name: "Notice and repair a rupture" }).waitFor();
await look("drills");
await page.goto(`${address}#/nowhere/at/all`);
await page.getByRole("alert").waitFor();
await page.goto(`${address}#/room/${"0".repeat(32)}`);
await page.getByRole("alert").waitFor();
await look("error");
await browser.close();
console.log(JSON.stringify({ first, left, errors, faults, moments, exported: table.split("\n").length - 2 }));
process.exit(left.length || errors.length || faults.length ? 1 : 0);
