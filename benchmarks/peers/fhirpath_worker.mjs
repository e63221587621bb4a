// Evaluates FHIRPath with fhirpath.js. Requests and answers as in fhirpath_worker.py.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const fhirpath = require("fhirpath");
const r4 = require("fhirpath/fhir-context/r4");

const { resources, cases } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const ready = [];
console.log = () => {}; // trace() writes here.

function check(each, number) {
  try {
    const evaluate = fhirpath.compile(each.expression, r4);
    ready[number] = evaluate;
    let count = 0;
    for (const one of each.resources) {
      const found = evaluate(resources[one]);
      if (!Array.isArray(found)) return null;
      count += found.length;
    }
    return count;
  } catch {
    return null;
  }
}

function timed(number, seconds) {
  const evaluate = ready[number];
  const given = cases[number].resources.map((one) => resources[one]);
  const limit = seconds * 1e9;
  let count = 0;
  const start = process.hrtime.bigint();
  for (;;) {
    for (const one of given) evaluate(one);
    count += given.length;
    const spent = Number(process.hrtime.bigint() - start);
    if (spent >= limit) return spent / count / 1e3;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const answer =
    request.do === "check" ? cases.map(check) : request.cases.map((each) => timed(each, request.seconds));
  process.stdout.write(JSON.stringify(answer) + "\n");
}
