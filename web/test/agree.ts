// What is typed by hand against what is generated: a name, a `null` or a parameter that differs is an
// error of `npm run tsc`. Words of a closed set may be narrower by hand than the document says.
import type { ByHand } from '@/api/contract';
import type { paths } from '@/api/schema';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Ok = 200 | 201 | 202;

/**
 * A generated answer as it is sent: `null` is never left out. What the document leaves open (values of
 * records, GeoJSON) agrees with anything.
 */
export type Sent<T> = unknown extends T ? Anything
  : T extends readonly (infer E)[] ? Sent<E>[]
  : T extends object ? string extends keyof T ? Anything
    : { [K in keyof T as null extends T[K] ? K : never]-?: Sent<T[K]> } & { [K in keyof T as null extends T[K] ? never : K]: Sent<T[K]> }
  : T;
// oxlint-disable-next-line typescript/no-explicit-any
type Anything = any;
/** An answer by hand, with words and numbers as wide as the document has them. */
export type Widen<T> = unknown extends T ? unknown
  : T extends string ? string
  : T extends number ? number
  : T extends boolean ? boolean
  : T extends null | undefined ? T
  : T extends readonly (infer E)[] ? Widen<E>[]
  : T extends object ? { [K in keyof T]: Widen<T[K]> }
  : T;

export type Answer<O> = O extends { responses: infer R }
  ? { [S in keyof R & Ok]: R[S] extends { content: { 'application/json': infer A } } ? A : never }[keyof R & Ok]
  : never;
type Query<O> = O extends { parameters: { query?: infer Q } } ? NonNullable<Q> : Record<never, never>;

type Differs<G, H> = G extends undefined ? false
  : [Answer<H>] extends [never] ? false
  : [Sent<Answer<G>>] extends [Widen<Answer<H>>] ? false : true;
type Asks<G, H> = G extends undefined ? false
  : [Exclude<keyof Query<H>, keyof Query<G>>] extends [never] ? false : true;

export type Both = keyof paths & keyof ByHand;
type Methods<P extends Both> = keyof ByHand[P] & keyof paths[P] & Method;
type Agreed<P extends Both> = true extends {
  [M in Methods<P>]: Differs<paths[P][M], ByHand[P][M]> | Asks<paths[P][M], ByHand[P][M]>;
}[Methods<P>] ? never : P;

/** Each path that both know, if they agree on it. */
export const agreed: Record<Both, true> = {} as Record<{ [P in Both]: Agreed<P> }[Both], true>;

/** What is typed by hand alone, until the document has it: nothing. */
export const waiting: Record<Exclude<keyof ByHand, keyof paths>, true> = {};
