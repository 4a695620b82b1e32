// Clauses, registers and indicators pointing at one another. The pack states the pointers; here they
// are only turned round, so that each of the three can be read from its own side.

interface ClauseLike {
  id: string;
  registers: readonly string[];
  indicators: readonly string[];
}

interface IndicatorLike {
  id: string;
  clause: string;
  sources?: readonly { register: string }[] | undefined;
}

export interface Trace {
  /** Clause → registers that record it, those of its indicators' sources too. */
  registersOf: Map<string, string[]>;
  /** Clause → indicators that count it. */
  indicatorsOf: Map<string, string[]>;
  /** Register → clauses. */
  clausesOfRegister: Map<string, string[]>;
  /** Indicator → clauses. */
  clausesOfIndicator: Map<string, string[]>;
}

function add(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (!list) map.set(key, [value]);
  else if (!list.includes(value)) list.push(value);
}

/** The pointers in every direction. Versions of one indicator count as one. */
export function trace(clauses: readonly ClauseLike[], indicators: readonly IndicatorLike[]): Trace {
  const all: Trace = {
    registersOf: new Map(),
    indicatorsOf: new Map(),
    clausesOfRegister: new Map(),
    clausesOfIndicator: new Map(),
  };
  const record = (clause: string, register: string) => {
    add(all.registersOf, clause, register);
    add(all.clausesOfRegister, register, clause);
  };
  const count = (clause: string, indicator: string) => {
    add(all.indicatorsOf, clause, indicator);
    add(all.clausesOfIndicator, indicator, clause);
  };
  for (const clause of clauses) {
    for (const register of clause.registers) record(clause.id, register);
    for (const indicator of clause.indicators) count(clause.id, indicator);
  }
  const known = new Set(clauses.map((clause) => clause.id));
  for (const indicator of indicators) {
    if (!known.has(indicator.clause)) continue;
    count(indicator.clause, indicator.id);
    for (const source of indicator.sources ?? []) record(indicator.clause, source.register);
  }
  return all;
}

/** Clause numbers in their order: 2.10 after 2.9. */
export function byNumber(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (left[at] ?? -1) - (right[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
