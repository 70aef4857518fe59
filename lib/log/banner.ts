/** The banner that the server prints when it starts. */

import { REDIS_COMPATIBILITY_VERSION, TSREDIS_VERSION } from "../version.ts";

/** What the banner tells. */
export interface BannerFacts {
  /** TCP port; 0 for none. */
  readonly port: number;
  readonly processId: number;
  readonly mode: "standalone" | "cluster";
}

/** Whether Redis would print its logo: to a terminal, or when it is told to. */
export function showsBanner(
  config: { readonly logfile: string; readonly alwaysShowLogo: boolean },
): boolean {
  return config.alwaysShowLogo ||
    (config.logfile === "" && Deno.stdout.isTerminal());
}

/** The banner, with a line break at its end. */
export function bannerText({ port, processId, mode }: BannerFacts): string {
  const facts = [
    `tsredis ${TSREDIS_VERSION} (speaks Redis ${REDIS_COMPATIBILITY_VERSION})`,
    `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    `Running in ${mode} mode`,
    `Port: ${port}`,
    `PID: ${processId}`,
  ];
  const lines = LOGO.map((line, index) =>
    facts[index] === undefined ? line : `${line.padEnd(30)} ${facts[index]}`
  );
  return `\n${lines.join("\n")}\n\n`;
}

/** Shelves of keys and values. */
const LOGO = [
  "    ______________________",
  "   /_____/_____/_____/___/|",
  "   | ts  | re  | dis | > ||",
  "   |_____|_____|_____|___||",
  "   |_____|_____|_____|___|/",
];
