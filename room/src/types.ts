// Made by make_types.py from bowlby.practice.messages; do not edit.

export interface Alternative {
  move: string;
  label: string;
  rupture: number;
  trust: number;
}

export interface Begin {
  client: string;
  mode: "hidden" | "visible";
  sessions: number;
  minutes: 15 | 25 | 50;
  seed: number | null;
}

export interface Belief {
  expects: string;
  weight: number;
  is_old: boolean;
}

export interface ByState {
  move: string;
  label: string;
  calm: number;
  uneasy: number;
  distressed: number;
  overwhelmed: number;
}

export interface ClientCard {
  id: string;
  name: string;
  age: number;
  brings: string;
  vignette: string;
  severity: "moderate" | "severe";
}

export interface CourseCard {
  id: string;
  client: ClientCard;
  mode: "hidden" | "visible";
  session: number;
  sessions: number;
  state: "between" | "in session" | "ended";
  began: string;
}

export interface Formulation {
  text: string;
  pattern: "avoidant" | "ambivalent" | "disorganised" | "secure";
  sure: number;
}

export interface Inward {
  arousal: (number)[];
  own_arousal: (number)[];
  window: [number, number];
  state: "inside" | "above" | "below";
  distress: "calm" | "uneasy" | "distressed" | "overwhelmed";
  heard: Record<string, number>;
  beliefs: (Belief)[];
  plasticity: number;
  surprise: number;
  mentalising: number;
  synchrony: number | null;
  synchrony_band: [number, number] | null;
  alliance: number;
  rupture: "" | "began" | "goes on" | "repaired";
  note: string;
}

export interface KeyMoment {
  turn: number;
  what: "P(rupture)" | "P(heard as attuned)";
  made: Alternative;
  better: Alternative;
  difference: number;
  low: number;
  high: number;
  futures: number;
  sentence: string;
}

export interface Mark {
  arousal: "inside" | "above" | "below";
  heard: "attuned" | "intrusive" | "dismissive" | "frightening";
  expects: "old" | "open" | "new";
  sure: number;
}

export interface MarkOutcome {
  turn: number;
  what: string;
  marked: string;
  truth: string;
  sure: number;
}

export interface Move {
  move: string;
  turn: number;
  said: string;
}

export interface MoveChoice {
  name: string;
  key: number;
  label: string;
  hint: string;
}

export interface Outward {
  words: string;
  kind: "speech" | "silence" | "movement";
  posture: string;
  lean: number;
  breath_per_min: number;
  breath_depth: number;
  warmth: number;
}

export interface Problem {
  detail: string;
}

export interface Room {
  course: CourseCard;
  minutes: number;
  turns: (Turn)[];
  is_last: boolean;
  break_ahead: boolean;
  asks_mark: boolean;
  is_formulated: boolean;
}

export interface Supervision {
  course: CourseCard;
  session: number;
  turns: (Turn)[];
  moments: (KeyMoment)[];
  by_state: (ByState)[];
  missed: (string)[];
  questions: [string, string, string];
  marks: (MarkOutcome)[];
  calibration: number | null;
  formulation: Formulation | null;
  truth: string;
  source: string;
}

export interface Turn {
  number: number;
  move: string;
  said: string;
  seen: Outward;
  inside: Inward | null;
}

export interface Usability {
  answers: (number)[];
}

export interface UsabilityScore {
  score: number;
}

export interface Welcome {
  clients: (ClientCard)[];
  moves: (MoveChoice)[];
  courses: (CourseCard)[];
  remark: string;
}
