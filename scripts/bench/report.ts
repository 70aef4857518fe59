/** Turns rows into a table for people, and tells where it was measured. */
import { describePinning } from "./contestant.ts";
import { describeTarget, isMet, ratioOf, type Row } from "./measurement.ts";

/** Where and how the rows came about. */
export interface Setting {
  readonly date: string;
  readonly machine: string;
  readonly pinning: string;
  readonly ours: string;
  readonly reference: string;
  readonly rounds: number;
}

/** Reads the machine's part of the setting. */
export async function readMachine(): Promise<
  Pick<Setting, "date" | "machine" | "pinning">
> {
  const cores = navigator.hardwareConcurrency;
  const gibibytes = Math.round(Deno.systemMemoryInfo().total / 2 ** 30);
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${await cpuModel()}, ${cores} cores, ${gibibytes} GiB, ` +
      `${Deno.build.os} ${Deno.osRelease()}, Deno ${Deno.version.deno}`,
    pinning: describePinning(),
  };
}

async function cpuModel(): Promise<string> {
  if (Deno.build.os !== "linux") return Deno.build.arch;
  const text = await Deno.readTextFile("/proc/cpuinfo");
  return /^model name\s*: (.*)$/m.exec(text)?.[1] ?? Deno.build.arch;
}

const HEAD = ["", "tsredis", "redis-server", "ratio", "target", ""];
const CPU_HEAD = ["CPU µs/command", "redis-server's"];

/** A Markdown section for each suite, by the suite's name. */
export function toSections(
  setting: Setting,
  rows: readonly Row[],
): Map<string, string> {
  const sections = new Map<string, string>();
  for (const suite of new Set(rows.map((row) => row.suite))) {
    const own = rows.filter((row) => row.suite === suite);
    const title = `### ${suite}`;
    sections.set(
      suite,
      [title, toTable(own), describeSetting(setting, own)].join("\n\n"),
    );
  }
  return sections;
}

function describeSetting(setting: Setting, rows: readonly Row[]): string {
  const isInRounds = rows.some(({ samples }) =>
    samples?.ours.length === setting.rounds
  );
  return [
    isInRounds
      ? `measured ${setting.date}, medians of ${setting.rounds} interleaved rounds`
      : `measured ${setting.date}`,
    `machine: ${setting.machine}; ${setting.pinning}`,
    `\`${setting.ours}\` against \`${setting.reference}\``,
  ].map(toListItem).join("\n");
}

/** Broken into lines as `deno fmt` does. */
function toListItem(text: string): string {
  const LINE_LENGTH_MAX = 80;
  const lines = ["-"];
  for (const word of text.split(" ")) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length <= LINE_LENGTH_MAX) lines[lines.length - 1] = line;
    else lines.push(`  ${word}`);
  }
  return lines.join("\n");
}

/**
 * Puts sections in place of earlier ones in a document, between comments that
 * name them; a section that the document does not have goes to its end.
 */
export function replaceSections(
  text: string,
  sections: ReadonlyMap<string, string>,
): string {
  let result = text;
  for (const [name, section] of sections) {
    const begin = `<!-- bench ${name} -->`;
    const end = `<!-- end ${name} -->`;
    const block = `${begin}\n\n${section}\n\n${end}`;
    const from = result.indexOf(begin);
    const to = result.indexOf(end);
    result = from === -1 || to === -1
      ? `${result.trimEnd()}\n\n${block}\n`
      : result.slice(0, from) + block + result.slice(to + end.length);
  }
  return result;
}

function toTable(rows: readonly Row[]): string {
  const hasCpu = rows.some((row) => row.cpuMicros !== undefined);
  const lines = rows.map((row) => {
    const ratio = ratioOf(row);
    const cells = [
      row.name,
      toFigure(row.ours, row.unit),
      row.reference === undefined ? "" : toFigure(row.reference, row.unit),
      ratio === undefined ? "" : `${ratio.toFixed(2)}x`,
      describeTarget(row),
      { true: "met", false: "missed", undefined: "" }[`${isMet(row)}`] ?? "",
    ];
    if (hasCpu) {
      cells.push(
        row.cpuMicros?.ours.toFixed(2) ?? "",
        row.cpuMicros?.reference.toFixed(2) ?? "",
      );
    }
    return cells;
  });
  const head = hasCpu ? [...HEAD, ...CPU_HEAD] : HEAD;
  return alignTable([head, ...lines]);
}

/** As `deno fmt` lays tables out, so that the file can be committed. */
function alignTable(lines: readonly (readonly string[])[]): string {
  const widths = lines[0].map((_, column) =>
    Math.max(3, ...lines.map((cells) => cells[column].length))
  );
  const toLine = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [toLine(lines[0]), toLine(rule), ...lines.slice(1).map(toLine)]
    .join("\n");
}

function toFigure(value: number, unit: Row["unit"]): string {
  if (unit === "/s") return `${Math.round(value).toLocaleString("en")}/s`;
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${unit}`;
}
