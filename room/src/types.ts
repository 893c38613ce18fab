// Made by make_types.py from bowlby.practice.messages; do not edit.

export interface Alternative {
  move: string;
  label: string;
  share: number;
}

export interface Begin {
  client: string;
  mode: "hidden" | "visible";
  sessions: number;
  minutes: 15 | 25 | 50;
  seed: number | null;
  pseudonym: string;
  language: string;
}

export interface BeginDrill {
  drill: string;
  level: number;
  seed: number | null;
  language: string;
}

export interface Belief {
  expects: string;
  weight: number;
  is_old: boolean;
  is_safe: boolean;
}

export interface ByState {
  move: string;
  label: string;
  calm: number;
  uneasy: number;
  distressed: number;
  overwhelmed: number;
}

export interface Chance {
  what: "rupture" | "settled" | "understood" | "explored" | "changed";
  was: number;
  instead: number;
  low: number;
  high: number;
}

export interface ClientCard {
  id: string;
  name: string;
  age: number;
  brings: string;
  vignette: string;
  severity: "moderate" | "severe";
  content_note: string;
}

export interface CourseCard {
  id: string;
  client: ClientCard;
  mode: "hidden" | "visible";
  session: number;
  sessions: number;
  state: "between" | "in session" | "ended";
  began: string;
  pseudonym: string;
  language: string;
  seed: number;
}

export interface CourseEnd {
  course: CourseCard;
  own: Outcome;
  par: Outcome | null;
  no_par: string;
  earlier: (EarlierCourse)[];
}

export interface DrillCard {
  name: string;
  title: string;
  skill: string;
  criterion: string;
  levels: [string, string, string];
  passed: [number, number, number];
  tried: [number, number, number];
  mastered: number;
}

export interface DrillMove {
  move: string;
  turn: number;
}

export interface DrillRun {
  id: string;
  drill: string;
  level: number;
  client: ClientCard;
  spoken: string;
  scene: string;
  before: (Turn)[];
  turns: (Turn)[];
  minutes: number;
  passed: boolean | null;
  verdict: string;
  luck: number | null;
  handbook: string;
}

export interface Drills {
  drills: (DrillCard)[];
  moves: (MoveChoice)[];
}

export interface EarlierCourse {
  course: CourseCard;
  outcome: Outcome;
}

export interface Formulation {
  text: string;
  pattern: "avoidant" | "ambivalent" | "disorganised" | "secure";
  sure: number;
}

export interface HeardAs {
  move: string | null;
  label: string;
  sure: number;
  second: string | null;
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
  rupture: "" | "began" | "goes on" | "repaired" | "left open";
  note: string;
}

export interface KeyMoment {
  turn: number;
  what: "rupture" | "settled" | "understood" | "explored" | "changed";
  made: Alternative;
  better: Alternative;
  difference: number;
  low: number;
  high: number;
  futures: number;
  sentence: string;
}

export interface Mark {
  arousal: "inside" | "above" | "below" | null;
  heard: "attuned" | "intrusive" | "dismissive" | "frightening" | null;
  expects: "old" | "open" | "new" | null;
  sure: number;
}

export interface MarkOutcome {
  turn: number;
  what: "arousal" | "heard" | "expects";
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

export interface NextDrill {
  drill: string;
  why: string;
}

export interface NotOffered {
  card: ClientCard;
  why: string;
}

export interface Outcome {
  symptoms_before: number;
  symptoms_after: number;
  relapse: number;
  security: number;
  security_before: number;
  old: number;
  alliance: number;
  sessions: (SessionOutcome)[];
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

export interface OwnWords {
  text: string;
}

export interface Problem {
  detail: string;
}

export interface Readiness {
  share: number;
  doing: string;
}

export interface Reading {
  session: number;
  right: number;
  asked: number;
  brier: number;
  base: number;
  skill: number | null;
}

export interface Retried {
  turn: number;
  was: (Turn)[];
  instead: (Turn)[];
  chances: (Chance)[];
}

export interface Retry {
  turn: number;
  moves: (string)[];
}

export interface Room {
  course: CourseCard;
  minutes: number;
  turns: (Turn)[];
  is_last: boolean;
  break_ahead: boolean;
  asks_mark: boolean;
  asks: ("arousal" | "heard" | "expects")[];
  is_formulated: boolean;
  parting: string;
}

export interface SessionOutcome {
  session: number;
  alliance: number;
  ruptures: number;
  repairs: number;
  old: number;
}

export interface Supervision {
  course: CourseCard;
  session: number;
  turns: (Turn)[];
  moments: (KeyMoment)[];
  by_state: (ByState)[];
  done: (string)[];
  missed: (string)[];
  practise_next: NextDrill;
  questions: [string, string, string];
  marks: (MarkOutcome)[];
  calibration: number | null;
  reading: Reading | null;
  learning: (Reading)[];
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

export interface UnreadableCourse {
  id: string;
  why: string;
}

export interface Usability {
  answers: (number)[];
}

export interface UsabilityScore {
  score: number;
}

export interface Welcome {
  clients: (ClientCard)[];
  not_offered: (NotOffered)[];
  moves: (MoveChoice)[];
  courses: (CourseCard)[];
  unreadable: (UnreadableCourse)[];
  language: string;
  languages: Record<string, string>;
  remark: string;
  take_back_s: number;
}
