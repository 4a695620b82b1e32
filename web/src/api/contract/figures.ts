import type { Certainty, Span } from './declared';
import type { Operation } from './operation';

export type By = 'whole' | 'group' | 'link' | 'supporter' | 'recipient';

export interface Coverage {
  reported: number;
  due: number;
}

export interface Past {
  period: string;
  /** Another version than the figure's counts otherwise. */
  version: number;
  value: number | null;
  display: string;
  coverage: Coverage;
}

export interface Figure {
  indicator: string;
  version: number;
  name: string;
  value: number | null;
  unit: string;
  display: string;
  period: string;
  by: By;
  cut: string;
  cut_units: string[];
  coverage: Coverage;
  as_of: string;
  unconfirmed?: number | null;
  /** The rest comes with `compare=1`. */
  previous?: Past | null;
  last_year?: Past | null;
  change?: number | null;
  /** As a brief prints it, `+0.24亿元`; empty when there is none. */
  change_display?: string;
  change_year?: number | null;
  change_year_display?: string;
}

export type Light = 'green' | 'amber' | 'red' | 'grey';

export interface Definition {
  indicator: string;
  version: number;
  name: string;
  name_en: string;
  definition: string;
  definition_en: string;
  remark: string;
  remark_en: string;
  certainty: Certainty;
  owner: string;
  owner_en: string;
  clause: string;
  time: string;
  time_en: string;
  window: string[];
}

export interface Definitions {
  versions: (Definition & { valid: Span; current: boolean })[];
  clause: { id: string; title: string; title_en: string; text: string; text_en: string; source: string } | null;
  registers: { id: string; name: string; name_en: string }[];
}

export interface FigureRow {
  register: string;
  record: number;
  rev: number;
  key: string;
  confirmation: 'pending' | 'agreed' | 'contested' | 'arbitrated';
  counted: boolean;
  entry: number;
  source: string;
  place: string;
  values: Record<string, string | number | boolean | null>;
}

export interface Explanation {
  figure: Figure;
  definition: Definition;
  sql: string[];
  missing: string[];
  total: number;
  counted: number;
  rows: FigureRow[];
  parts: Explanation[];
}

export interface RegisterCoverage {
  register: string;
  name: string;
  reported: string[];
  missing: string[];
  due: number;
}

export interface Trend {
  points: TrendPoint[];
}

export interface TrendPoint {
  period: string;
  version: number | null;
  value: number | null;
  display: string;
  /** `null` where no definition was in force. */
  coverage: Coverage | null;
}

export interface BoardLink {
  supporter: string | null;
  recipient: string | null;
  certainty: Certainty;
  value: number | null;
  /** Empty where one side is open. */
  display: string;
}

export interface BoardLight {
  unit: string;
  reported: number;
  due: number;
  light: Light;
  why: string;
  why_en: string;
}

export interface BoardFigure extends Figure {
  name_en: string;
  certainty: Certainty;
  light: Light;
  why: string;
  why_en: string;
}

export interface Board {
  period: string;
  previous: string | null;
  last_year: string | null;
  as_of: string;
  illustrative: string | null;
  illustrative_en: string | null;
  themes: {
    id: string;
    name: string;
    name_en: string;
    figures: BoardFigure[];
  }[];
  coverage: RegisterCoverage[];
  /** The indicator that the width of the links shows. */
  width: { indicator: string; name: string; name_en: string; unit: string } | null;
  filed: { reported: number; due: number; missing: string[] };
  links: BoardLink[];
  lights: BoardLight[];
}

/** When and for whom figures are asked. */
export interface Scope {
  period?: string;
  as_of?: string;
  supporter?: string;
  recipient?: string;
}

export interface FiguresPaths {
  '/api/v1/figures': {
    get: Operation<{ query: Scope & { by?: By; compare?: 1 }; answer: Figure[] }>;
  };
  '/api/v1/figures/{indicator}': {
    get: Operation<{
      path: { indicator: string };
      query: { period?: string; as_of?: string; by?: By; cut?: string; from?: number; limit?: number };
      answer: Explanation;
    }>;
  };
  '/api/v1/figures/{indicator}/trend': {
    get: Operation<{
      path: { indicator: string };
      query: Scope & { periods?: number };
      answer: Trend;
    }>;
  };
  '/api/v1/figures/{indicator}/definitions': {
    get: Operation<{
      path: { indicator: string };
      query: { period?: string; as_of?: string };
      answer: Definitions;
    }>;
  };
  '/api/v1/coverage': {
    get: Operation<{ query: { period?: string; as_of?: string }; answer: RegisterCoverage[] }>;
  };
  '/api/v1/board': {
    get: Operation<{ query: Scope & { width?: string }; answer: Board }>;
  };
  '/api/v1/boundaries': { get: Operation<{ query: { period?: string }; answer: Boundaries }> };
}

/** The districts as GeoJSON, each feature under the id of its unit. */
export interface Boundaries {
  type: string;
  /** Whose the boundaries are; to be shown with the map. */
  attribution: string;
  /** Longitude and latitude of each unit, of zones without an area too. */
  places: Record<string, number[]>;
  features: {
    id: string;
    geometry: { type: 'MultiPolygon'; coordinates: number[][][][] };
    properties: { name: string; role: string; cp: number[] };
  }[];
}
