/**
 * House rules that need a syntax tree, as a plugin of `deno lint` (see
 * deno.json), so that editors show them too. Rules about files and about how
 * they import each other are in tidy.ts.
 */

/** Longer functions do more than one thing; a table of data is not a function. */
export const FUNCTION_LINES_MAX = 70;

/** Code that must get time and chance from its caller, so that tests can. */
const INJECTED_ONLY =
  /\/lib\/(commands|types|keyspace|router)\/(?!.*_test\.ts$)/;

type FunctionNode =
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression
  | Deno.lint.ArrowFunctionExpression;

const functionLength: Deno.lint.Rule = {
  create(context) {
    function checkLength(node: FunctionNode): void {
      const lines = context.sourceCode.getText(node).split("\n").length;
      if (lines <= FUNCTION_LINES_MAX) return;
      context.report({
        node,
        message: `function of ${lines} lines; at most ${FUNCTION_LINES_MAX}`,
      });
    }
    return {
      FunctionDeclaration: checkLength,
      FunctionExpression: checkLength,
      ArrowFunctionExpression: checkLength,
    };
  },
};

const injectedTimeAndChance: Deno.lint.Rule = {
  create(context) {
    if (!INJECTED_ONLY.test(context.filename.replaceAll("\\", "/"))) return {};
    return {
      CallExpression(node) {
        const text = context.sourceCode.getText(node.callee);
        if (!/^(Date\.now|Math\.random|performance\.now)$/.test(text)) return;
        context.report({
          node,
          message:
            `${text}() is not repeatable; take time and chance from the caller`,
        });
      },
      NewExpression(node) {
        if (context.sourceCode.getText(node) !== "new Date()") return;
        context.report({
          node,
          message:
            "new Date() is not repeatable; take the time from the caller",
        });
      },
    };
  },
};

const bytesNotLatin1: Deno.lint.Rule = {
  create(context) {
    return {
      NewExpression(node) {
        const text = context.sourceCode.getText(node);
        if (!/^new TextDecoder\("(latin1|iso-8859-1|ascii)"/.test(text)) return;
        context.report({
          node,
          message:
            "this label means windows-1252, which changes 27 byte values; use node:buffer's latin1",
        });
      },
    };
  },
};

const plugin: Deno.lint.Plugin = {
  name: "tsredis",
  rules: {
    "function-length": functionLength,
    "injected-time-and-chance": injectedTimeAndChance,
    "bytes-not-latin1": bytesNotLatin1,
  },
};
export default plugin;
