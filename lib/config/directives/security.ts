/** Directives about who may do what. */

import {
  INT64_MAX,
  integer,
  oneOf,
  secret,
  text,
} from "../scalar_directives.ts";

/** Whether something dangerous is open to nobody, everybody or this machine. */
function protectedAction(summary: string, isEffective = true) {
  return oneOf(["no", "yes", "local"], "no", {
    summary,
    isMutable: false,
    isEffective,
  });
}

export const SECURITY_DIRECTIVES = {
  "requirepass": secret({
    summary: "Password of the default user.",
  }),
  "enable-protected-configs": protectedAction(
    "Who may change protected directives with CONFIG SET.",
  ),
  "enable-debug-command": protectedAction("Who may use DEBUG.", true),
  "enable-module-command": protectedAction("Who may use MODULE.", false),
  "aclfile": text("", {
    summary: "File that holds the users.",
    isMutable: false,
    isEffective: false,
  }),
  "acl-pubsub-default": oneOf(
    ["allchannels", "resetchannels"],
    "resetchannels",
    {
      summary: "Channels that a new user may use.",
      isEffective: false,
    },
  ),
  "acllog-max-len": integer(128, {
    summary: "Refusals that ACL LOG keeps.",
    unit: "entries",
    minimum: 0,
    maximum: INT64_MAX,
    isEffective: false,
  }),
};
