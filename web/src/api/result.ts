/** As the collector said it, in English, or of the page's own, in the language of the moment. */
export type Sentence = string | (() => string);

/** Why a request gave nothing, as one sentence for the reader. */
export interface ApiError {
  sentence: Sentence;
  /** JSON pointer to the refused member of the request, if the collector named one. */
  field: string | null;
  /** The collector wants to know who asks: whoever signs in may ask again. */
  needsToken?: boolean;
  /** The same request may well be answered in a moment. */
  temporary?: boolean;
}

export type Result<T> = { ok: true; value: T } | Failed;

export type Failed = { ok: false; error: ApiError };

export function success<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failure(sentence: Sentence, field: string | null = null): Failed {
  return { ok: false, error: { sentence, field } };
}

export function textOf(sentence: Sentence): string {
  return typeof sentence === 'string' ? sentence : sentence();
}

/** What HTML is to call the sentence's language; nothing for that of the page. */
export function langOf(sentence: Sentence): 'en' | undefined {
  return typeof sentence === 'string' ? 'en' : undefined;
}
