const PRECISION = 17;
const EXPONENT_MIN = -4;

/** A double with 17 significant digits, as C prints it with `%.17g`. */
export function formatG17(value: number): string {
  if (value === Infinity) return "inf";
  if (value === -Infinity) return "-inf";
  if (Number.isNaN(value)) return "nan";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [digits, power] = value.toExponential(PRECISION - 1).split("e");
  const exponent = Number(power);
  if (exponent >= EXPONENT_MIN && exponent < PRECISION) {
    return trimZeros(value.toFixed(PRECISION - 1 - exponent));
  }
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${trimZeros(digits)}e${exponent < 0 ? "-" : "+"}${size}`;
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
