import type { paths } from '../schema';
import type { DeclaredPaths } from './declared';
import type { FiguresPaths } from './figures';
import type { KeepingPaths } from './keeping';
import type { RecordsPaths } from './records';
import type { SessionPaths } from './session';
import type { WorkPaths } from './work';

export type * from './declared';
export type * from './figures';
export type * from './keeping';
export type * from './records';
export type * from './session';
export type * from './work';

/** Everything typed by hand. An area adds its own file and its name here. */
export type ByHand = DeclaredPaths & FiguresPaths & KeepingPaths & RecordsPaths & SessionPaths & WorkPaths;

type Methods = 'get' | 'post' | 'put' | 'patch' | 'delete';
/** The methods a path has; openapi-typescript writes those it has not as `never`. */
type Present<P> = { [M in keyof P & Methods as P[M] extends undefined ? never : M]: P[M] };
type Of<T, P> = P extends keyof T ? Present<T[P]> : Record<never, never>;

/** The paths of the API: generated ones, those by hand before them. */
export type Paths = {
  [P in keyof paths | keyof ByHand]: Of<ByHand, P> & Omit<Of<paths, P>, keyof Of<ByHand, P>>;
};
