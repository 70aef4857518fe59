/**
 * Redis's glob matching over bytes, as KEYS, SCAN MATCH, PSUBSCRIBE and CONFIG
 * GET use it.
 *
 * ```
 * ?        one byte                 [a-z] [^x]  one byte in / not in the class
 * *        any number of bytes      \x          the byte x
 * ```
 *
 * Between two stars stands a run of elements that take exactly one byte each.
 * So when a run does not fit, only the last star has to give way: an earlier
 * star would move the run further right, where it was just found not to fit.
 * That bounds the work by pattern length times text length, without recursion.
 *
 * Kept as Redis has them, because keys and channels are chosen by these rules:
 * an empty text matches only an empty pattern (not even `*`), a class that is
 * not closed ends with the pattern, bytes from 0x80 order below 0x00 in ranges,
 * and an escaped byte in a class is compared in its own case.
 */

/** Stars after which Redis gives a pattern up as abusive. */
const STARS_MAX = 1000;

const STAR = 0x2a;
const QUESTION_MARK = 0x3f;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const CARET = 0x5e;
const DASH = 0x2d;

/**
 * Tells whether the whole text matches the pattern.
 *
 * `ignoreCase` folds ASCII letters only.
 */
export function globMatch(
  pattern: Uint8Array,
  text: Uint8Array,
  ignoreCase = false,
): boolean {
  if (text.length === 0) return pattern.length === 0;
  let patternAt = 0;
  let textAt = 0;
  let starCount = 0;
  /** Where the run after the last star begins; -1 before the first star. */
  let runStart = -1;
  /** The text position at which that run is tried. */
  let runTextAt = 0;
  while (true) {
    if (pattern[patternAt] === STAR) {
      patternAt = skipStars(pattern, patternAt);
      if (patternAt === pattern.length) return true;
      if (++starCount > STARS_MAX) return false;
      runStart = patternAt;
      runTextAt = textAt;
    }
    const next = patternAt < pattern.length
      ? matchOne(pattern, patternAt, text[textAt], ignoreCase)
      : -1;
    if (next >= 0) {
      patternAt = next;
      textAt++;
      if (textAt < text.length) continue;
      return skipStars(pattern, patternAt) === pattern.length;
    }
    if (runStart < 0 || ++runTextAt === text.length) return false;
    patternAt = runStart;
    textAt = runTextAt;
  }
}

/** Whether Redis would treat the text as a pattern rather than as a name. */
export function isGlob(text: Uint8Array): boolean {
  return text.includes(STAR) || text.includes(QUESTION_MARK) ||
    text.includes(OPEN_BRACKET);
}

function skipStars(pattern: Uint8Array, from: number): number {
  let at = from;
  while (pattern[at] === STAR) at++;
  return at;
}

/** The pattern position after the element that took the byte, -1 if none did. */
function matchOne(
  pattern: Uint8Array,
  at: number,
  byte: number,
  ignoreCase: boolean,
): number {
  let expected = pattern[at];
  if (expected === QUESTION_MARK) return at + 1;
  if (expected === OPEN_BRACKET) {
    return matchClass(pattern, at + 1, byte, ignoreCase);
  }
  let end = at + 1;
  if (expected === BACKSLASH && end < pattern.length) {
    expected = pattern[end++];
  }
  return isEqual(expected, byte, ignoreCase) ? end : -1;
}

/** Like {@link matchOne}, for a class whose first byte after `[` is at `from`. */
function matchClass(
  pattern: Uint8Array,
  from: number,
  byte: number,
  ignoreCase: boolean,
): number {
  const isNegated = pattern[from] === CARET;
  let at = isNegated ? from + 1 : from;
  let isMatch = false;
  while (at < pattern.length && pattern[at] !== CLOSE_BRACKET) {
    const member = pattern[at];
    const left = pattern.length - at;
    if (member === BACKSLASH && left >= 2) {
      if (pattern[at + 1] === byte) isMatch = true;
      at += 2;
    } else if (left >= 3 && pattern[at + 1] === DASH) {
      if (isInRange(member, pattern[at + 2], byte, ignoreCase)) isMatch = true;
      at += 3;
    } else {
      if (isEqual(member, byte, ignoreCase)) isMatch = true;
      at++;
    }
  }
  if (isMatch === isNegated) return -1;
  return Math.min(at + 1, pattern.length);
}

function isEqual(a: number, b: number, ignoreCase: boolean): boolean {
  return a === b || (ignoreCase && lowerCase(a) === lowerCase(b));
}

function isInRange(
  first: number,
  last: number,
  byte: number,
  ignoreCase: boolean,
): boolean {
  // The ends are swapped before they are folded, as Redis does: it decides what
  // a range such as [Z-a] means.
  let low = signed(first);
  let high = signed(last);
  if (low > high) [low, high] = [high, low];
  const value = signed(ignoreCase ? lowerCase(byte) : byte);
  if (ignoreCase) {
    low = lowerCase(low);
    high = lowerCase(high);
  }
  return value >= low && value <= high;
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/** The byte as C's `char` on x86-64, where Redis compares it. */
function signed(byte: number): number {
  return byte >= 0x80 ? byte - 0x100 : byte;
}
