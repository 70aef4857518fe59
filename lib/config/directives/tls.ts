/** Directives about encrypted connections. */

import type { DirectiveOptions } from "../directive.ts";
import {
  INT_MAX,
  integer,
  oneOf,
  optionalText,
  yesNo,
} from "../scalar_directives.ts";

/** A file that may have new content under its old name. */
function file(summary: string, options: Partial<DirectiveOptions> = {}) {
  return optionalText({
    summary,
    isVolatile: true,
    isEffective: false,
    ...options,
  });
}

export const TLS_DIRECTIVES = {
  "tls-port": integer(0, {
    summary: "Port for TLS; 0 for none.",
    minimum: 0,
    maximum: 65535,
    isEffective: false,
  }),
  "tls-cert-file": file("The server's certificate, in PEM."),
  "tls-key-file": file("The key of the server's certificate, in PEM."),
  "tls-key-file-pass": file("Password of the server's key.", {
    isVolatile: false,
  }),
  "tls-client-cert-file": file(
    "Certificate for connections that the server makes.",
  ),
  "tls-client-key-file": file("The key of that certificate."),
  "tls-client-key-file-pass": file("Password of that key.", {
    isVolatile: false,
  }),
  "tls-dh-params-file": file("Diffie-Hellman parameters."),
  "tls-ca-cert-file": file("Certificates of the authorities that are trusted."),
  "tls-ca-cert-dir": file("Directory of such certificates."),
  "tls-auth-clients": oneOf(["no", "yes", "optional"], "yes", {
    summary: "Whether clients have to show a certificate.",
    isEffective: false,
  }),
  "tls-replication": yesNo(false, {
    summary: "Connect to the primary with TLS.",
    isEffective: false,
  }),
  "tls-cluster": yesNo(false, {
    summary: "Use TLS between the nodes of a cluster.",
    isEffective: false,
  }),
  "tls-protocols": file("Protocol versions, separated by blanks.", {
    isVolatile: false,
  }),
  "tls-ciphers": file("Ciphers for TLS up to 1.2.", { isVolatile: false }),
  "tls-ciphersuites": file("Cipher suites for TLS 1.3.", { isVolatile: false }),
  "tls-prefer-server-ciphers": yesNo(false, {
    summary: "The server's order of ciphers goes before the client's.",
    isEffective: false,
  }),
  "tls-session-caching": yesNo(true, {
    summary: "Let clients resume sessions.",
    isEffective: false,
  }),
  "tls-session-cache-size": integer(20 * 1024, {
    summary: "Sessions that are kept; 0 for no limit.",
    unit: "sessions",
    minimum: 0,
    maximum: INT_MAX,
    isEffective: false,
  }),
  "tls-session-cache-timeout": integer(300, {
    summary: "How long a session is kept.",
    unit: "seconds",
    minimum: 0,
    maximum: INT_MAX,
    isEffective: false,
  }),
};
