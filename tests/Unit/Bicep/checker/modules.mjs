// Modules: their files, their parameters, their outputs.
import { bare, bodyOf, isConditional, literal, propertyAt, properties, walk } from './bicep-file.mjs';
import { memberPath, Types } from './types.mjs';
import { suggestion } from './text.mjs';

const moduleKeys = ['name', 'params', 'scope', 'dependsOn'];

/** Checks the modules that a file uses, and what it takes from them. */
export function checkModules(file, world, findings) {
    for (const module of file.modules.values()) {
        checkModule(file, module, world, findings);
    }
    checkDefaults(file, world, findings);
    for (const declaration of file.declarations.filter((one) => one.value !== undefined)) {
        for (const node of walk(declaration.value)) {
            if (node.type === 'member_expression' && node.parent?.childForFieldName?.('object')?.id !== node.id) {
                checkMember(file, node, world, findings);
            }
        }
    }
}

/** Modules' outputs that no file takes. */
export function checkUnusedOutputs(files, main, world, findings) {
    const taken = new Set();
    for (const file of files) {
        for (const node of walk(file.root)) {
            const member = node.type === 'member_expression' ? memberPath(node) : undefined;
            const module = member && file.modules.get(member.root);
            if (module !== undefined && member.path[0]?.text === 'outputs' && member.path.length > 1) {
                taken.add(`${world.moduleOf(file, module)?.path} ${member.path[1].text}`);
            }
        }
    }
    for (const file of files.filter((one) => one.path !== main)) {
        for (const output of file.outputs.values()) {
            if (!taken.has(`${file.path} ${output.name}`)) {
                findings.at(file, output.nameNode, `nobody takes the output '${output.name}': use it, or take it out`);
            }
        }
    }
}

function checkModule(file, module, world, findings) {
    const path = literal(module.target);
    if (path === undefined || /^\/|\\/.test(path)) {
        findings.at(file, module.target, "write the module's file as a plain text, from here and with /: 'modules/NAME.bicep'");
        return;
    }
    const target = world.moduleOf(file, module);
    if (target === undefined) {
        const near = suggestion(path ?? '', world.modulePaths(file));
        findings.at(file, module.target, `there is no file '${path}' beside this one${near}`);
        return;
    }
    const body = bodyOf(module);
    if (body === undefined || target.hasError) {
        return;
    }
    for (const { key, keyNode } of properties(body)) {
        if (key !== undefined && !moduleKeys.includes(key)) {
            findings.at(file, keyNode, `a module has no '${key}'${suggestion(key, moduleKeys)}`);
        }
    }
    const params = bare(propertyAt(body, 'params'));
    const given = params?.type === 'object' ? properties(params) : [];
    checkGiven(file, given, target, world, findings);
    for (const param of target.params.values()) {
        const isNeeded = param.value === undefined && !param.type.text.endsWith('?');
        if (isNeeded && !given.some((one) => one.key === param.name)) {
            findings.at(
                file,
                module.nameNode,
                `module '${module.name}' needs the parameter '${param.name}' of ${target.path}: add it to params`,
            );
        }
    }
}

function checkGiven(file, given, target, world, findings) {
    const seen = new Set();
    for (const { key, keyNode, value } of given) {
        const param = target.params.get(key);
        if (param === undefined) {
            findings.at(
                file,
                keyNode,
                `${target.path} has no parameter '${key}'${suggestion(key, target.params.keys())}`,
            );
            continue;
        }
        if (seen.has(key)) {
            findings.at(file, keyNode, `'${key}' is given twice: leave one out`);
        }
        seen.add(key);
        mustBe(file, value, Types.declared(param.type), `the parameter '${key}' of ${target.path}`, world, findings);
        checkWiring(file, key, value, world, findings);
    }
}

/** Parameters that mean one thing only, wherever they are given; and those that go on under their own name. */
function checkWiring(file, key, value, world, findings) {
    const wanted = world.data.invariants.wiring.find((one) => one.param === key);
    if (wanted !== undefined && !wanted.is.includes(value.text)) {
        findings.at(file, value, `'${key}' has to be ${wanted.is.join(' or ')}: ${wanted.why}`);
    } else if (key !== 'name' && file.params.has(key) && value.type === 'identifier' && value.text !== key) {
        findings.at(
            file,
            value,
            `'${key}' is given '${value.text}', though this file has a parameter '${key}': exchanged?`,
        );
    }
}

function checkDefaults(file, world, findings) {
    for (const one of [...file.params.values(), ...file.outputs.values()]) {
        if (one.value !== undefined) {
            mustBe(file, one.value, Types.declared(one.type), `'${one.name}'`, world, findings);
        }
    }
}

function mustBe(file, value, wanted, what, world, findings) {
    const actual = world.types.of(file, value);
    if (wanted !== undefined && actual !== undefined && actual !== 'null' && actual !== wanted) {
        findings.at(file, value, `${what} is of type ${wanted}, and this is of type ${actual}`);
    }
}

function checkMember(file, node, world, findings) {
    const { root, path, isSure } = memberPath(node) ?? { path: [] };
    const module = root && file.modules.get(root);
    if (module !== undefined) {
        checkOutput(file, module, path, isSure, world, findings);
        return;
    }
    const literalObject = bare(file.vars.get(root)?.value);
    if (literalObject?.type === 'object' && path.length > 0 && node.type === 'member_expression') {
        const known = properties(literalObject).map((one) => one.key);
        if (!known.includes(path[0].text)) {
            findings.at(file, path[0], `'${root}' has no '${path[0].text}'${suggestion(path[0].text, known)}`);
        }
        return;
    }
    checkAmbient(file, node, world, findings);
}

function checkOutput(file, module, path, isSure, world, findings) {
    const target = world.moduleOf(file, module);
    if (target === undefined || target.hasError || path.length === 0) {
        return;
    }
    if (path[0].text !== 'outputs') {
        if (path[0].text !== 'name') {
            findings.at(file, path[0], `a module has only 'outputs' and 'name', not '${path[0].text}'`);
        }
        return;
    }
    if (path.length > 1 && !target.outputs.has(path[1].text)) {
        findings.at(
            file,
            path[1],
            `${target.path} has no output '${path[1].text}'${suggestion(path[1].text, target.outputs.keys())}`,
        );
    }
    if (isConditional(module) && !isSure) {
        const name = module.name;
        findings.at(
            file,
            path[0],
            `'${name}' is there only under its condition: ask for it, and write ${name}!.outputs behind it`,
        );
    }
}

function checkAmbient(file, node, world, findings) {
    for (let one = node; one?.type === 'member_expression'; one = one.childForFieldName('object')) {
        const property = one.childForFieldName('property');
        const object = one.childForFieldName('object').text;
        const known = world.language.ambient[object.replace(/\(\)$/, '')];
        if (known !== undefined && !known.includes(property.text)) {
            findings.at(file, property, `${object} has no '${property.text}'${suggestion(property.text, known)}`);
        }
    }
}
