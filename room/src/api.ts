import { untrack } from "svelte";
import type { Problem } from "./types";
import { language, t } from "./words.svelte";

/** Ask the server; a problem is thrown with the server's own words. */
export async function ask<T>(path: string, body?: unknown, method?: string): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/api/${path}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: { "Accept-Language": untrack(language), ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    const told = t("app.unreachable");
    throw new Error(told.includes(".unreachable") ? "The server cannot be reached. Nothing is lost: start it again with “bowlby practise”." : told);
  }
  if (answer.status === 204) return undefined as T;
  if (answer.ok) return (await answer.json()) as T;
  const problem = (await answer.json().catch(() => null)) as Problem | null;
  throw new Error(typeof problem?.detail === "string" ? problem.detail : t("app.not_understood"));
}
