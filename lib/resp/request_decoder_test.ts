import { assert, assertEquals } from "@std/assert";
import {
  FRAMES_MAX,
  RequestDecoder,
  type RequestState,
} from "./request_decoder.ts";
import { bytesOfText, textOfBytes } from "./byte_text.ts";

const SLACK_BYTES = 8;

/** A connection's side of decoding: a buffer that bytes arrive in. */
function stateOf(text: string): RequestState {
  const buffer = new Uint8Array(text.length + SLACK_BYTES);
  buffer.set(bytesOfText(text));
  return {
    buffer,
    view: new DataView(buffer.buffer),
    start: 0,
    end: text.length,
    neededBytes: 0,
    isAuthenticated: true,
    partial: undefined,
  };
}

/** The frames of one round as texts; moves `state.start` behind them. */
function framesOf(decoder: RequestDecoder, state: RequestState): string[][] {
  decoder.decode(state);
  const frames: string[][] = [];
  for (let frame = 0; frame < decoder.frameCount; frame++) {
    const bytes = decoder.inlineSource(frame)?.bytes ?? state.buffer;
    const args: string[] = [];
    for (let i = 0; i < decoder.counts[frame]; i++) {
      const at = decoder.bases[frame] + i;
      const offset = decoder.offsets[at];
      args.push(
        textOfBytes(bytes.subarray(offset, offset + decoder.lengths[at])),
      );
    }
    frames.push(args);
    state.start = decoder.ends[frame];
  }
  return frames;
}

function decodeAll(text: string): { frames: string[][]; error: string } {
  const decoder = new RequestDecoder();
  const frames = framesOf(decoder, stateOf(text));
  return { frames, error: decoder.error };
}

function frame(...args: string[]): string {
  return `*${args.length}\r\n` +
    args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join("");
}

const PIPELINE = frame("SET", "k\r\n\0", "v".repeat(300)) + "ping  'a b'\r\n" +
  "*0\r\n" +
  "\r\n" + frame("MGET", ...Array.from({ length: 150 }, (_, i) => `key${i}`)) +
  frame("", "") + "*-1\r\n" + frame("GET", "x");

Deno.test("RequestDecoder decodes arrays, inline commands, and requests without arguments", () => {
  const { frames, error } = decodeAll(PIPELINE);
  assertEquals(error, "");
  assertEquals(frames.length, 8);
  assertEquals(frames[0], ["SET", "k\r\n\0", "v".repeat(300)]);
  assertEquals(frames[1], ["ping", "a b"]);
  assertEquals(frames[2], []);
  assertEquals(frames[3], []);
  assertEquals(frames[4].length, 151);
  assertEquals(frames[4][150], "key149");
  assertEquals(frames[5], ["", ""]);
  assertEquals(frames[6], []);
  assertEquals(frames[7], ["GET", "x"]);
});

Deno.test("RequestDecoder gives the same frames wherever the bytes are cut", () => {
  const expected = decodeAll(PIPELINE).frames;
  for (let cut = 0; cut <= PIPELINE.length; cut++) {
    const decoder = new RequestDecoder();
    const state = stateOf(PIPELINE);
    state.end = cut;
    const frames = framesOf(decoder, state);
    state.end = PIPELINE.length;
    frames.push(...framesOf(decoder, state));
    assertEquals(frames, expected, `cut at ${cut}`);
  }
});

Deno.test("RequestDecoder gives the same frames when every byte comes alone and the buffer moves", () => {
  const expected = decodeAll(PIPELINE).frames;
  const decoder = new RequestDecoder();
  const state = stateOf(PIPELINE);
  const frames: string[][] = [];
  const all = state.buffer.slice();
  let moved = 0;
  state.end = 0;
  for (let at = 0; at < PIPELINE.length; at++) {
    // What was decoded leaves the buffer, as a connection makes room.
    moved += state.start;
    state.buffer.set(all.subarray(moved, at + 1));
    state.start = 0;
    state.end = at + 1 - moved;
    frames.push(...framesOf(decoder, state));
  }
  assertEquals(frames, expected);
});

Deno.test("RequestDecoder does not decode a long frame's arguments twice", () => {
  const text = frame(
    "MSET",
    ...Array.from({ length: 5000 }, (_, i) => String(i)),
  );
  const decoder = new RequestDecoder();
  const state = stateOf(text);
  state.end = text.length - 5;
  assertEquals(framesOf(decoder, state), []);
  const { partial } = state;
  assert(partial !== undefined);
  assertEquals(partial.argCount, 5001);
  assert(partial.decoded > 4990);
  // Were they decoded again, this would be a protocol error.
  state.buffer.fill(33, 10, 20);
  state.end = text.length;
  const frames = framesOf(decoder, state);
  assertEquals(decoder.error, "");
  assertEquals(frames[0].length, 5001);
  assertEquals(state.partial, undefined);
});

