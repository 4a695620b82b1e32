/**
 * Endpoints that docs/openapi.json does not describe yet are typed by hand in this folder, one file
 * an area, in the shape that openapi-typescript gives. An entry here wins over a generated one, and
 * is dropped as soon as the generated one says the same.
 */
export interface Shape {
  query?: object;
  path?: object;
  header?: object;
  /** A JSON body. */
  body?: unknown;
  /** A raw body. */
  raw?: Blob | string;
  /** The JSON answer; left out where there is none (204) or it is a file. */
  answer?: unknown;
}

type None = Record<never, never>;
type Param<S, K extends 'query' | 'path' | 'header'> = S extends Record<K, infer T>
  ? None extends T
    ? Partial<Record<K, T>>
    : Record<K, T>
  : Partial<Record<K, never>>;

/** One operation. */
export type Operation<S extends Shape> = {
  parameters: Param<S, 'query'> & Param<S, 'path'> & Param<S, 'header'>;
  responses: {
    200: {
      headers: Record<string, unknown>;
      content: S extends { answer: infer A } ? { 'application/json': A } : never;
    };
  };
} & (S extends { body: infer B }
  ? { requestBody: { content: { 'application/json': B } } }
  : S extends { raw: infer R }
    ? { requestBody: { content: { 'application/octet-stream': R } } }
    : unknown);
