// Checks the Bicep files, their parameter files, and whether settings, outputs and texts agree with the rest of the project.
//
//   node tests/Unit/Bicep/checker/check.mjs [ROOT]          prints FILE:LINE:COLUMN: what is wrong; exit code 1 if anything is
//   node tests/Unit/Bicep/checker/check.mjs ROOT --overlays  reads [{path: text|null}, …] as JSON from standard input, and
//                                                           prints the findings with each laid over the project, as JSON
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { literal, readBicep } from './bicep-file.mjs';
import { checkAppSettings, codeSettings } from './app-settings.mjs';
import { checkCodeTexts } from './code-texts.mjs';
import { checkModules, checkUnusedOutputs } from './modules.mjs';
import { checkNames } from './names.mjs';
import { checkDeployedNames, checkOperands } from './operands.mjs';
import { checkOrder } from './order.mjs';
import { checkOutputs } from './outputs.mjs';
import { checkDefaults, checkParameterFiles } from './parameter-files.mjs';
import { Project } from './project.mjs';
import { checkResources } from './resources.mjs';
import { checkGrants, checkRoleNumbers } from './roles.mjs';
import { checkSyntax } from './syntax.mjs';
import { Findings } from './text.mjs';
import { Types } from './types.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const mainPath = 'bicep/main.bicep';
const noGrammar = 3;
const trees = new Map();

const data = {
    language: readData('language'),
    resourceTypes: readData('resource-types'),
    invariants: readData('invariants'),
    roles: readData('roles'),
    appSettings: readData('app-settings'),
    outputs: readData('outputs'),
};

function readData(name) {
    return JSON.parse(fs.readFileSync(path.join(here, 'data', `${name}.json`), 'utf8'));
}

/** The findings of a project, as lines. */
function check(project, parser) {
    const findings = new Findings();
    const files = project.list('bicep', '.bicep').map((one) => parsed(one, project.read(one), parser));
    const byPath = new Map(files.map((file) => [file.path, file]));
    const main = byPath.get(mainPath);
    if (main === undefined) {
        findings.add(mainPath, 1, 1, 'this file is missing');
        return findings.sorted();
    }
    const world = worldOf(byPath);
    for (const file of files) {
        checkSyntax(file, findings);
        if (!file.hasError) {
            checkNames(file, data.language, findings);
            checkModules(file, world, findings);
            checkResources(file, world, findings);
            checkOrder(file, findings);
            checkOperands(file, world, findings);
            checkDeployedNames(file, findings);
            checkRoleNumbers(file, data.roles, findings);
            checkDefaults(file, data.outputs, findings);
        }
    }
    const whole = files.filter((file) => !file.hasError);
    const isWhole = whole.length === files.length;
    if (isWhole) {
        checkUnusedOutputs(files, mainPath, world, findings);
        checkUnusedFiles(files, world, findings);
    }
    checkGrants(files, data.roles, findings);
    checkAppSettings(project, whole, isWhole, data.appSettings, findings);
    const settings = { ...data.appSettings, contract: data.outputs };
    checkParameterFiles(project, main, codeSettings(project), settings, findings);
    checkOutputs(project, files, main, data.outputs, data.roles, findings);
    checkCodeTexts(project, files, data.outputs, findings);
    return findings.sorted();
}

/** Files as they are in most overlays are parsed once. */
function parsed(name, text, parser) {
    const key = `${name}\n${text}`;
    if (!trees.has(key)) {
        trees.set(key, readBicep(name, text, parser));
    }
    return trees.get(key);
}

function worldOf(byPath) {
    const pathOf = (file, declaration) =>
        path.posix.join(path.posix.dirname(file.path), literal(declaration.target) ?? '');
    const world = {
        data,
        language: data.language,
        moduleOf: (file, declaration) => byPath.get(pathOf(file, declaration)),
        modulePaths: (file) => [...byPath.keys()].map((one) => path.posix.relative(path.posix.dirname(file.path), one)),
    };
    world.types = new Types(world);
    return world;
}

function checkUnusedFiles(files, world, findings) {
    const used = new Set(
        files.flatMap((file) => [...file.modules.values()].map((one) => world.moduleOf(file, one)?.path)),
    );
    for (const file of files.filter((one) => one.path !== mainPath && !used.has(one.path))) {
        findings.add(file.path, 1, 1, 'no file uses this module: use it, or take it out');
    }
}

async function createParser(root) {
    const modules = path.join(root, 'node_modules');
    const grammar = path.join(modules, 'tree-sitter-bicep', 'tree-sitter-bicep.wasm');
    const library = path.join(modules, 'web-tree-sitter', 'web-tree-sitter.js');
    if (!fs.existsSync(grammar) || !fs.existsSync(library)) {
        process.stderr.write(
            'The grammar of Bicep is not there: run `npm ci --ignore-scripts` in the root of the project.\n',
        );
        process.exit(noGrammar);
    }
    const { Language, Parser } = await import(library);
    await Parser.init();
    const parser = new Parser();
    parser.setLanguage(await Language.load(grammar));
    return parser;
}

const root = path.resolve(process.argv[2] ?? path.join(here, '..', '..', '..', '..'));
const parser = await createParser(root);
const cache = new Map();
if (process.argv[3] === '--overlays') {
    const overlays = JSON.parse(fs.readFileSync(0, 'utf8'));
    process.stdout.write(JSON.stringify(overlays.map((over) => check(new Project(root, over, cache), parser))));
} else {
    const lines = check(new Project(root, {}, cache), parser);
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    process.exitCode = lines.length === 0 ? 0 : 1;
}
