// `flowscope dap`, driven by the client that Microsoft offers to authors of debug adapters.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { afterEach, beforeEach, test } = require("node:test");
const { DebugClient } = require("@vscode/debugadapter-testsupport");

const FLOWSCOPE = process.env.FLOWSCOPE;
const PROGRAM = path.join(__dirname, "program.py");
const LINES = fs.readFileSync(PROGRAM, "utf8").split("\n");
const LINE_OF_EXEC = LINES.findIndex((line) => line.startsWith("    def exec")) + 1;

let client;

beforeEach(async () => {
  client = new DebugClient(FLOWSCOPE, "dap", "flowscope", {}, true);
  client.defaultTimeout = 20000;
  await client.start();
});

afterEach(() => client.stop());

const configured = (specs, filters = []) =>
  client
    .waitForEvent("initialized")
    .then(() => client.setFunctionBreakpointsRequest({ breakpoints: specs.map((name) => ({ name })) }))
    .then(async (answer) => {
      await client.setExceptionBreakpointsRequest({ filters });
      await client.configurationDoneRequest();
      return answer.body.breakpoints;
    });

const launched = async (specs, more = {}, filters = []) => {
  const [breakpoints, , stopped] = await Promise.all([
    configured(specs, filters),
    client.launch({ program: PROGRAM, ...more }),
    client.waitForEvent("stopped"),
  ]);
  return { breakpoints, stopped: stopped.body };
};

const top = async (threadId) => (await client.stackTraceRequest({ threadId })).body.stackFrames[0];

const variablesOf = async (frameId, scopeName) => {
  const { scopes } = (await client.scopesRequest({ frameId })).body;
  const { variablesReference } = scopes.find((scope) => scope.name === scopeName);
  return (await client.variablesRequest({ variablesReference })).body.variables;
};

test("capabilities are those of a node debugger", async () => {
  const { body } = await client.initializeRequest();
  for (const name of ["ConfigurationDoneRequest", "FunctionBreakpoints", "SetVariable", "ExceptionInfoRequest"]) {
    assert.strictEqual(body["supports" + name], true, name);
  }
});

test("a program runs to its end, with its output and its exit code", async () => {
  const output = [];
  client.on("output", (event) => output.push(event.body));
  const [, , exited] = await Promise.all([
    configured([]),
    client.launch({ program: PROGRAM, args: ["--exit", "3"] }),
    client.waitForEvent("exited"),
    client.waitForEvent("terminated"),
  ]);
  assert.strictEqual(exited.body.exitCode, 3);
  const text = output.filter((each) => each.category === "stdout").map((each) => each.output).join("");
  assert.ok(text.includes("doubled: 42"), text);
});

test("a breakpoint on a node stops there", async () => {
  const { breakpoints, stopped } = await launched(["Double.exec"]);
  assert.strictEqual(breakpoints.length, 1);
  assert.match(stopped.reason, /breakpoint$/);
  const frame = await top(stopped.threadId);
  assert.ok(frame.name.includes("Double"), frame.name);
  assert.strictEqual(frame.source.path, PROGRAM);
  assert.strictEqual(frame.line, LINE_OF_EXEC);
});

test("a line of a node's class is a breakpoint", async () => {
  await client.hitBreakpoint({ program: PROGRAM }, { path: PROGRAM, line: LINE_OF_EXEC });
});

test("scopes, variables, evaluate and setVariable", async () => {
  const { stopped } = await launched(["Show"]);
  const frame = await top(stopped.threadId);
  const shared = await variablesOf(frame.id, "Shared");
  const result = shared.find((variable) => /result/.test(variable.name));
  assert.strictEqual(result.value, "42");
  const sum = await client.evaluateRequest({ expression: "shared['result'] + 1", frameId: frame.id });
  assert.strictEqual(sum.body.result, "43");
  await assert.rejects(client.evaluateRequest({ expression: "1 / 0", frameId: frame.id }), /ZeroDivisionError/);
  const { scopes } = (await client.scopesRequest({ frameId: frame.id })).body;
  const { variablesReference } = scopes.find((scope) => scope.name === "Shared");
  await client.setVariableRequest({ variablesReference, name: result.name, value: "7" });
  const again = await client.evaluateRequest({ expression: "shared['result']", frameId: frame.id });
  assert.strictEqual(again.body.result, "7");
});

test("stepping stays in the lane and reaches the end", async () => {
  const { stopped } = await launched([], { stopOnEntry: true });
  assert.strictEqual(stopped.reason, "entry");
  const { threadId } = stopped;
  const first = (await top(threadId)).name;
  const [, next] = await Promise.all([client.nextRequest({ threadId }), client.waitForEvent("stopped")]);
  assert.strictEqual(next.body.reason, "step");
  assert.notStrictEqual((await top(threadId)).name, first);
  await Promise.all([client.continueRequest({ threadId }), client.waitForEvent("terminated")]);
});

test("an error stops where it was raised, and is told", async () => {
  const { stopped } = await launched([], { args: ["--fail"] }, ["raised"]);
  assert.strictEqual(stopped.reason, "exception");
  const info = (await client.exceptionInfoRequest({ threadId: stopped.threadId })).body;
  assert.match(JSON.stringify(info), /ValueError/);
});

test("a bad break spec is refused in a sentence, and the others hold", async () => {
  const { breakpoints } = await launched(["Double if (", "Show"]);
  assert.strictEqual(breakpoints[0].verified, false);
  assert.match(breakpoints[0].message, /not a Python expression/);
});

test("attach is refused in a sentence", async () => {
  await client.initializeRequest();
  await assert.rejects(client.attachRequest({}), /launch/);
});
