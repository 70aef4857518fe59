/** What some directives ask of their text, with Redis's words for what is wrong. */

/** Longest host name that Redis announces, with its terminating zero. */
const HOST_NAME_SIZE = 256;

/** Names that `proc-title-template` may put in braces. */
const TITLE_VARIABLES: ReadonlySet<string> = new Set([
  "title",
  "listen-addr",
  "server-mode",
  "config-file",
  "port",
  "tls-port",
  "unixsocket",
]);

/** A check for a name without directories, which may be empty or not. */
export function checkBaseName(
  directive: string,
  noun: "filename" | "dirname",
  allowsEmpty: boolean,
): (value: string) => string | undefined {
  return (value) => {
    if (value === "" && !allowsEmpty) return `${directive} can't be empty`;
    return /[/\\]/.test(value)
      ? `${directive} can't be a path, just a ${noun}`
      : undefined;
  };
}

/** A host name that a cluster node announces. */
export function checkHostName(value: string): string | undefined {
  if (value.length >= HOST_NAME_SIZE) {
    return `Hostnames must be less than ${HOST_NAME_SIZE} characters`;
  }
  return /^[A-Za-z0-9.-]*$/.test(value)
    ? undefined
    : "Hostnames may only contain alphanumeric characters, hyphens or dots";
}

/** A name for people that a cluster node announces. */
export function checkNodeName(value: string): string | undefined {
  return /[!#$%&()*+:;<>?@[\]^{|}~]/.test(value)
    ? "Announced human node name contained invalid character"
    : undefined;
}

/**
 * A template for the process title: text with `{variable}`, and `{{` for a brace.
 * The result must not be blank, whatever the variables hold.
 */
export function checkTitleTemplate(value: string): string | undefined {
  const problem = "template format is invalid or contains unknown variables";
  let fixed = "";
  let at = 0;
  while (at < value.length) {
    const open = value.indexOf("{", at);
    if (open < 0) {
      fixed += value.slice(at);
      break;
    }
    fixed += value.slice(at, open);
    if (value[open + 1] === "{") {
      fixed += "{";
      at = open + 2;
      continue;
    }
    const close = value.indexOf("}", open);
    if (close < 0 || !TITLE_VARIABLES.has(value.slice(open + 1, close))) {
      return problem;
    }
    // The title, the mode and the socket may be blank.
    if (
      /^(listen-addr|config-file|port|tls-port)$/.test(
        value.slice(open + 1, close),
      )
    ) {
      fixed += "x";
    }
    at = close + 1;
  }
  return fixed.trim() === "" ? problem : undefined;
}
