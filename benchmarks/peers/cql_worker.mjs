// Evaluates the measures of the suites with cql-execution. Requests and answers as in cql_worker.py.
// node cql_worker.mjs WORK.json: the folder of the ELM, the value sets, and for each measure its patients.

import { readFileSync, readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const cql = require("cql-execution");
const { PatientSource } = require("cql-exec-fhir");

const work = JSON.parse(readFileSync(process.argv[2], "utf8"));
const elm = readdirSync(work.elm).map((name) => JSON.parse(readFileSync(`${work.elm}/${name}`, "utf8")));
const repository = new cql.Repository(elm);
const codes = new cql.CodeService(work.valueSets);
const libraries = {};
for (const name of Object.keys(work.measures)) {
  const { id, version } = elm.find((each) => each.library.identifier.id === name).library.identifier;
  libraries[name] = repository.resolve(id, version);
}
const now = cql.DateTime.parse("2026-12-01T00:00:00.000+00:00");
const source = PatientSource.FHIRv401(); // Reads its model when it is made: once is enough.
const members = (value) => (Array.isArray(value) ? value.length : value === true ? 1 : 0);

async function evaluate(name, { bundle, start, end }, expressions) {
  source.reset();
  source.loadBundles([bundle]);
  const period = new cql.Interval(cql.DateTime.parse(start), cql.DateTime.parse(end));
  const library = libraries[name];
  const parameters = { "Measurement Period": period };
  const context = new cql.PatientContext(library, source.currentPatient(), codes, parameters, now);
  const values = [];
  // What one expression has found is kept in the context for the next.
  for (const each of expressions) values.push(await library.expressions[each].execute(context));
  return values;
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const found = [];
  for (const patient of work.measures[request.measure]) {
    const start = process.hrtime.bigint();
    let values = null;
    try {
      values = await evaluate(request.measure, patient, request.expressions);
    } catch (error) {
      if (request.do === "time") throw error;
    }
    const spent = Number(process.hrtime.bigint() - start) / 1e6;
    found.push(request.do === "time" ? spent : values && values.map(members));
  }
  process.stdout.write(JSON.stringify(found) + "\n");
}
