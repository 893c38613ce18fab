import { ask } from "./api";

type Tree = { [key: string]: string | string[] | Tree };

const state = $state<{ language: string; tree: Tree | null }>({ language: "en", tree: null });

const kept = (): string => {
  try { return localStorage.getItem("language") ?? "en"; } catch { return "en"; }
};

export const language = (): string => state.language;
export const ready = (): boolean => state.tree !== null;
/** For dates and numbers: the English of the page is British. */
export const locale = (): string => (state.language === "en" ? "en-GB" : state.language);

export async function speak(code: string = kept()): Promise<void> {
  try {
    state.tree = await ask<Tree>(`words/${code}`);
    state.language = code;
  } catch (error) {
    if (code === "en") throw error;
    return speak("en");
  }
  document.documentElement.lang = state.language;
  try { localStorage.setItem("language", state.language); } catch { /* A browser may forbid it; the choice is then for this page. */ }
}

function found(key: string): string | string[] | Tree | undefined {
  return key.split(".").reduce<string | string[] | Tree | undefined>(
    (tree, part) => (tree && typeof tree === "object" && !Array.isArray(tree) ? tree[part] : undefined),
    state.tree ?? {},
  );
}

/** Words by dotted name, with {braces} filled in; a name without words is shown as it is. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  const text = found(key);
  if (typeof text !== "string") return key;
  return text.replace(/ %/g, "\u00a0%").replace(/\{(\w+)\}/g, (whole, name: string) => apart(String(values[name] ?? whole)));
}

/** Words that run from right to left, kept from turning round what stands beside them. */
function apart(text: string): string {
  return /[\u0590-\u08ff\u202a-\u202e\u2066-\u2069\ufb1d-\ufefc]/.test(text) ? String.fromCharCode(0x2068) + text + String.fromCharCode(0x2069) : text;
}

export function list(key: string): string[] {
  const there = found(key);
  return Array.isArray(there) ? there : [];
}

/** A number as the language writes it, with a minus that is as wide as a plus. */
export function decimal(value: number, digits = 2): string {
  return new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value).replace("-", "−");
}

/** A share as percent, on one line. */
export function percent(share: number): string {
  return `${decimal(100 * share, 0)}\u00a0%`.replace(/^−0\b/, "0");
}
