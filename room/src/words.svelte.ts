import { ask } from "./api";

type Tree = { [key: string]: string | string[] | Tree };

const state = $state<{ language: string; tree: Tree | null }>({ language: "en", tree: null });

const kept = (): string => {
  try { return localStorage.getItem("language") ?? "en"; } catch { return "en"; }
};

export const language = (): string => state.language;
export const ready = (): boolean => state.tree !== null;

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
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function list(key: string): string[] {
  const there = found(key);
  return Array.isArray(there) ? there : [];
}

/** A number as the language writes it, with a minus that is as wide as a plus. */
export function decimal(value: number, digits = 2): string {
  return new Intl.NumberFormat(state.language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value).replace("-", "−");
}
