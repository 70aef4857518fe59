/**
 * Stands in for `jsr:@std/assert` where JSR cannot be reached: the same names
 * and signatures, and of them only what this project's tests use. Deep
 * comparison and the diff of a failure come from `node:assert` and `node:util`.
 *
 * Stricter than the real package in one point: 0 and -0 are not equal.
 *
 * @module
 */
import { AssertionError as NodeAssertionError } from "node:assert";
import { inspect, isDeepStrictEqual } from "node:util";

// deno-lint-ignore no-explicit-any
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

// deno-lint-ignore no-explicit-any
type AnyClass = abstract new (...args: any[]) => any;

/** What every assertion of this module throws. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

/** Throws unless `condition` is truthy. */
export function assert(condition: unknown, message = ""): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Throws always: for the place that a test must not reach. */
export function fail(message?: string): never {
  throw new AssertionError(`Failed assertion${suffix(message)}`);
}

/** Compares by structure: arrays, typed arrays, maps, sets, objects, dates. */
export function assertEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new AssertionError(
    `Values are not equal${suffix(message)}\n${
      difference(actual, expected, "deepStrictEqual")
    }`,
  );
}

/** The opposite of {@linkcode assertEquals}. */
export function assertNotEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  if (!isDeepStrictEqual(actual, expected)) return;
  throw new AssertionError(
    `Expected actual: ${inspect(actual)} not to be: ${inspect(expected)}${
      suffix(message)
    }`,
  );
}

/** Compares with `Object.is`, and narrows `actual` to the expected type. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  throw new AssertionError(
    `Values are not strictly equal${suffix(message)}\n${
      difference(actual, expected, "strictEqual")
    }`,
  );
}

/** Throws when `actual` is `null` or `undefined`. */
export function assertExists<T>(
  actual: T,
  message?: string,
): asserts actual is NonNullable<T> {
  if (actual !== undefined && actual !== null) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to not be null or undefined${
      suffix(message)
    }`,
  );
}

/** Throws unless `actual` is an instance of `expectedClass`. */
export function assertInstanceOf<T extends AnyClass>(
  actual: unknown,
  expectedClass: T,
  message?: string,
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedClass) return;
  throw new AssertionError(
    `Expected ${inspect(actual)} to be an instance of ${expectedClass.name}${
      suffix(message)
    }`,
  );
}

/** Throws unless the text matches the pattern. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  message?: string,
): void {
  if (expected.test(actual)) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to match: ${expected}${suffix(message)}`,
  );
}

/** Throws unless the text contains `expected`. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  message?: string,
): void {
  if (actual.includes(expected)) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to contain: "${expected}"${suffix(message)}`,
  );
}

/** Throws unless `actual > expected`. */
export function assertGreater<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  compare(actual > expected, actual, ">", expected, message);
}

/** Throws unless `actual >= expected`. */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  compare(actual >= expected, actual, ">=", expected, message);
}

/** Throws unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, message?: string): void {
  compare(actual < expected, actual, "<", expected, message);
}

/** Throws unless `actual <= expected`. */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  message?: string,
): void {
  compare(actual <= expected, actual, "<=", expected, message);
}

/** Runs `fn`, which must throw; gives what it threw. */
export function assertThrows(fn: () => unknown, message?: string): unknown;
/** Runs `fn`, which must throw an `errorClass` whose message contains a text. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMessage?: ErrorClass<Error> | string,
  messageIncludes?: string,
  message?: string,
): unknown {
  const [errorClass, note] = readExpectation(classOrMessage, message);
  let value: unknown;
  try {
    value = fn();
  } catch (error) {
    checkError(error, errorClass, messageIncludes, note);
    return error;
  }
  throw new AssertionError(
    `Expected function to throw, but it returned ${inspect(value)}${
      suffix(note)
    }`,
  );
}

/** Runs `fn`, whose promise must reject; gives the reason. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  message?: string,
): Promise<unknown>;
/** Runs `fn`, whose promise must reject with such an `errorClass`. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMessage?: ErrorClass<Error> | string,
  messageIncludes?: string,
  message?: string,
): Promise<unknown> {
  const [errorClass, note] = readExpectation(classOrMessage, message);
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    throw new AssertionError(
      `Function throws when expected to reject${suffix(note)}`,
      { cause: error },
    );
  }
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    checkError(error, errorClass, messageIncludes, note);
    return error;
  }
  throw new AssertionError(
    `Expected function to reject, but it resolved to ${inspect(value)}${
      suffix(note)
    }`,
  );
}

function readExpectation(
  classOrMessage: ErrorClass<Error> | string | undefined,
  message: string | undefined,
): [ErrorClass<Error> | undefined, string | undefined] {
  return typeof classOrMessage === "string"
    ? [undefined, classOrMessage]
    : [classOrMessage, message];
}

function checkError(
  error: unknown,
  errorClass: ErrorClass<Error> | undefined,
  messageIncludes: string | undefined,
  note: string | undefined,
): void {
  if (errorClass === undefined) return;
  if (!(error instanceof errorClass)) {
    throw new AssertionError(
      `Expected error to be instance of "${errorClass.name}", but was ${
        inspect(error)
      }${suffix(note)}`,
      { cause: error },
    );
  }
  if (
    messageIncludes !== undefined && !error.message.includes(messageIncludes)
  ) {
    throw new AssertionError(
      `Expected error message to include "${messageIncludes}", but got "${error.message}"${
        suffix(note)
      }`,
      { cause: error },
    );
  }
}

function compare(
  holds: boolean,
  actual: unknown,
  operator: string,
  expected: unknown,
  message: string | undefined,
): void {
  if (holds) return;
  throw new AssertionError(
    `Expect ${inspect(actual)} ${operator} ${inspect(expected)}${
      suffix(message)
    }`,
  );
}

function difference(
  actual: unknown,
  expected: unknown,
  operator: string,
): string {
  return new NodeAssertionError({ actual, expected, operator }).message;
}

function suffix(message: string | undefined): string {
  return message === undefined || message === "" ? "" : `: ${message}`;
}
