/**
 * A command's refusal, as it goes to the client: `-CODE message`.
 *
 * Handlers throw it before they have changed anything; the router turns it into
 * the reply. It is not an `Error`: a client's mistake needs no stack trace, and
 * taking one would make mistakes expensive for everybody else.
 */
export class CommandError {
  /** @param text the code and the message, as in `ERR syntax error`. */
  constructor(readonly text: string) {}

  static readonly syntax = new CommandError("ERR syntax error");
  static readonly notInteger = new CommandError(
    "ERR value is not an integer or out of range",
  );
  static readonly notFloat = new CommandError("ERR value is not a valid float");
  static readonly outOfRange = new CommandError("ERR value is out of range");
  static readonly notPositive = new CommandError(
    "ERR value is out of range, must be positive",
  );
  static readonly noSuchKey = new CommandError("ERR no such key");
  static readonly indexOutOfRange = new CommandError("ERR index out of range");
  static readonly wrongType = new CommandError(
    "WRONGTYPE Operation against a key holding the wrong kind of value",
  );
  static readonly outOfMemory = new CommandError(
    "OOM command not allowed when used memory > 'maxmemory'.",
  );

  /** Too few or too many arguments for a command or `command|subcommand`. */
  static wrongArity(fullName: string): CommandError {
    return new CommandError(
      `ERR wrong number of arguments for '${fullName}' command`,
    );
  }

  /** A command of a subscribed client that RESP2 has no way to answer. */
  static notWhileSubscribed(fullName: string): CommandError {
    return new CommandError(
      `ERR Can't execute '${fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    );
  }

  /** The refusal of EXEC itself, which ends its transaction; the common code is left out. */
  static transactionDiscarded({ text }: CommandError): CommandError {
    const reason = text.replace(/^ERR /, "");
    return new CommandError(
      `EXECABORT Transaction discarded because of: ${reason}`,
    );
  }

  /** A time that is no time, for a command that takes one. */
  static invalidExpire(fullName: string): CommandError {
    return new CommandError(`ERR invalid expire time in '${fullName}' command`);
  }

  /** A subcommand that its container does not have. */
  static unknownSubcommand(name: string, container: string): CommandError {
    return new CommandError(
      `ERR unknown subcommand '${name}'. Try ${container.toUpperCase()} HELP.`,
    );
  }
}
