// Parameter files against the parameters of main.bicep.
import { isOfHost, whyForbidden } from './app-settings.mjs';
import { literal } from './bicep-file.mjs';
import { formProblem as textProblem } from './forms.mjs';
import { jsonAt } from './json.mjs';
import { constraintProblem, Types } from './types.mjs';
import { suggestion } from './text.mjs';

const schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#';
const kinds = { string: 'string', int: 'number', bool: 'boolean', object: 'object', array: 'array' };

/** Checks the parameter files beside main.bicep. */
export function checkParameterFiles(project, main, code, data, findings) {
    for (const path of project.list('bicep/parameters')) {
        if (!path.endsWith('.parameters.json')) {
            findings.add(path, 1, 1, 'a parameter file is named NAME.parameters.json');
            continue;
        }
        const root = project.json(path, findings);
        if (root !== undefined && !main.hasError) {
            checkFile(new ParameterFile(path, project, findings), root, main, code, data);
        }
    }
}

/** Says what is wrong with the defaults of parameters. */
export function checkDefaults(file, contract, findings) {
    for (const param of file.params.values()) {
        const value = param.value && literal(param.value);
        const problem =
            value === undefined
                ? undefined
                : (constraintProblem(param, value) ?? formProblem(param.name, value, contract));
        if (problem !== undefined) {
            findings.at(file, param.value, `the default of '${param.name}': ${problem}`);
        }
    }
}

class ParameterFile {
    constructor(path, project, findings) {
        Object.assign(this, { path, project, text: project.read(path), findings });
    }

    say(node, message) {
        this.findings.atOffset(this.path, this.text, node.offset, message);
    }
}

function checkFile(file, root, main, code, data) {
    if (jsonAt(root, '$schema')?.value !== schema) {
        file.say(jsonAt(root, '$schema') ?? root, `'$schema' has to be ${schema}`);
    }
    if (!/^\d+(\.\d+){3}$/.test(jsonAt(root, 'contentVersion')?.value)) {
        file.say(jsonAt(root, 'contentVersion') ?? root, '\'contentVersion\' has to be four numbers: "1.0.0.0"');
    }
    const parameters = jsonAt(root, 'parameters');
    if (parameters?.kind !== 'object') {
        file.say(root, "'parameters' is missing");
        return;
    }
    for (const entry of parameters.entries) {
        checkEntry(file, entry, main, code, data);
    }
    for (const param of main.params.values()) {
        if (param.value === undefined && !parameters.entries.some((one) => one.key === param.name)) {
            file.say(parameters, `'${param.name}' is missing: main.bicep has no default for it`);
        }
    }
    checkTogether(file, parameters, main, data.contract.together);
}

/** Parameters that mean nothing, or fail, without others. */
function checkTogether(file, parameters, main, rules) {
    const given = (name) => parameters.entries.find((one) => one.key === name);
    const valueOf = (name) => {
        const entry = given(name);
        const value = entry === undefined ? main.params.get(name)?.value : undefined;
        return entry === undefined ? value && literal(value) : jsonAt(entry.value, 'value')?.value;
    };
    for (const { when, and, matches, needs, why } of rules) {
        const is = matches === undefined ? Boolean(valueOf(when)) : new RegExp(matches).test(valueOf(when));
        if (given(when) !== undefined && is && (and === undefined || valueOf(and)) && !valueOf(needs)) {
            file.say(given(when), `'${when}' needs '${needs}', too: ${why}`);
        }
    }
}

function checkEntry(file, entry, main, code, data) {
    const param = main.params.get(entry.key);
    if (param === undefined) {
        file.say(entry, `main.bicep has no parameter '${entry.key}'${suggestion(entry.key, main.params.keys())}`);
        return;
    }
    const value = jsonAt(entry.value, 'value');
    if (value === undefined || entry.value.entries.length !== 1) {
        file.say(entry, `write { "value": … } for '${entry.key}'`);
        return;
    }
    const type = Types.declared(param.type);
    if (type !== undefined && value.kind !== kinds[type]) {
        file.say(value, `'${entry.key}' is of type ${type}, and this is of type ${value.kind}`);
        return;
    }
    for (const item of param.type.text === 'string[]' ? value.items : []) {
        if (item.kind !== 'string') {
            file.say(item, `'${entry.key}' has texts, and this is of type ${item.kind}`);
        }
        const itemProblem = formProblem(entry.key, item.value, data.contract);
        if (itemProblem !== undefined) {
            file.say(item, `'${entry.key}': ${itemProblem}`);
        }
    }
    const problem = constraintProblem(param, value.value) ?? formProblem(entry.key, value.value, data.contract);
    if (problem !== undefined) {
        file.say(value, `'${entry.key}': ${problem}`);
    }
    checkSettings(file, entry.key, value, code, data);
}

/** What a text has to look like, where the contract says so. */
function formProblem(name, value, contract) {
    const known = contract.parameters.find((one) => one.name === name);
    return known?.format === undefined || typeof value !== 'string' ? undefined : textProblem(known, value);
}

/** Settings that a parameter file adds are settings, too. */
function checkSettings(file, name, value, code, data) {
    if (name !== 'settings' && name !== 'secretSettings') {
        return;
    }
    for (const entry of value.entries) {
        const forbidden = whyForbidden(entry.key, data);
        if (forbidden !== undefined) {
            file.say(entry, `take '${entry.key}' out, Flex Consumption must not have it: ${forbidden}`);
        } else if (data.values[entry.key] !== undefined && !data.values[entry.key].mayBeGiven) {
            file.say(
                entry,
                `the templates set '${entry.key}' themselves: take it out, and use the parameter that it is made of`,
            );
        } else if (entry.key.startsWith('TRIBUTARY_') && !code.has(entry.key)) {
            file.say(entry, `the code knows no setting '${entry.key}'${suggestion(entry.key, code.keys())}`);
        } else if (entry.key.startsWith('Azure') && !code.has(entry.key) && !isOfHost(entry.key, file.project)) {
            file.say(
                entry,
                `'${entry.key}' is no setting of the Functions host that is known, or names a function that is not there`,
            );
        } else if (!/^[A-Za-z_][\w.]*$/.test(entry.key)) {
            file.say(entry, `'${entry.key}' is no name of an app setting: letters, digits, '_' and '.'`);
        }
        if (entry.value.kind !== 'string') {
            file.say(entry.value, `'${entry.key}' has to be a text`);
        } else if (name === 'secretSettings' && !/^[0-9A-Za-z-]{1,127}$/.test(entry.value.value)) {
            file.say(
                entry.value,
                `'${entry.value.value}' is no name of a secret: letters, digits and '-'; never the secret itself`,
            );
        }
    }
}