Deno.test("RequestDecoder says how many bytes a long argument needs", () => {
  const text = frame("SET", "k", "v".repeat(100000));
  const state = stateOf(text);
  state.end = 60;
  assertEquals(framesOf(new RequestDecoder(), state), []);
  assertEquals(state.neededBytes, text.length);
});

Deno.test("RequestDecoder decodes a pipeline longer than a round in several", () => {
  const text = frame("PING").repeat(FRAMES_MAX + 3);
  const decoder = new RequestDecoder();
  const state = stateOf(text);
  assertEquals(framesOf(decoder, state).length, FRAMES_MAX);
  assertEquals(framesOf(decoder, state).length, 3);
});

Deno.test("RequestDecoder answers valid frames before a broken one", () => {
  const { frames, error } = decodeAll(
    frame("PING") + frame("GET", "k") + "*1\r\n!oops\r\n",
  );
  assertEquals(frames, [["PING"], ["GET", "k"]]);
  assertEquals(error, "ERR Protocol error: expected '$', got '!'");
});

const BROKEN: [string, string][] = [
  ["*x\r\n", "invalid multibulk length"],
  ["*\r\n", "invalid multibulk length"],
  ["*-\r\n", "invalid multibulk length"],
  ["*01\r\n", "invalid multibulk length"],
  ["*-0\r\n", "invalid multibulk length"],
  ["*-01\r\n", "invalid multibulk length"],
  ["*-99999999999999999999\r\n", "invalid multibulk length"],
  ["* 1\r\n", "invalid multibulk length"],
  ["*2147483648\r\n", "invalid multibulk length"],
  ["*99999999999999999999\r\n", "invalid multibulk length"],
  ["*1\r\n$x\r\n", "invalid bulk length"],
  ["*1\r\n$-1\r\n", "invalid bulk length"],
  ["*1\r\n$536870913\r\n", "invalid bulk length"],
  ["*1\r\nfoo\r\n", "expected '$', got 'f'"],
  ["*" + "1".repeat(66000), "too big mbulk count string"],
  ["*1\r\n$" + "1".repeat(66000), "too big bulk count string"],
  ["x".repeat(66000), "too big inline request"],
  ["\0" + "PING\r\n".repeat(11000), "too big inline request"],
  ["*\0" + "1\r\n".repeat(22000), "too big mbulk count string"],
  ["*1\r\n$\0" + "1\r\n".repeat(22000), "too big bulk count string"],
  ["set 'a\r\n", "unbalanced quotes in request"],
  ['get "a"b\r\n', "unbalanced quotes in request"],
];

for (const [text, reason] of BROKEN) {
  const shown = JSON.stringify(text.slice(0, 24));
  Deno.test(`RequestDecoder refuses ${shown}: ${reason}`, () => {
    assertEquals(decodeAll(text), {
      frames: [],
      error: `ERR Protocol error: ${reason}`,
    });
  });
}

Deno.test("RequestDecoder judges a wrong line when it is whole", () => {
  for (
    const text of [
      "*x",
      "*x\r",
      "*1\r\nfoo",
      "*1\r\nfoo\r",
      "*1\r\n$x\r",
      "*1\r\n\0\r\n",
    ]
  ) {
    assertEquals(decodeAll(text), { frames: [], error: "" });
  }
});

Deno.test("RequestDecoder waits behind a null byte in a line, as strchr does", () => {
  for (
    const text of [
      "PING\0\r\n",
      '"\0" x\r\n',
      "*\x001\r\n",
      "*1\r\n$4\0\r\nPING\r\n",
    ]
  ) {
    assertEquals(decodeAll(text), { frames: [], error: "" });
  }
});

Deno.test("RequestDecoder limits what a client may send before it is authenticated", () => {
  for (
    const [text, reason] of [
      ["*11\r\n", "unauthenticated multibulk length"],
      ["*1\r\n$16385\r\n", "unauthenticated bulk length"],
    ]
  ) {
    const decoder = new RequestDecoder();
    const state = { ...stateOf(text), isAuthenticated: false };
    decoder.decode(state);
    assertEquals(decoder.error, `ERR Protocol error: ${reason}`);
  }
});
