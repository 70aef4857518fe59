/**
 * The V8 flags that go into the executable. `deno run` cannot be told any by
 * the program, so nothing may depend on them.
 *
 * Values of strings lie outside V8's heap; only collections count, and passing
 * the heap's limit ends the process. V8 would set it to 4 GB on most machines.
 */
export const V8_FLAGS: readonly string[] = ["--max-old-space-size=65536"];
