// Translates CQL libraries with the reference translator (npm @cqframework/cql) to ELM JSON with result types.
// node elm_reference.mjs <folder of model infos> <folder of CQL> <folder for ELM> [<folder of included CQL>]
import fs from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [models, sources, target, others] = process.argv.slice(2);
const found = createRequire(process.cwd() + "/").resolve("@cqframework/cql/cql-to-elm");
const {
  CqlCompilerOptions, CqlTranslator, LibraryManager, ModelManager,
  createLibrarySourceProvider, createModelInfoProvider, createUcumService, stringAsSource,
} = await import(pathToFileURL(found));

const infos = {
  System: "system-modelinfo.xml",
  FHIR: "fhir-modelinfo-4.0.1.xml",
  QICore: "qicore-modelinfo-6.0.0.xml",
  USCore: "uscore-modelinfo-6.1.0.xml",
};
const read = (path) => (fs.existsSync(path) ? stringAsSource(fs.readFileSync(path, "utf8")) : null);
const modelManager = new ModelManager();
modelManager.modelInfoLoader.registerModelInfoProvider(
  createModelInfoProvider((name) => (infos[name] ? read(`${models}/${infos[name]}`) : null)),
);
const options = new CqlCompilerOptions();
for (const each of CqlCompilerOptions.Options.values()) {
  if (each.name === "EnableResultTypes") options.options.asJsSetView().add(each);
}
const anyUnit = createUcumService((value) => value, () => null, (one) => one, (one) => one);
const libraryManager = new LibraryManager(modelManager, options, undefined, anyUnit);
libraryManager.librarySourceLoader.registerProvider(
  createLibrarySourceProvider((name) => read(`${sources}/${name}.cql`) ?? read(`${others}/${name}.cql`)),
);
for (const name of fs.readdirSync(sources).filter((each) => each.endsWith(".cql"))) {
  const translator = CqlTranslator.fromText(fs.readFileSync(`${sources}/${name}`, "utf8"), libraryManager);
  fs.writeFileSync(`${target}/${name.replace(".cql", ".json")}`, translator.toJson());
}
