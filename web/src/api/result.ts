/** Why a request gave nothing, as one sentence for the reader. */
export interface ApiError {
  sentence: string;
  /** JSON pointer to the refused member of the request, if the collector named one. */
  field: string | null;
  /** The collector wants to know who asks: whoever signs in may ask again. */
  needsToken?: boolean;
}

export type Result<T> = { ok: true; value: T } | Failed;

export type Failed = { ok: false; error: ApiError };

export function success<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failure(sentence: string, field: string | null = null): Failed {
  return { ok: false, error: { sentence, field } };
}
