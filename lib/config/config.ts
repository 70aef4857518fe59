/**
 * The server's configuration: the present value of every directive, changes at
 * run time, and who wants to be told of them.
 *
 * A change goes in three steps, so that CONFIG SET is all or nothing: every value
 * is parsed and checked, then all are put in place, then the listeners are told,
 * each of which may still refuse. It reads no file (configuration_reader.ts) and
 * writes none (rewrite.ts).
 */

import { resolve } from "@std/path";
import { bytesOfText, type ByteText, textOfBytes } from "../resp/byte_text.ts";
import { globMatch, isGlob } from "../types/glob.ts";
import type { ConfigurationLine } from "./configuration_error.ts";
import {
  ConfigValueError,
  type Directive,
  type ParseContext,
  type Setting,
} from "./directive.ts";
import {
  type DirectiveName,
  DIRECTIVES,
  findDirective,
  LISTED_DIRECTIVES,
  type ListedDirective,
  type ValueOf,
} from "./directives.ts";
import { lowerCase } from "./scalar_directives.ts";

/** A line that is not a directive's: the server acts on it once it is built. */
export interface Statement {
  readonly keyword: "rename-command" | "user";
  /** The arguments behind the keyword. */
  readonly args: readonly ByteText[];
  /** For a {@link ConfigurationError} when the server cannot act on it. */
  readonly line: ConfigurationLine;
}

/** What a client that changes the configuration may do. */
export interface ConfigAccess {
  /** See `enable-protected-configs`. */
  readonly mayChangeProtected: boolean;
  /** Whether data are loaded, which some directives must not change. */
  readonly isLoading: boolean;
}

/** Why CONFIG SET changed nothing; the message is what the client is told. */
export class ConfigSetError extends Error {}

/** CONFIG SET changed nothing, since data are loaded. */
export class ConfigLoadingError extends Error {}

/** Applies a new value; throws a {@link ConfigValueError} to refuse it. */
type ApplyListener = () => void;

interface Subscription {
  readonly names: ReadonlySet<DirectiveName>;
  readonly apply: ApplyListener;
}

/** One parameter of a CONFIG SET. */
interface Change {
  readonly listed: ListedDirective;
  readonly args: readonly ByteText[];
  /** The setting before, to return to. */
  readonly before: Setting<unknown>;
}

/** See the top of the file. */
export class Config {
  /** The file that was read and that CONFIG REWRITE writes; absolute. */
  filePath: string | undefined;
  /** What the configuration says besides directives, in its order; the reader adds to it. */
  readonly statements: Statement[] = [];
  /** The present settings, one per directive. */
  readonly #settings: Record<DirectiveName, Setting<unknown>>;
  /** Who is told of changes, in the order of subscription. */
  readonly #subscriptions = new Set<Subscription>();

