// What every page is looked at for, at four widths, light and dark: axe-core, nothing wider than the
// window, nothing cut off, no text under 16 px, no name of a phrase instead of its words, and nothing
// that one can use without a name in the tree that a screen reader reads.
import axe from "axe-core";
import { chromium } from "playwright-core";

export const WIDTHS = [["wide", 1366, 768], ["phone", 390, 844], ["tablet", 768, 1024], ["projector", 1920, 1080]];

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** What is wrong with the page as it is laid out now, in a line each. */
function faults() {
  const told = [], named = /\b(app|choose|room|mark|inside|supervision|retry|end|drills|compare|sus)\.[a-z_]+\b/;
  const over = document.documentElement.scrollWidth - window.innerWidth;
  if (over > 0) told.push(`${over} px wider than the window`);
  const texts = [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()));
  for (const e of texts) {
    const style = getComputedStyle(e), text = e.textContent.trim().slice(0, 60);
    if (parseFloat(style.fontSize) < 16) told.push(`under 16 px: ${text}`);
    if (named.test(text)) told.push(`no words: ${text}`);
    if (style.display !== "inline" && e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1 && !e.matches("textarea, select")) told.push(`cut off: ${text}`);
  }
  return told;
}

const USED = new Set(["button", "link", "textbox", "combobox", "radio", "checkbox", "slider", "spinbutton", "image", "region", "dialog", "main", "navigation", "radiogroup"]);

/** What has no name in the accessibility tree, by its role. */
async function nameless(page) {
  const line = await page.context().newCDPSession(page);
  const { nodes } = await line.send("Accessibility.getFullAXTree");
  await line.detach();
  return nodes.filter((node) => !node.ignored && USED.has(node.role?.value) && !node.name?.value?.trim()).map((node) => `without a name: ${node.role.value}`);
}

/** Look at a page; what is wrong goes to `found`, pictures to a folder where one is given. */
export async function look(page, name, found, pictures) {
  await page.evaluate(axe.source);
  for (const fault of await nameless(page)) found.push(`${name}: ${fault}`);
  for (const [kind, width, height] of WIDTHS) {
    await page.setViewportSize({ width, height });
    for (const fault of await page.evaluate(faults)) found.push(`${name} ${kind}: ${fault}`);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      for (const v of violations) found.push(`${name} ${kind} ${colorScheme}: ${v.id} (${v.impact}) ${v.nodes[0].target} ${v.nodes[0].failureSummary}`);
      if (pictures) await page.screenshot({ path: `${pictures}/${name}-${kind}-${colorScheme}.png`, fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: WIDTHS[0][1], height: WIDTHS[0][2] });
}
