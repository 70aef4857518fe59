/** What the server counts, for INFO; CONFIG RESETSTAT sets it back. */
export class ServerStats {
  commandsProcessed = 0;
  connectionsReceived = 0;
  connectionsRejected = 0;
  netInputBytes = 0;
  netOutputBytes = 0;
  totalReads = 0;
  totalWrites = 0;
  queryBufferLimitDisconnections = 0;
  outputBufferLimitDisconnections = 0;
  unexpectedErrorReplies = 0;
  totalErrorReplies = 0;
  accessDeniedAuth = 0;
  dumpPayloadSanitizations = 0;
  /** Error replies by their code, for `errorstat_…`. */
  readonly errors = new Map<string, number>();

  /** Most error codes that are told apart; beyond, new ones are not counted by code. */
  static readonly ERROR_CODES_MAX = 128;

  countError(text: string): void {
    this.totalErrorReplies++;
    const space = text.indexOf(" ");
    const code = space < 0 ? text : text.slice(0, space);
    const count = this.errors.get(code);
    if (
      count === undefined && this.errors.size >= ServerStats.ERROR_CODES_MAX
    ) return;
    this.errors.set(code, (count ?? 0) + 1);
  }

  reset(): void {
    const { errors, ...zeros } = new ServerStats();
    Object.assign(this, zeros);
    this.errors.clear();
    errors.clear();
  }
}