  /** @param workingDirectory the default of `dir`, and what relative paths in the configuration count from. */
  constructor(workingDirectory: string = Deno.cwd()) {
    const initial = Object.entries(DIRECTIVES).map(([name, { initial }]) =>
      [name, initial] as const
    );
    this.#settings = Object.fromEntries(initial) as Record<
      DirectiveName,
      Setting<unknown>
    >;
    this.#settings.dir = DIRECTIVES.dir.parse(["."], {
      previous: workingDirectory,
      isRepeated: false,
    });
  }

  /** The value of a directive. */
  get<Name extends DirectiveName>(name: Name): ValueOf<Name> {
    return this.#settings[name].value as ValueOf<Name>;
  }

  /** The value of a directive as CONFIG GET prints it. */
  text(name: DirectiveName): ByteText {
    return this.#settings[name].text;
  }

  /** The value and the text together, as CONFIG REWRITE needs them. */
  setting(name: DirectiveName): Setting<unknown> {
    return this.#settings[name];
  }

  /** A path of the configuration, which counts from `dir`, made absolute. */
  resolvePath(path: string): string {
    return resolve(this.get("dir"), path);
  }

  /**
   * The name and text of every directive that a pattern matches, each once.
   *
   * A word without `*`, `?` and `[` is a name: it is answered as it was written,
   * and finds hidden directives, too.
   */
  match(patterns: Iterable<Uint8Array>): [name: ByteText, text: ByteText][] {
    const found = new Map<string, [ByteText, ByteText]>();
    const add = (shownName: ByteText, { name }: ListedDirective) => {
      const key = lowerCase(shownName);
      if (!found.has(key)) found.set(key, [shownName, this.text(name)]);
    };
    for (const pattern of patterns) {
      if (isGlob(pattern)) {
        for (const listed of LISTED_DIRECTIVES) {
          const { directive, listedName } = listed;
          if (directive.isHidden) continue;
          if (globMatch(pattern, bytesOfText(listedName), true)) {
            add(listedName, listed);
          }
        }
      } else {
        const shownName = textOfBytes(pattern);
        const listed = findDirective(shownName);
        if (listed !== undefined) add(shownName, listed);
      }
    }
    return [...found.values()];
  }

  /**
   * Has `listener` told when a CONFIG SET has changed the directive; it may throw
   * a {@link ConfigValueError} to refuse the change, having changed nothing itself.
   * Then it is told again of the former value only if it had accepted the new one.
   */
  onChange<Name extends DirectiveName>(
    name: Name,
    listener: (value: ValueOf<Name>) => void,
  ): void {
    this.onChangeOfAny([name], () => listener(this.get(name)));
  }

  /** Like {@link onChange}, once for a CONFIG SET that changes any of several directives. */
  onChangeOfAny(
    names: readonly DirectiveName[],
    listener: () => void,
  ): void {
    this.#subscriptions.add({ names: new Set(names), apply: listener });
  }

  /**
   * Sets one directive while the configuration is read: anything may be set, and
   * nobody is told.
   *
   * @throws {ConfigValueError} when the arguments are no value of the directive.
   */
  load(
    name: DirectiveName,
    args: readonly ByteText[],
    isRepeated: boolean,
  ): void {
    this.#settings[name] = this.#parse(name, args, isRepeated);
  }

  /**
   * Sets several directives, all or none, and tells the listeners.
   *
   * @param pairs names, in any case, and texts.
   * @throws {ConfigSetError} with Redis's text when nothing was changed.
   */
  set(
    pairs: readonly (readonly [name: ByteText, text: ByteText])[],
    access: ConfigAccess,
  ): void {
    const changes = this.#admit(pairs, access);
    const changed = new Set<DirectiveName>();
    for (const { listed, args } of changes) {
      const { name, listedName, directive } = listed;
      const before = this.#settings[name];
      try {
        this.#settings[name] = this.#parse(name, args, false);
      } catch (error) {
        this.#restore(changes);
        throw setError(listedName, error);
      }
      const isSame = this.#settings[name].text === before.text;
      if (!isSame || directive.isVolatile) changed.add(name);
    }
    this.#apply(changes, changed);
  }

  /** Checks which directives the pairs name and whether they may be set now. */
  #admit(
    pairs: readonly (readonly [name: ByteText, text: ByteText])[],
    access: ConfigAccess,
  ): Change[] {
    const changes: Change[] = [];
    for (const [givenName, text] of pairs) {
      const listed = findDirective(givenName);
      if (listed === undefined) {
        throw new ConfigSetError(
          `Unknown option or number of arguments for CONFIG SET - '${givenName}'`,
        );
      }
      const { directive } = listed;
      const refusal = refusalOf(directive, access);
      if (refusal !== undefined) {
        throw setError(givenName, new ConfigValueError(refusal));
      }
      if (directive.isFixedWhileLoading && access.isLoading) {
        throw new ConfigLoadingError(`${givenName} is fixed while data load`);
      }
      if (changes.some((change) => change.listed === listed)) {
        throw setError(givenName, new ConfigValueError("duplicate parameter"));
      }
      const args = directive.isMultiArgument ? splitAtSpaces(text) : [text];
      changes.push({ listed, args, before: this.#settings[listed.name] });
    }
    return changes;
  }

  /** Tells the listeners of what changed; undoes everything when one refuses. */
  #apply(
    changes: readonly Change[],
    changed: ReadonlySet<DirectiveName>,
  ): void {
    const told: Subscription[] = [];
    for (const name of changed) {
      for (const subscription of this.#subscriptions) {
        if (!subscription.names.has(name) || told.includes(subscription)) {
          continue;
        }
        try {
          subscription.apply();
        } catch (error) {
          this.#restore(changes);
          for (const { apply } of told) apply();
          const cause = changes.find(({ listed }) => listed.name === name);
          throw setError(cause?.listed.listedName ?? name, error);
        }
        told.push(subscription);
      }
    }
  }

  #restore(changes: readonly Change[]): void {
    for (const { listed, before } of changes) {
      this.#settings[listed.name] = before;
    }
  }

  #parse(
    name: DirectiveName,
    args: readonly ByteText[],
    isRepeated: boolean,
  ): Setting<unknown> {
    const directive = DIRECTIVES[name] as Directive<unknown>;
    const context: ParseContext<unknown> = {
      previous: this.#settings[name].value,
      isRepeated,
    };
    return directive.parse(args, context);
  }
}

/** Whether CONFIG SET may name the directive at all, in Redis's words. */
function refusalOf(
  directive: Directive<unknown>,
  access: ConfigAccess,
): string | undefined {
  if (!directive.isMutable) return "can't set immutable config";
  return directive.isProtected && !access.mayChangeProtected
    ? "can't set protected config"
    : undefined;
}

/** CONFIG SET knows no quotes: every single space cuts. */
function splitAtSpaces(text: ByteText): ByteText[] {
  return text === "" ? [] : text.split(" ");
}

/** The refusal of one parameter; anything but a refusal is passed on. */
function setError(name: ByteText, error: unknown): unknown {
  if (!(error instanceof ConfigValueError)) return error;
  return new ConfigSetError(
    `CONFIG SET failed (possibly related to argument '${name}') - ${error.reason}`,
  );
}
