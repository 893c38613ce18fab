import type { Problem } from "./types";

/** Ask the server; a problem is thrown with the server's own words. */
export async function ask<T>(path: string, body?: unknown): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/api/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Error("The server cannot be reached. Nothing is lost: start it again with “bowlby practise”.");
  }
  if (answer.ok) return (await answer.json()) as T;
  const problem = (await answer.json().catch(() => null)) as Problem | null;
  const told = typeof problem?.detail === "string" ? problem.detail : "The request was not understood.";
  throw new Error(told);
}
